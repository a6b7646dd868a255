"""Whether a run that is over, or interrupted, can go on, and for how long."""

from __future__ import annotations

from automl_core.errors import RunError
from automl_core.runs.record.budget import Budget, most_seconds, most_words, parse_seconds
from automl_core.runs.record.state import RunState
from automl_core.types import RunStatus

LEAST_SECONDS = 1.0


def left_seconds(state: RunState) -> float:
    """Seconds of the budget that the run has not used; 0 without a clock, and where none is left.

    `state` is that of a run that is not active.
    """
    total = state.budget_seconds
    return 0.0 if total is None else max(0.0, total - state.spent_seconds(state.clock))


def left_trials(state: RunState) -> int:
    """Trials of the budget that have not ended; 0 where the budget is a time."""
    total = None if state.started is None else state.started.budget_trials
    return 0 if total is None else max(0, total - state.ended_trials)


def can_go_on_by_itself(state: RunState) -> bool:
    """True where the run can go on with what is left, and nobody has to say for how long.

    That is an interrupted run, whatever is left of its budget (it still has to end with what it
    has), and one with trials left.
    """
    return state.status == RunStatus.INTERRUPTED or (
        not state.status.active and state.started is not None and left_trials(state) > 0
    )


def seconds_asked(text: str | float, state: RunState) -> float:
    """The seconds for which a run is to go on: "60s", "5m", or, on top of what is left, "+60s".

    Raises SpecError for what is no such time, or out of range.
    """
    words = str(text).strip()
    given = Budget(seconds=parse_seconds(words.removeprefix("+"))).seconds or 0.0
    return given + (left_seconds(state) if words.startswith("+") else 0.0)


def check_can_resume(state: RunState, more: float | None) -> None:
    """RunError where this run cannot go on for `more` seconds (None: with what is left)."""
    if state.status.active:
        raise RunError("This run goes on already.", "Add time to it instead.")
    if state.started is None and state.status != RunStatus.INTERRUPTED:
        raise RunError("This run had not begun.", "Start a new one with the same settings.")
    if state.started is not None and state.budget_seconds is None:
        _check_trials(state, more)
        return
    if more is None and can_go_on_by_itself(state):
        return
    seconds = left_seconds(state) if more is None else more
    if seconds < LEAST_SECONDS:
        raise RunError("No time is left of its budget.", "Say how much more it gets, such as 60s.")
    if more is not None and state.spent_seconds(state.clock) + more > most_seconds():
        raise RunError(f"A run takes {most_words()} at most.", "Give it less time.")


def _check_trials(state: RunState, more: float | None) -> None:
    if more is not None:
        raise RunError(
            "The budget of this run is a number of trials: it takes no time.",
            "Resume it without one: it goes on with the trials that are left.",
        )
    if not can_go_on_by_itself(state):
        raise RunError(
            "No trial is left of its budget.",
            "Start a new one with more trials; with the same seed the first ones are the same.",
        )
