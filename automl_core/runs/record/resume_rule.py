"""Whether a run that is over, or interrupted, can go on, and for how long."""

from __future__ import annotations

from automl_core.errors import RunError
from automl_core.runs.record.budget import MAX_SECONDS, length_words
from automl_core.runs.record.state import RunState

LEAST_SECONDS = 1.0


def left_seconds(state: RunState) -> float:
    """Seconds of the budget that the run has not used; 0 without a clock, and where none is left.

    `state` is that of a run that is not active.
    """
    total = state.budget_seconds
    return 0.0 if total is None else max(0.0, total - state.spent_seconds(state.clock))


def check_can_resume(state: RunState, more: float | None) -> None:
    """RunError where this run cannot go on for `more` seconds (None: those that are left)."""
    if state.status.active:
        raise RunError("This run goes on already.", "Add time to it instead.")
    if state.started is None:
        raise RunError("This run had not begun.", "Start a new one with the same settings.")
    if state.budget_seconds is None:
        raise RunError(
            "The budget of this run is a number of trials: it cannot go on.",
            "Start a new one with more trials; with the same seed the first ones are the same.",
        )
    seconds = left_seconds(state) if more is None else more
    if seconds < LEAST_SECONDS:
        raise RunError("No time is left of its budget.", "Say how much more it gets, such as 60s.")
    if state.spent_seconds(state.clock) + seconds > MAX_SECONDS:
        raise RunError(f"A run takes {length_words(MAX_SECONDS)} at most.", "Give it less time.")
