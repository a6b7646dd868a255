"""The open trials of a run: their folds in order, the results of those, their end.

Neither talks to workers nor writes the log; what is tried next is the proposer's business.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from automl_core.runs.executor import FamilyFilter, FoldFitted, FoldTask, any_family, no_family
from automl_core.runs.record import (
    FitFacts,
    FoldFinished,
    OutOfFold,
    RunSpec,
    RunState,
    Trial,
    TrialFinished,
    TrialStarted,
)
from automl_core.runs.schedule import policy
from automl_core.runs.setup import Targets
from automl_core.splitting import Folds
from automl_core.types import Files, Origin, StopReason, TrialStatus


@dataclass
class _Open:
    """A trial that is being trained."""

    parts: dict[int, FoldFitted] = field(default_factory=dict)
    waiting: deque[int] = field(default_factory=deque)  # folds not started
    held: list[int] = field(default_factory=list)  # folds that wait for the first one's score
    running: set[int] = field(default_factory=set)
    needed: int = 1  # folds that make it complete
    group: int | None = None  # trials of one group are trained as one; None: it is of none

    def forget(self, fold: int) -> None:
        """The fold need not be started."""
        if fold in self.waiting:
            self.waiting.remove(fold)
        if fold in self.held:
            self.held.remove(fold)


@dataclass(frozen=True, eq=False)
class TrialEnd:
    """A trial's end: the event, and what goes to disk before it is logged."""

    finished: TrialFinished
    members: list[Files]  # in the order of folds
    fits: tuple[FitFacts, ...]  # in the order of folds
    oof: OutOfFold | None  # None: folds are missing, there is no model


