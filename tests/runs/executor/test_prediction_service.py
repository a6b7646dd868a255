"""The service that predicts tables for pages: an error of one table does not reach the next."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, ClassVar

import pytest

from automl_core.errors import ModelError
from automl_core.runs.executor import prediction_service
from automl_core.runs.executor.base import ExecutorStatus
from automl_core.runs.executor.protocol import Blobs
from automl_core.runs.executor.tasks import PredictTask, Work
from tests.runs.inline import InlineExecutor


class _NoMoreProcesses(InlineExecutor):
    def status(self) -> ExecutorStatus:
        raise BlockingIOError("no process can be started")


def test_the_service_goes_on_after_an_error(
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


def test_a_table_that_nobody_waits_for_any_more_is_skipped(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    class Slow(InlineExecutor):
        asked: ClassVar[list[str]] = []

        def submit(self, work: Work, blobs: Blobs) -> int:
            assert isinstance(work, PredictTask)
            self.asked.append(work.table)
            assert go_on.wait(60)
            return super().submit(work, blobs)

    monkeypatch.setattr(prediction_service, "LocalExecutor", lambda *_, **__: Slow())
    service = prediction_service.PredictionService(workspace)
    first, second, third = (service.predict({}, name * 32) for name in "123")
    assert second.cancel()
    go_on.set()
    for future in (first, third):
        with pytest.raises(ModelError):
            future.result(timeout=60)
    assert Slow.asked == ["1" * 32, "3" * 32]
    service.close()
