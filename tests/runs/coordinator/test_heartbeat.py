"""The log of a run is never silent for long, whatever the run does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from automl_core.runs.coordinator.heartbeat import SILENCE_MOST, Heartbeat
from automl_core.runs.executor import ExecutorStatus
from automl_core.runs.record import RunLog
from automl_core.runs.record import events as e

STATUS = ExecutorStatus(2, 2, 1, "cpu", "CPU", 1000, "")


def _heartbeat(log: RunLog, status: Callable[[], ExecutorStatus]) -> Heartbeat:
    context: Any = SimpleNamespace(
        log=log, state=log.state, dispatcher=SimpleNamespace(status=status)
    )
    return Heartbeat(context)


def _beats(log: RunLog, seconds: float) -> int:
    """Events of so many seconds in which `beat` is called every tenth of one."""
    heartbeat, before = _heartbeat(log, lambda: STATUS), log.state.events
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


def test_what_is_remarked_on_the_workers_is_said_once(tmp_path: Path) -> None:
    log, status = RunLog(tmp_path / "events.jsonl", began=0.0), STATUS
    log.go_on()
    log.write(e.RunStarted(60.0, None, 1, 90, 10, 0, 1))
    heartbeat = _heartbeat(log, lambda: status)
    for words in (("two nodes",), ("two nodes",), ("two nodes", "gamma is not used"), ()):
        status = replace(STATUS, remarks=words)
        log.began -= 1.0
        heartbeat.beat()
    assert [note.message for _, note in log.state.notes] == ["two nodes", "gamma is not used"]
    log.close()
