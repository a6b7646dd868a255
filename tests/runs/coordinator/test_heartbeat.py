"""The log of a run is never silent for long, whatever the run does."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from automl_core.runs.coordinator.heartbeat import SILENCE_MOST, Heartbeat
from automl_core.runs.executor import ExecutorStatus
from automl_core.runs.record import RunLog
from automl_core.runs.record import events as e

STATUS = ExecutorStatus(2, 2, 1, "cpu", "CPU", 1000, "")


def _beats(log: RunLog, seconds: float) -> int:
    """Events of so many seconds in which `beat` is called every tenth of one."""
    context: Any = SimpleNamespace(
        log=log, state=log.state, dispatcher=SimpleNamespace(status=lambda: STATUS)
    )
    heartbeat, before = Heartbeat(context), log.state.events
    for _ in range(round(10 * seconds)):
        log.began -= 0.1
        heartbeat.beat()
    return log.state.events - before


def test_an_event_at_least_every_two_seconds(tmp_path: Path) -> None:
    log = RunLog(tmp_path / "events.jsonl", began=0.0)
    log.go_on()
    log.write(e.RunStarted(60.0, None, 1, 90, 10, 0, 1))
    assert 15 <= _beats(log, 10.0) <= 21  # of a short run
    log.write(e.Command("add_time", "3600"))
    assert SILENCE_MOST < 2.0
    assert 5 <= _beats(log, 10.0) <= 6
    log.write(e.Command("pause"))
    assert _beats(log, 10.0) == 0  # its budget does not change
    log.close()
