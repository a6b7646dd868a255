"""The place of a run that waits, and when it may start; read from its folder, in any process."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from automl_core.errors import AutoMLError
from automl_core.runs.record import (
    RunAhead,
    clock_of,
    length_words,
    load_runs_ahead,
    waits_to_go_on,
)
from automl_core.runs.snapshots import take_snapshot
from automl_core.types import RunStatus
from automl_core.words import count


@dataclass(frozen=True)
class QueuePlace:
    """What a run waits for."""

    ahead: int = 0  # runs that come before it
    seconds: float | None = None  # until it may start; None: that depends on numbers of trials

    @property
    def words(self) -> str:
        """For people: "2 runs ahead of it, starts in about 3 min"."""
        if not self.ahead:
            return "it is next"
        where = f"{count(self.ahead, 'run')} ahead of it"
        if self.seconds is None:  # nobody knows how long a number of trials takes
            return where
        step = 10 if self.seconds < 120 else 60  # the end of a run is not known better
        about = max(step, step * round(self.seconds / step))
        return f"{where}, starts in about {length_words(about)}"


def queue_place(run: Path) -> QueuePlace | None:
    """The place of the waiting run in this folder, by the budgets that are left of those ahead.

    None where the process that has it in its queue does not say.
    """
    if (told := load_runs_ahead(run)) is None:
        return None
    lefts = [left for ahead in told if (left := _left(ahead)) != 0.0]
    known = [left for left in lefts if left is not None]
    return QueuePlace(len(lefts), sum(known) if len(known) == len(lefts) else None)


def _left(ahead: RunAhead) -> float | None:
    """Seconds that a run ahead may still take; 0 where it is over, None where nobody can say."""
    path = Path(ahead.path)
    try:
        state = take_snapshot(path).state
    except AutoMLError:  # it was deleted
        return 0.0
    if not state.status.active:
        return ahead.seconds if waits_to_go_on(path) else 0.0
    if state.status == RunStatus.WAITING:
        return ahead.seconds
    left = clock_of(state).left(time.time())
    return None if left is None else max(1.0, left)  # it writes its final model
