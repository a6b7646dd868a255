"""The last lines of the command line when a run has ended."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from automl_core.cli import foreground
from automl_core.cli.foreground import report, resume
from automl_core.errors import RunError
from automl_core.runs.executor import Message
from automl_core.runs.record import (
    Budget,
    LogReader,
    RunFolder,
    RunInterrupted,
    RunOptions,
    TrainRequest,
)
from automl_core.runs.record.reader import RunReader
from tests.finished_run import make_run
from tests.runs.inline import InlineExecutor
from tests.runs.tables import small_run


def test_the_report_begins_with_the_verdict_and_names_the_models(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_run(tmp_path, "run-a")
    assert report(folder, RunReader(folder).refresh()) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Excellent: Area under the ROC curve ")
    assert "on 40 test rows that no model saw (higher is better; 95 % interval " in lines[0]
    assert lines[1].startswith("On 240 rows held out of training: Of 100 rows with churned = yes")
    assert "of 100 cases" in lines[1] and "% higher than baseline." in lines[1]
    assert lines[3].startswith("Model: ensemble, ") and " in validation, " in lines[3]
    assert lines[3].endswith("(average of 2 trials, 4 fitted models), best of 2")
    assert lines[4].startswith("Smallest equivalent: lightgbm-1, ")
    assert lines[4].endswith("0.004 ms a row, 45 kB")
    assert not any("network" in line for line in lines)  # linear-2 is none


def test_a_run_without_an_end_left_no_model(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "run-a", status="running")
    with pytest.raises(RunError, match="without a model"):
        report(folder, RunReader(folder).refresh())


class _Asked(InlineExecutor):
    """The system sends its process a signal after so many polls with an answer."""

    def __init__(self, number: int, polls: int) -> None:
        super().__init__()
        self._number, self._polls = number, polls

    def poll(self, timeout: float) -> list[Message]:
        messages = super().poll(timeout)
        self._polls -= bool(messages)
        if self._polls == 0:
            os.kill(os.getpid(), self._number)
            self._polls -= 1
        return messages


@pytest.fixture
def signals_heard() -> Iterator[None]:
    """As in a terminal: none is ignored, as with nohup or in the background."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, signal.default_int_handler) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


@pytest.mark.usefixtures("signals_heard")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_run_is_interrupted_when_the_system_ends_the_command_and_stopped_by_ctrl_c(
    workspace: Path,
    number: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    options = RunOptions(Budget(seconds=60), folds=2, families=("knn",))
    folder = RunFolder(workspace / "runs" / "asked")
    folder.create(*small_run(workspace, options.budget, TrainRequest("answer", options)))
    executor = _Asked(number, polls=4)
    monkeypatch.setattr(foreground, "open_executor", lambda *_: (executor, 1))
    assert resume(folder, None) == 128 + number
    assert f"torchlight resume {folder.path}" in capsys.readouterr().err
    assert RunReader(folder).refresh().status == "interrupted"
    assert isinstance(LogReader(folder.log_path).read()[-1].event, RunInterrupted)

    executor = _Asked(signal.SIGINT, polls=4)
    assert resume(folder, None) == 0
    assert RunReader(folder).refresh().status == "stopped"
