"""The time of one run: what is left, what is reserved for its end, until when a phase may go on.

Every phase asks the TimeBudget; all shares and margins stand in `limits.py`. A run whose
budget is a number of trials has no clock: nothing is reserved then, and most limits are None.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from automl_core.runs.record import Trial
from automl_core.runs.schedule import limits


class TimedFit(Protocol):
    """A fit whose time is known in advance."""

    @property
    def seconds(self) -> float:
        """Seconds of the fit itself."""
        ...

    @property
    def encode_seconds(self) -> float:
        """Seconds to encode the rows, where a worker has not encoded them that way yet."""
        ...

    @property
    def encoding(self) -> object:
        """Fits of an equal encoding share the encoded rows of a worker."""
        ...

    @property
    def saved_ms(self) -> float:
        """Milliseconds a row that the final model predicts faster with it, as expected."""
        ...


def _nothing() -> float:
    return 0.0


@dataclass(frozen=True)
class TimeBudget:
    """The clock of one run."""

    given: float | None  # seconds from Start until the final model is on disk; None: no clock
    workers: int  # tasks that may be out at once
    began: float  # `now` at Start
    now: Callable[[], float] = time.monotonic
    added: Callable[[], float] = _nothing  # seconds added to `given` since Start
    paused: Callable[[], float] = _nothing  # seconds since Start in which the clock stood still

    @property
    def seconds(self) -> float | None:
        """Seconds of budget as they are now; None without a clock."""
        return None if self.given is None else self.given + self.added()

    @property
    def has_clock(self) -> bool:
        """True where seconds limit the run, not a number of trials."""
        return self.seconds is not None

    @property
    def elapsed(self) -> float:
        """Seconds since Start, pauses apart."""
        return self.now() - self.began - self.paused()

    @property
    def worker_seconds(self) -> float:
        """Seconds since Start of all workers together."""
        return self.elapsed * self.workers

    @property
    def remaining(self) -> float | None:
        """Seconds until the whole budget is used up, below 0 after; None without a clock."""
        return None if self.seconds is None else self.seconds - self.elapsed

    @property
    def is_short(self) -> bool:
        """True where the run is too short for what only pays in the long run."""
        return self.seconds is not None and self.seconds < limits.SHORT_RUN

    @property
    def has_probes(self) -> bool:
        """True where families are probed before their first trial."""
        return self.seconds is not None and self.seconds >= limits.PROBES_FROM

    # Reserves

    def training_left(
        self, best: Trial | None, rows_test: int, refits: Iterable[TimedFit]
    ) -> float | None:
        """Seconds of training left before the refits and the end; None without a clock.

        `best` is the model that the run would end with, `refits` the fits on all rows that it
        would be made of.
        """
        if self.remaining is None:
            return None
        left = self.remaining - self.end_reserve(best, rows_test)
        seconds, saved_ms = self._refits_in_time(refits, left)
        return left - seconds + self._scoring_saved(best, rows_test, saved_ms)

    def end_reserve(self, best: Trial | None, rows_test: int) -> float:
        """Seconds kept for the end of a run whose model is `best`: test rows scored, files written.

        0 without a clock.
        """
        if self.seconds is None:
            return 0.0
        return self._end_without_scoring() + self._scoring(best, rows_test)

    def _scoring(self, best: Trial | None, rows_test: int, saved_ms: float = 0.0) -> float:
        """Seconds to score the test rows with `best`, each predicted `saved_ms` faster."""
        if best is None or not rows_test:
            return 0.0
        ms, size = max(0.0, (best.predict_ms_per_row or 0.0) - saved_ms), best.size_bytes or 0
        rows = rows_test / self.workers
        # what was measured on a thousand rows is partly the cost of a call
        at_full_price = min(rows, limits.SCORING_TIMED) + limits.SCORING_BULK * max(
            0.0, rows - limits.SCORING_TIMED
        )
        seconds = limits.SCORING_MARGIN * at_full_price * ms / 1000
        most = limits.SCORING_MOST_SHARE * (self.seconds or 0.0)
        return min(most, seconds + size / limits.LOADED_A_SECOND)

    def _scoring_saved(self, best: Trial | None, rows_test: int, saved_ms: float) -> float:
        saved_ms *= limits.SCORING_SAVED
        return self._scoring(best, rows_test) - self._scoring(best, rows_test, saved_ms)

    def _end_without_scoring(self) -> float:
        seconds = self.seconds or 0.0
        return min(
            limits.END_MOST_SHARE * seconds,
            limits.END_FIXED + limits.END_SHARE * seconds,
        )

    def refit_reserve(self, refits: Iterable[TimedFit], left: float) -> float:
        """Seconds kept for those refits that end in time, of the `left` before the end.

        What would not end in time is not waited for. 0 without a clock.
        """
        return self._refits_in_time(refits, left)[0]

    def _refits_in_time(self, refits: Iterable[TimedFit], left: float) -> tuple[float, float]:
        """Those seconds, and the milliseconds a row that these refits save."""
        if self.seconds is None:
            return 0.0, 0.0
        gap = min(limits.REFIT_GAP, limits.REFIT_GAP_SHARE * self.seconds)
        # a bit more than is left: who asks again and again must not miss the moment to stop
        most = min(
            limits.REFIT_SHARE * self.seconds - gap,
            limits.REFIT_SLACK * (left - gap) + limits.REFIT_MOMENT,
        )
        seconds, saved_ms = self._time_of(refits, most)
        return (gap + seconds, saved_ms) if seconds else (0.0, 0.0)

    def _time_of(self, fits: Iterable[TimedFit], most: float) -> tuple[float, float]:
        """Seconds until all workers together have made those fits that end within `most`.

        And the milliseconds a row that these save.
        """
        ends, saved_ms = [0.0] * self.workers, 0.0
        encoded: list[set[object]] = [set() for _ in ends]
        for fit in fits:
            worker = ends.index(min(ends))
            known = fit.encoding in encoded[worker]
            end = ends[worker] + fit.seconds + (0.0 if known else fit.encode_seconds)
            if end <= most:
                ends[worker] = end
                encoded[worker].add(fit.encoding)
                saved_ms += fit.saved_ms
        return max(ends), saved_ms

    # Limits of tasks

    def fold_limit(self, left: float | None, folds: int, at_once: int) -> float | None:
        """Seconds that one fold of a trial may take that starts now; None without a clock.

        All its folds together, `at_once` of them at the same time, get a share of what is
        `left`, so that trials that start first get most and there is always time for another
        family; what ends early leaves its time to the others.
        """
        if left is None or self.seconds is None:
            return None
        wall = max(
            limits.TRIAL_SHARE * left,
            min(limits.TRIAL_MOST_SHARE * left, limits.TRIAL_LEAST_SHARE * self.seconds),
        )
        return max(limits.FOLD_LEAST, min(limits.TRIAL_MOST_SHARE * left, wall * at_once / folds))

    def network_limit(self, left: float, folds: int, at_once: int) -> float:
        """Seconds that one fold may take of the network that each run trains, whatever else leads.

        All its folds get a fixed share of the budget, as far as it is `left`.
        """
        wall = limits.NETWORK_SHARE * (self.seconds or 0.0)
        return min(limits.TRIAL_MOST_SHARE * left, wall * min(at_once, folds) / folds)

    def selection_seconds(self, tasks: int, is_wide: bool) -> float | None:
        """Seconds of one of `tasks` selections of columns; None without a clock.

        `is_wide`: columns are many for the rows.
        """
        share = limits.SELECTION_WIDE_SHARE if is_wide else limits.SELECTION_SHARE
        return self._selection(tasks, share)

    def pairs_seconds(self, tasks: int) -> float | None:
        """Seconds of one of `tasks` searches for pairs of columns; None without a clock."""
        return self._selection(tasks, limits.PAIRS_SHARE)

    def _selection(self, tasks: int, share: float) -> float | None:
        if self.seconds is None:
            return None
        at_once = min(self.workers, tasks)
        if tasks > 1:  # then all workers are at it
            share *= limits.SELECTION_BY_FOLD
        return at_once / tasks * min(limits.SELECTION_MOST, share * self.seconds)

    def embedding_seconds(self) -> float | None:
        """Seconds to embed the texts; None without a clock."""
        return None if self.seconds is None else limits.EMBEDDING_SHARE * self.seconds

    def importance_seconds(self, spent: float) -> float:
        """Seconds of the next task of live importance, after `spent` worker seconds; 0: none."""
        seconds = min(
            limits.IMPORTANCE_SLICE, limits.IMPORTANCE_SHARE * self.worker_seconds - spent
        )
        return seconds if seconds >= limits.IMPORTANCE_LEAST else 0.0

    def ensemble_seconds(self, last: bool, stopped: bool = False) -> float:
        """Seconds to solve the ensemble, at the end of the run where it is the `last` time."""
        if not last:
            return limits.ENSEMBLE_LIVE
        hurry = self.has_clock or stopped
        return limits.ENSEMBLE_LAST if hurry else limits.ENSEMBLE_UNHURRIED

    # Deadlines of the last phase, in seconds from now

    def collect_seconds(self, stopped: bool, refits: Iterable[TimedFit]) -> float:
        """Seconds to collect what the workers have when training is over."""
        if stopped or not self.has_clock:
            return limits.STOP_COLLECT
        left = self.last_tasks_seconds(stopped)
        return max(
            limits.COLLECT_LEAST,
            (1 - limits.SCORING_SHARE) * (left - self.refit_reserve(refits, left)),
        )

    def refit_seconds(
        self, model: Trial, rows_test: int, refits: Iterable[TimedFit]
    ) -> float | None:
        """Seconds until these refits have to be there; None without a clock."""
        if self.remaining is None:
            return None
        spent_before = (1 - limits.AFTER_REFITS) * self._end_without_scoring()
        left = self.remaining - (self.end_reserve(model, rows_test) - spent_before)
        _, saved_ms = self._refits_in_time(refits, left)
        return left + self._scoring_saved(model, rows_test, saved_ms)

    def last_tasks_seconds(self, stopped: bool) -> float:
        """Seconds to score the test rows and to complete the importance."""
        if stopped:
            return limits.STOP_LAST_TASKS
        left = self.remaining
        return limits.LAST_TASKS_UNHURRIED if left is None else max(limits.LAST_TASKS_LEAST, left)

    def last_importance_seconds(self, stopped: bool) -> float:
        """Seconds of those for importance."""
        return min(
            limits.LAST_IMPORTANCE_SHARE * self.last_tasks_seconds(stopped),
            limits.LAST_IMPORTANCE_MOST,
        )

    def grace_seconds(self, stopped: bool) -> float:
        """Seconds after the budget in which test rows may still get their score."""
        return 0.0 if stopped or self.seconds is None else limits.GRACE * self._tolerance()

    def unused_seconds(self) -> float:
        """Seconds of the budget that are left over, where they are worth a word; else 0."""
        left = self.remaining
        return left if left is not None and left > self._tolerance() else 0.0

    def _tolerance(self) -> float:
        return max(limits.TOLERANCE, limits.TOLERANCE_SHARE * (self.seconds or 0.0))
