"""The estimate of a whole fit from a moment of training."""

from __future__ import annotations

import pytest

from automl_core.runs.worker import probe
from automl_core.runs.worker.probe import Pace
from automl_core.types import StopReason


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that the probe reads; change the first one."""
    now = [0.0]
    monkeypatch.setattr(probe.time, "monotonic", lambda: now[0])
    return now


def test_the_first_step_is_not_taken_for_all_the_others(clock: list[float]) -> None:
    pace = Pace(0.4)
    for at in (0.0, 0.3, 0.31, 0.32, 0.33):  # 0.3 s for the first step, 0.01 s for each other
        clock[0] = at
        assert pace.step() is None
    assert pace.report(0.01) is None  # five steps of five hundred
    assert pace.whole() == pytest.approx(0.3 + 499 * 0.01)


def test_steps_after_the_last_report_do_not_make_a_fit_longer(clock: list[float]) -> None:
    pace = Pace(0.4)
    pace.step()
    pace.report(0.01)  # the first of a hundred trees; the next report is after ten
    for n in range(1, 9):
        clock[0] = 0.02 * n
        assert pace.step() is None
    assert pace.whole() == pytest.approx(100 * 0.02)


def test_it_ends_in_time_and_waits_longer_where_nothing_is_known_yet(clock: list[float]) -> None:
    pace = Pace(0.4)
    clock[0] = 0.5
    assert pace.step() is None
    assert pace.report(0.1) is StopReason.TIME
    assert pace.step() is StopReason.TIME
    silent = Pace(0.4)
    clock[0] = 2.0
    assert silent.step() is StopReason.TIME
    assert silent.whole() > 5.0
