"""The service that predicts tables for pages: an error of one table does not reach the next."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pytest

from automl_core.errors import ModelError
from automl_core.explain import Explanation
from automl_core.runs.executor import prediction_service
from automl_core.runs.executor.base import ExecutorStatus
from automl_core.runs.executor.protocol import Blobs
from automl_core.runs.executor.results import (
    Message,
    RowsScored,
    TablePredicted,
    TableScored,
    TaskDone,
    WorkerLost,
)
from automl_core.runs.executor.tasks import PredictTask, ScoreTableTask, Work
from automl_core.table import open_table
from automl_core.types import StopReason
from tests.runs.inline import InlineExecutor


class _NoMoreProcesses(InlineExecutor):
    def status(self) -> ExecutorStatus:
        raise BlockingIOError("no process can be started")


def test_the_service_goes_on_after_an_error(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def executor(cluster: str | None, _: Path) -> InlineExecutor:
        assert cluster is None
        return _NoMoreProcesses()

    monkeypatch.setattr(prediction_service, "open_one_worker", executor)
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

    monkeypatch.setattr(prediction_service, "open_one_worker", lambda *_, **__: Slow())
    service = prediction_service.PredictionService(workspace)
    first, second, third = (service.predict({}, name * 32) for name in "123")
    assert second.cancel()
    go_on.set()
    for future in (first, third):
        with pytest.raises(ModelError):
            future.result(timeout=60)
    assert Slow.asked == ["1" * 32, "3" * 32]
    service.close()


class _Hanging(InlineExecutor):
    """Tables called 1... are never done; the others at once."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[str] = []
        self.messages: list[Message] = []

    def submit(self, work: Work, blobs: Blobs) -> int:
        del blobs
        assert isinstance(work, PredictTask)
        self.tables.append(work.table)
        number = len(self.tables)
        if work.table[0] != "1":
            answer = pa.table({"prediction": [work.table]})
            self.messages += [Message(number, TablePredicted(answer)), Message(number, TaskDone())]
        return number

    def poll(self, timeout: float) -> list[Message]:
        del timeout
        time.sleep(0.001)
        found, self.messages = self.messages, []
        return found

    def cancel(self, task: int, reason: StopReason) -> None:
        assert reason == StopReason.TIME
        self.messages.append(Message(task, WorkerLost("The worker did not stop in time.")))

    def status(self) -> ExecutorStatus:
        return ExecutorStatus(1, 1, 1, "cpu", "CPU", 0, "")


@pytest.fixture
def service(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[prediction_service.PredictionService]:
    monkeypatch.setattr(prediction_service, "open_one_worker", lambda *_, **__: _Hanging())
    made = prediction_service.PredictionService(workspace)
    yield made
    made.close()


def test_one_that_hangs_ends_at_its_limit_and_says_what_to_do(
    service: prediction_service.PredictionService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prediction_service, "ALONE_SECONDS", 0.06)
    with pytest.raises(ModelError, match=r"longer than .* minutes") as error:
        service.predict({}, "1" * 32).result(timeout=60)
    assert "Score fewer rows" in error.value.hint


def test_a_long_one_makes_way_once_others_wait(
    service: prediction_service.PredictionService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prediction_service, "SHARED_SECONDS", 0.06)
    long = service.predict({}, "1" * 32)
    time.sleep(0.2)
    assert not long.done()  # nobody waits for it to end
    short = service.predict({}, "2" * 32)
    assert short.result(timeout=60).num_rows == 1
    with pytest.raises(ModelError, match="while others were waiting"):
        long.result(timeout=60)


def test_one_that_nobody_wants_any_more_is_ended(
    service: prediction_service.PredictionService,
) -> None:
    running, waiting = service.predict({}, "1" * 32), service.predict({}, "3" * 32)
    after = service.predict({}, "2" * 32)
    while not running.running():
        time.sleep(0.001)
    service.give_up(waiting)
    service.give_up(running)
    assert after.result(timeout=60).num_rows == 1
    assert waiting.cancelled()
    with pytest.raises(ModelError, match="cancelled"):
        running.result(timeout=60)


class _Explaining(_Hanging):
    """Tells what it has at once, and is never done."""

    def submit(self, work: Work, blobs: Blobs) -> int:
        del work, blobs
        self.messages.append(Message(1, Explanation(seconds=1.5)))
        return 1


def test_an_explanation_that_is_given_up_has_what_was_known(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prediction_service, "open_one_worker", lambda *_, **__: _Explaining())
    service = prediction_service.PredictionService(workspace)
    seen: list[Explanation] = []
    task: Any = None  # this executor does not look at it
    future = service.explain(task, {}, seen.append)
    while not seen:
        time.sleep(0.001)
    service.give_up(future)
    assert future.result(timeout=60) == seen[0] == Explanation(seconds=1.5)
    service.close()


class _Interrupted(_Hanging):
    """Its worker ends after a piece, and another one begins anew; a cancelled task is done."""

    def submit(self, work: Work, blobs: Blobs) -> int:
        del work, blobs
        first, second = pa.table({"prediction": [1.0, 2.0]}), pa.table({"prediction": [3.0]})
        pieces = (RowsScored(2, first), RowsScored(2, first), RowsScored(3, second))
        self.messages += [Message(1, piece) for piece in pieces]
        return 1

    def cancel(self, task: int, reason: StopReason) -> None:
        del reason
        self.messages.append(Message(task, TaskDone()))


@pytest.mark.parametrize("ends", [True, False])
def test_a_table_is_scored_once_also_where_a_worker_began_anew(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, ends: bool
) -> None:
    executor = _Interrupted()
    monkeypatch.setattr(prediction_service, "open_one_worker", lambda *_: executor)
    service, seen = prediction_service.PredictionService(workspace), list[int]()
    task = ScoreTableTask(str(workspace), "1" * 32, 3, extras=False)
    future = service.score_table(task, {}, seen.append)
    while len(seen) < 3:
        time.sleep(0.001)
    if ends:
        executor.messages += [Message(1, TableScored(3, False, None)), Message(1, TaskDone())]
        found = open_table(future.result(timeout=60).predictions, workspace)
        assert found.column("prediction").to_pylist() == [1.0, 2.0, 3.0] and seen == [2, 2, 3]
    else:
        service.give_up(future)
        with pytest.raises(ModelError, match="cancelled"):
            future.result(timeout=60)
    service.close()
    assert not list((workspace / "tables").glob(".*"))