class TrialTracker:
    """The open trials of one run, from their first fold to their end.

    A trial has the first `started` folds of its partition, and is compared on their rows; one of
    a further partition has all of them, so that its rows are among those, too.
    """

    def __init__(
        self, spec: RunSpec, state: RunState, folds: Folds, truth: Targets, started: int
    ) -> None:
        self._spec, self._state, self._folds, self._truth = spec, state, folds, truth
        self._started = started
        self._compared = np.sort(np.concatenate(folds.valid[:started]))
        self._open: dict[int, _Open] = {}
        self.withdrawn = False  # nothing is started any more

    @property
    def open_trials(self) -> tuple[int, ...]:
        """Trials that are being trained."""
        return tuple(self._open)

    def admit(
        self, started: TrialStarted, together: bool = False, group: int | None = None
    ) -> None:
        """Queue the folds of a trial that has just been logged, those of its partition; a
        searched one goes on after its first fold only if that was good enough, unless all its
        folds are trained `together`. Trials of one `group` are trained as one."""
        k = self._folds.k
        count = k if started.origin == Origin.REPEAT else self._started
        folds = list(range(started.repeat * k, started.repeat * k + count))
        first = folds[:1] if started.origin == Origin.SEARCH and not together else folds
        held = [f for f in folds if f not in first]
        self._open[started.trial] = _Open(
            waiting=deque(first), held=held, needed=count, group=group
        )

    def next_jobs(
        self, is_free: FamilyFilter = any_family, together: FamilyFilter = no_family
    ) -> tuple[FoldTask, ...]:
        """The next fold to start, trials in order, of a family that `is_free` allows; all folds
        of the trial where they are trained `together`, and of its group. None: an empty tuple."""
        for number, entry in self._open.items():
            trial = self._state.trials[number]
            if entry.waiting and is_free(trial.family):
                if entry.group is not None:
                    return self._jobs_of_group(entry.group)
                count = len(entry.waiting) if together(trial.family) else 1
                folds = [entry.waiting.popleft() for _ in range(count)]
                entry.running.update(folds)
                return tuple(self._job(trial, fold) for fold in folds)
        return ()

    def _jobs_of_group(self, group: int) -> tuple[FoldTask, ...]:
        """All folds of a group that wait; searched trials are each other's rivals."""
        jobs = []
        for number, entry in self._open.items():
            if entry.group == group:
                trial = self._state.trials[number]
                rival = trial.origin == Origin.SEARCH and not entry.parts
                folds, entry.waiting = list(entry.waiting), deque()
                entry.running.update(folds)
                jobs += [replace(self._job(trial, fold), rival=rival) for fold in folds]
        return tuple(jobs)

    def _job(self, trial: Trial, fold: int) -> FoldTask:
        prune: tuple[tuple[float, float], ...] = ()
        first = fold % self._folds.k == 0 and not trial.fold_scores
        if trial.origin == Origin.SEARCH and first:  # judged once, on its first fold
            prune = policy.prune_rule(
                self._state,
                trial.family,
                self._spec.metric,
                fold,
                _before(self._spec, trial.number),
            )
        seed = seed_of(self._spec, trial.number, fold)
        return FoldTask(trial.number, fold, trial.family, trial.config, seed, prune)

    def take(self, part: FoldFitted) -> FoldFinished | None:
        """A fold came back, or is known from before an interruption.

        None where its trial has ended meanwhile.
        """
        trial, fold = part.trial, part.fold
        entry = self._open.get(trial)
        if entry is None:
            return None
        entry.running.discard(fold)
        entry.forget(fold)
        entry.parts[fold] = part
        rows = self._folds.valid[fold]
        return fold_finished(part, self._truth.score(self._spec.metric, rows, part.prediction))

    def put_back(self, trial: int, folds: tuple[int, ...]) -> None:
        """The worker that trained these folds has died; they come next, in their order."""
        if (entry := self._open.get(trial)) is not None:
            entry.running.difference_update(folds)
            entry.waiting.extendleft(reversed(folds))

    def cut(self, trial: int, fold: int) -> bool:
        """The time did not suffice for this fold, and no more start; False where none is left.

        Those that are fitted, or train still, are kept.
        """
        entry = self._open.get(trial)
        if entry is None:
            return False
        entry.running.discard(fold)
        entry.waiting.clear()
        entry.held.clear()
        return bool(entry.parts or entry.running)

    def drop(self, trial: int) -> None:
        """Forget a trial that failed."""
        self._open.pop(trial, None)

    def withdraw(self) -> None:
        """Start nothing more: the run is about to end."""
        self.withdrawn = True
        for entry in self._open.values():
            entry.waiting.clear()
            entry.held.clear()

    def miss(self, trial: int, fold: int | None = None) -> None:
        """This fold will not come back (None: none that is out); the others are kept."""
        if (entry := self._open.get(trial)) is not None:
            entry.running -= {fold} if fold is not None else entry.running.copy()

    def end_if_done(self, trial: int) -> TrialEnd | None:
        """The trial's end where no fold is left; else None, and folds that were held are queued."""
        entry = self._open.get(trial)
        if entry is None:
            return None
        pruned = any(p.reason == StopReason.PRUNED for p in entry.parts.values())
        if entry.held and entry.parts:
            first = next(iter(entry.parts))
            pruned = pruned or policy.fold_is_hopeless(
                self._state, self._state.trials[trial], self._spec.metric, first,
                _before(self._spec, trial),
            )  # fmt: skip
            entry.waiting.extend([] if pruned else entry.held)
            entry.held.clear()
        if pruned:
            entry.waiting.clear()
        if entry.waiting or entry.running or entry.held:
            return None
        del self._open[trial]
        return self._end(trial, entry, pruned)

    def _end(self, trial: int, entry: _Open, pruned: bool) -> TrialEnd:
        parts = entry.parts
        complete = len(parts) == entry.needed
        stopped = any(p.reason == StopReason.STOPPED for p in parts.values())
        ended = TrialStatus.FINISHED if complete and not stopped else TrialStatus.STOPPED
        status = TrialStatus.PRUNED if pruned else ended
        order = sorted(parts)
        oof = value = None
        # a part of the folds is better than nothing
        if complete or (status == TrialStatus.STOPPED and parts):
            rows = np.concatenate([self._folds.valid[f] for f in order])
            prediction = np.concatenate([parts[f].prediction for f in order])
            weight = None if self._truth.weight is None else self._truth.weight[rows]
            oof = OutOfFold(rows, self._truth.y[rows], prediction, weight)
            value = self._score(rows, prediction)
        finished = TrialFinished(
            trial=trial,
            status=status,
            score=value,
            train_seconds=sum(p.train_seconds for p in parts.values()),
            predict_ms_per_row=sum(p.predict_ms_per_row for p in parts.values()) if oof else None,
            size_bytes=sum(p.size_bytes for p in parts.values()) if oof else None,
            folds=len(parts),
        )
        fits = tuple(fit_facts(parts[f]) for f in order)
        return TrialEnd(finished, [parts[f].files for f in order], fits, oof)

    def _score(self, rows: NDArray[np.int64], prediction: NDArray[np.float64]) -> float | None:
        """The score on those of the rows that all trials validate; on all where none is there."""
        compared = np.isin(rows, self._compared)
        if compared.any() and not compared.all():
            rows, prediction = rows[compared], prediction[compared]
        return self._truth.score(self._spec.metric, rows, prediction)


def fold_finished(part: FoldFitted, score: float | None) -> FoldFinished:
    """The event of a fold that is fitted."""
    return FoldFinished(
        part.trial, part.fold, score, part.reason, part.train_seconds, part.device, part.node
    )


def fit_facts(part: FoldFitted) -> FitFacts:
    """The record of a fit for the run's folder: its fold, seconds, epochs and early stop."""
    return FitFacts(
        part.fold, part.train_seconds, part.encode_seconds, part.epochs, part.early_stopped
    )


def seed_of(spec: RunSpec, trial: int, fold: int) -> int:
    """The seed of one fit."""
    return int(np.random.SeedSequence((spec.options.seed, trial, fold)).generate_state(1)[0])


def _before(spec: RunSpec, trial: int) -> int | None:
    """The round whose results this trial may not know; None where a clock is the budget."""
    return None if spec.options.budget.trials is None else policy.round_of(trial)
