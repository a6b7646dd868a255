"""The race of leading models over further parts of the rows: when it begins, who runs, how far.

Where a trial starts on the first parts only, the models that lead are trained on further ones:
their scores are then of more rows, and each becomes the average of several fits. A race begins

- where as much time is left as it takes, so that new configurations are tried until then;
- earlier where the leading models differ by less than the error of their scores: more rows tell
  more then than more configurations (racing: Maron and Moore, Hoeffding races, 1994);
- where no other model is worth starting.

Decisions from a run's state alone; starts nothing.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection
from dataclasses import dataclass

from automl_core.runs.executor import FamilyFilter
from automl_core.runs.record import RunState, Trial
from automl_core.runs.schedule import limits
from automl_core.runs.schedule.repeats import leading
from automl_core.types import TrialStatus


def _at_once(_fold: int) -> float:
    return 0.0


@dataclass(frozen=True)
class RaceTime:
    """The time of a race."""

    left: Callable[[Collection[int]], float]
    """Seconds of training that are left, where these trials are not fitted on all rows at the end:
    what races needs no such fit."""
    share: float  # of the training time that is over
    workers: int
    choosing: Callable[[int], float] = _at_once
    """Seconds until the columns of a fold are known that models of selected columns see."""

    def needed(self, runners: Collection[Trial], target: int) -> float:
        """Seconds until all of these have `target` folds; those of one trial follow each other."""
        fits = [FoldRace.seconds(t) * max(0, target - t.folds) for t in runners]
        folds = {fold for t in runners if t.selected for fold in range(t.folds, target)}
        work = sum(fits) + sum(self.choosing(fold) for fold in folds)
        longest = max((self._alone(t, target) for t in runners), default=0.0)
        return limits.RACE_SLACK * max(work / max(1, self.workers), longest)

    def _alone(self, trial: Trial, target: int) -> float:
        """Seconds of a trial's fits one after the other, from when the first can begin."""
        if target <= trial.folds:
            return 0.0
        first = self.choosing(trial.folds) if trial.selected else 0.0
        return first + FoldRace.seconds(trial) * (target - trial.folds)


class FoldRace:
    """The current race of one run, if there is one."""

    def __init__(self, state: RunState, metric: str, started: int, parts: int) -> None:
        """A trial has `started` of `parts` folds at least; equal where there is no race."""
        self._state, self._metric = state, metric
        self._started, self._parts = started, parts
        # where the run goes on, its race goes on
        self._numbers = tuple(t.number for t in state.trials.values() if t.folds > started)
        self._target = parts if self._numbers else started
        self.excluded: set[int] = set()  # a further fit failed

    @property
    def waiting(self) -> set[int]:
        """The trials that are to have further folds."""
        runners = [t for t in self._runners() if t.folds < self._target]
        return {t.number for t in (*runners, *self._asked())}

    def next_trial(
        self, left: float, is_free: FamilyFilter, choosing: Callable[[int], float] = _at_once
    ) -> Trial | None:
        """The trial to train on one more part now, of a race that goes on; None: none can start.

        `left` are seconds of training, `choosing` as in RaceTime.
        """
        for trial in self._asked():
            if trial.extending is None and is_free(trial.family):
                return trial
        runners = [t for t in self._runners() if t.folds < self._target]
        for trial in sorted(runners, key=lambda t: (t.folds, self._numbers.index(t.number))):
            waits = choosing(trial.folds) if trial.selected else 0.0
            seconds = limits.RACE_SLACK * (waits + self.seconds(trial))
            if trial.extending is None and is_free(trial.family) and seconds <= left:
                return trial
        return None

    def may_begin(self, time: RaceTime, close: bool, idle: bool) -> None:
        """Begin a race where it is time.

        `close`: the leading models differ by less than their error. `idle`: nothing else is
        worth starting.
        """
        if self._started == self._parts or self._is_on(time):
            return
        runners = [
            t for t in leading(self._state, self._metric)
            if t.repeat == 0 and t.number not in self.excluded
            and t.family not in self._state.left_out
        ]  # fmt: skip
        left = time.left({t.number for t in runners})
        due = time.share >= limits.RACE_FROM and time.needed(runners, self._parts) >= left
        early = close and time.share >= limits.RACE_CLOSE_FROM
        if len(runners) < limits.RACE_FEWEST and not idle:
            return
        if due or early or idle:
            least = min(self._parts, self._started + (1 if idle else limits.RACE_LEAST))
            targets = range(self._parts, least - 1, -1)
            # rather all of the ensemble on fewer folds than its quick members on all of them
            for weight, target in itertools.product(limits.RACE_WEIGHTS, targets):
                if found := self._affordable(runners, target, time, weight):
                    self._numbers, self._target = tuple(t.number for t in found), target
                    return

    def _affordable(
        self, runners: list[Trial], target: int, time: RaceTime, least: float
    ) -> list[Trial]:
        """Those, the best first, that can have so many folds in time; [] where that is of no use.

        They and those that have them already make up at least so much of the ensemble.
        """
        found: list[Trial] = []
        for trial in runners:
            more = [*found, trial]
            left = time.left({t.number for t in more})
            if trial.folds < target and time.needed(more, target) <= left:
                found.append(trial)
        solved = self._state.ensemble
        if solved is None:
            return found
        there = {t.number for t in runners if t.folds >= target} | {t.number for t in found}
        weight = sum(w for n, w in zip(solved.trials, solved.weights, strict=True) if n in there)
        return found if weight >= least else []

    @staticmethod
    def seconds(trial: Trial) -> float:
        """Seconds of one fit of a trial."""
        return trial.train_seconds / max(1, trial.folds)

    def _is_on(self, time: RaceTime) -> bool:
        """True as long as one of its trials is to have a further fold, and there is time for it."""
        waiting = [t for t in self._runners() if t.number in self.waiting]
        return any(time.needed([t], t.folds + 1) <= time.left({t.number}) for t in waiting)

    def _runners(self) -> list[Trial]:
        """The trials of the race, without those that further rows have shown to be useless.

        They have no weight in an ensemble that was chosen on rows which they have predicted, too.
        """
        solved, trials = self._state.ensemble, self._state.trials
        rows = min((trials[n].folds for n in solved.trials), default=0) if solved else 0

        def is_useless(trial: Trial) -> bool:
            weighs = solved is not None and trial.number in solved.trials
            return self._started < rows <= trial.folds and not weighs

        there = [trials[n] for n in self._numbers if n not in self.excluded]
        left_out = self._state.left_out
        wanted = [t for t in there if t.status == TrialStatus.FINISHED and t.family not in left_out]
        return [t for t in wanted if not is_useless(t)]

    def _asked(self) -> list[Trial]:
        """The trials that people want on all parts, and that are not there yet."""
        asked = (self._state.trials[n] for n in sorted(self._state.more_folds - self.excluded))
        return [t for t in asked if t.status == TrialStatus.FINISHED and t.folds < self._parts]
