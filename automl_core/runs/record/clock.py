"""The time of a run at any moment, from what was known of it at one moment."""

from __future__ import annotations

from dataclasses import dataclass

from automl_core.runs.record.state import RunState
from automl_core.types import RunStatus


@dataclass(frozen=True)
class RunClock:
    """What a run has used of its budget. Whoever asks for the same moment gets the same time."""

    worked_then: float = 0.0  # seconds without pauses, at the moment `known`
    known: float = 0.0  # seconds since 1970
    goes: bool = False  # False: it waits, pauses or is over
    total: float | None = None  # seconds of budget; None: its budget is a number of trials

    def worked(self, now: float) -> float:
        """Seconds that the run was at work until `now`, in seconds since 1970."""
        return self.worked_then + (max(0.0, now - self.known) if self.goes else 0.0)

    def left(self, now: float) -> float | None:
        """Seconds of the budget that are left; None without one."""
        return None if self.total is None else max(0.0, self.total - self.worked(now))


def clock_of(state: RunState) -> RunClock:
    """The clock of a run in this state; it goes on between two events."""
    known, clock = state.wall_started + state.clock, state.clock
    goes = state.status.active and state.status != RunStatus.WAITING and state.paused_at is None
    return RunClock(state.spent_seconds(clock), known, goes, state.budget_seconds)
