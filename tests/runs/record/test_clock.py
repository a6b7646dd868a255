"""A run's clock says the same to all who ask for the same moment, and stands still in pauses."""

from __future__ import annotations

from automl_core.runs.record import clock_of
from automl_core.runs.record import events as e
from automl_core.runs.record.state import RunState
from automl_core.types import RunStatus

BEGAN = 1_000_000.0


def _state(*events: tuple[float, e.Event]) -> RunState:
    state = RunState()
    state.apply(e.RunStarted(60.0, None, 1, 90, 10, 0, 1), 0.0, BEGAN)
    for t, event in events:
        state.apply(event, t, BEGAN + t)
    return state


def test_whoever_reads_the_log_later_or_earlier_sees_the_same_time() -> None:
    early = clock_of(_state())
    late = clock_of(_state((20.0, e.Note("info", "."))))
    assert early.worked(BEGAN + 25) == late.worked(BEGAN + 25) == 25
    assert early.left(BEGAN + 25) == late.left(BEGAN + 25) == 35
    assert late.left(BEGAN + 100) == 0


def test_it_stands_still_in_a_pause_and_after_the_end() -> None:
    paused = (10.0, e.Command("pause", ""))
    assert clock_of(_state(paused)).worked(BEGAN + 30) == 10
    again = clock_of(_state(paused, (30.0, e.Command("continue", ""))))
    assert (again.worked(BEGAN + 40), again.left(BEGAN + 40)) == (20, 40)
    end = e.RunFinished(RunStatus.FINISHED, "", None, None, None, None)
    assert clock_of(_state((50.0, end))).worked(BEGAN + 90) == 50
