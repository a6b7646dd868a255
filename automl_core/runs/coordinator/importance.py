"""Live feature importance: when to ask a worker for it, and what its repeats add up to.

Costs at most 3 % of the run's worker seconds. Knows nothing of the log or the pipe.
"""

from __future__ import annotations

from automl_core.explain import summarise
from automl_core.runs.executor import DataLink, ImportanceRepeat, ImportanceTask
from automl_core.runs.record import Importance, Trial
from automl_core.runs.schedule import TimeBudget

ENOUGH_REPEATS = 24
LAST_REPEATS = 6  # the final model should have at least these
EVENT_EVERY = 0.5  # seconds between two events


class ImportanceScheduler:
    """Repeats of the best trial so far; starts again when the lead changes."""

    def __init__(self, link: DataLink, budget: TimeBudget) -> None:
        self._link, self._budget = link, budget
        self._trial: int | None = None
        self._repeats: list[dict[str, float]] = []
        self._too_slow: set[int] = set()  # trials whose columns are too many to be shuffled
        self._spent = 0.0
        self._logged = -10.0  # seconds on the run's clock, of the last event
        self.asked = False  # a task is out

    def next_task(self, best: Trial, last: float = 0.0) -> ImportanceTask | None:
        """The next task, or None; `last`: its seconds at the end of the run, 0 before."""
        if self.asked or best.number in self._too_slow:
            return None
        if best.number != self._trial:
            self._trial, self._repeats = best.number, []
        enough = LAST_REPEATS if last else ENOUGH_REPEATS
        if len(self._repeats) >= enough:
            return None
        seconds = last or self._budget.importance_seconds(self._spent)
        if not seconds:
            return None
        self.asked = True
        first = len(self._repeats)
        repeats = enough - first
        return ImportanceTask(self._link, best.number, best.repeat, first, repeats, seconds)

    def take(self, repeat: ImportanceRepeat) -> None:
        """One repeat came in."""
        self._spent += repeat.seconds
        if not repeat.losses:
            self._too_slow.add(repeat.trial)
        elif repeat.trial == self._trial:
            self._repeats.append(repeat.losses)

    def event(self, clock: float, final: bool) -> Importance | None:
        """The sum of the repeats so far; None before the first one, or too soon after an event.

        `clock`: seconds since the run's start. The `final` event is never too soon.
        """
        if self._trial is None or not self._repeats:
            return None
        if not final and clock - self._logged < EVENT_EVERY:
            return None
        self._logged = clock
        s = summarise(self._repeats)
        return Importance(self._trial, s.repeats, s.features, s.mean, s.low, s.high, final)
