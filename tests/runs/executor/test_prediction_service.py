"""The worker that pages wait for: one job's trouble is not the next one's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from automl_core.runs.executor import prediction_service
from automl_core.runs.executor.base import ExecutorStatus
from tests.runs.inline import InlineExecutor


class _NoMoreProcesses(InlineExecutor):
    def status(self) -> ExecutorStatus:
        raise BlockingIOError("no process can be started")


def test_a_job_that_breaks_does_not_silence_the_service(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def executor(*_: Any, device: str) -> InlineExecutor:
        assert device == "cpu"
        return _NoMoreProcesses()

    monkeypatch.setattr(prediction_service, "LocalExecutor", executor)
    here = prediction_service.PredictionService(workspace)
    for _ in range(2):
        with pytest.raises(BlockingIOError):
            here.predict({}, "0" * 32).result(timeout=10)
    here.close()
