"""The executor's contract, with real worker processes."""

from __future__ import annotations

import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from automl_core.runs.executor import pool as pools
from automl_core.runs.executor import process
from automl_core.runs.executor.base import Executor, ExecutorClosedError
from automl_core.runs.executor.local import LocalExecutor, default_workers, usable_cores
from automl_core.runs.executor.pool import WorkerPool
from automl_core.runs.executor.process import ROOT, WorkerProcess
from automl_core.runs.executor.protocol import Frame
from automl_core.runs.executor.results import Message, Result, TaskDone, TaskFailed, WorkerLost
from automl_core.runs.executor.stillness import Stillness
from automl_core.runs.executor.tasks import Keep, PredictTask, read_request
from automl_core.types import StopReason


@pytest.fixture(scope="module")
def executor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalExecutor]:
    made = LocalExecutor(1, tmp_path_factory.mktemp("log") / "workers.log")
    yield made
    made.close()


def answers(executor: Executor, task: int, seconds: float = 60) -> list[Message]:
    """Messages of a task until it has ended."""
    until, found = time.monotonic() + seconds, []
    while time.monotonic() < until:
        for message in executor.poll(0.1):
            if message.task == task:
                found.append(message)
            ended = isinstance(message.result, TaskDone | TaskFailed | WorkerLost)
            if message.task == task and ended:
                return found
    raise AssertionError(f"task {task} did not end; so far: {found}")


def test_a_worker_predicts_a_stored_table_and_survives_a_task_that_fails(
    executor: LocalExecutor, workspace: Path
) -> None:
    unknown = executor.submit(PredictTask(str(workspace), "0" * 32), {})
    failed = answers(executor, unknown)[-1].result
    assert isinstance(failed, TaskFailed)
    assert failed.message
    assert "Traceback" not in failed.message

    before = executor.status()
    assert (before.count, before.ready, before.broken) == (1, 1, "")
    assert before.device == "cpu"
    assert before.memory_bytes > 10 * 2**20


def test_a_task_that_has_not_started_can_be_cancelled(
    executor: LocalExecutor, workspace: Path
) -> None:
    first = executor.submit(PredictTask(str(workspace), "0" * 32), {})
    second = executor.submit(PredictTask(str(workspace), "0" * 32), {})
    executor.cancel(second, StopReason.STOPPED)
    until, ends = time.monotonic() + 60, dict[int, type[Result]]()
    while len(ends) < 2 and time.monotonic() < until:  # in whatever order they come
        ends |= {m.task: type(m.result) for m in executor.poll(0.1)}
    assert ends == {first: TaskFailed, second: WorkerLost}


Frames = queue.SimpleQueue[tuple[WorkerProcess, Frame | None]]


def ready_worker(inbox: Frames, log: Path) -> WorkerProcess:
    worker = WorkerProcess(inbox, log, "auto")
    assert inbox.get(timeout=60)[1] is not None
    return worker


def test_a_worker_leaves_when_its_parents_pipe_closes(tmp_path: Path) -> None:
    inbox: Frames = queue.SimpleQueue()
    worker = ready_worker(inbox, tmp_path / "log")
    process = psutil.Process(worker.pid)
    assert process.nice() > psutil.Process().nice()  # the page comes first
    worker.close_input()
    process.wait(timeout=20)
    assert inbox.get(timeout=10)[1] is None


def test_a_worker_that_is_frozen_blocks_nobody_and_is_replaced(
    tmp_path: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pools, "STILL_SECONDS", 0.5)
    monkeypatch.setattr(pools, "CANCEL_GRACE", 0.1)
    before = {child.pid for child in psutil.Process().children()}
    executor = LocalExecutor(1, tmp_path / "log")
    (frozen,) = (c for c in psutil.Process().children() if c.pid not in before)
    until = time.monotonic() + 60
    while not executor.status().ready and time.monotonic() < until:
        executor.poll(0.1)
    frozen.suspend()
    blobs = {"rows": bytes(2**22)}  # many times what a pipe holds
    task = PredictTask(str(workspace), "0" * 32)
    sender = threading.Thread(target=lambda: executor.submit(task, blobs), daemon=True)
    sender.start()
    sender.join(20)
    assert not sender.is_alive()
    while executor.status().still[1] < 0.6 and time.monotonic() < until:
        assert not executor.poll(0.1)
    executor.cancel(1, StopReason.STOPPED)
    assert [m.result for m in answers(executor, 1)] == [WorkerLost("The worker stood still.")]
    assert executor.status().count == 1
    assert not frozen.is_running()
    executor.close()


def test_workers_that_never_start_are_given_up_with_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    broken = LocalExecutor(1, tmp_path / "log")
    until = time.monotonic() + 30
    while not broken.status().broken:
        broken.poll(0.1)
        assert time.monotonic() < until
    assert "do not start" in broken.status().broken
    broken.close()


def test_nothing_can_be_polled_after_close(tmp_path: Path) -> None:
    closed = LocalExecutor(0, tmp_path / "log")
    closed.close()
    with pytest.raises(ExecutorClosedError):
        closed.poll(0.0)


@pytest.mark.parametrize(
    ("code", "before", "now", "words", "memory"),
    [
        (-9, 3, 3, "was killed from outside", False),
        (-9, 3, 4, "because memory ran out", True),
        (-9, None, None, "because memory ran out", True),  # this system does not count
        (-11, 3, 4, "ended unexpectedly (exit code -11)", False),
    ],
)
def test_a_worker_that_has_died_says_why(
    code: int,
    before: int | None,
    now: int | None,
    words: str,
    memory: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    worker: Any = WorkerProcess.__new__(WorkerProcess)
    worker._process = SimpleNamespace(exit_code=code, send=lambda _: None)
    monkeypatch.setattr(process, "ended_for_memory", lambda: before)
    worker.send(Frame({}))
    monkeypatch.setattr(process, "ended_for_memory", lambda: now)
    assert words in worker.exit_words and worker.was_killed == memory


@dataclass
class _Worker:
    """Stands for a worker with a task; remembers what is sent to it."""

    task: int | None = 7
    cancelled_at: float | None = None
    stood_still: bool = False
    was_killed: bool = False
    is_placed: bool = False
    is_blameless: bool = False
    ready: bool = True
    device: str = ""
    node: str = ""
    pid: int = 2**22 + 1
    exit_words: str = "ended"
    sent: list[Frame] = field(default_factory=list)

    def send(self, frame: Frame) -> None:
        self.sent.append(frame)

    def kill(self) -> None:
        """It is gone already."""

    end = kill


def _pool(worker: _Worker) -> WorkerPool:
    return WorkerPool(1, lambda _: worker, Stillness())


@pytest.mark.parametrize("cancelled_at", [None, 1.0])
def test_a_worker_dies_where_nobody_had_asked_it_to_stop(cancelled_at: float | None) -> None:
    worker = _Worker(cancelled_at=cancelled_at)
    pool = _pool(worker)
    inbox: Any = pool._inbox
    inbox.put((worker, None))
    (message,) = pool.poll(0.0)
    assert isinstance(message.result, WorkerLost)
    assert message.result.died == (cancelled_at is None)


def test_an_interruption_asks_for_what_is_trained_waits_a_moment_and_closes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    worker = _Worker()
    pool = _pool(worker)
    pool.interrupt()
    for _ in range(2):
        assert pool.poll(0.0) == []
    assert [read_request(frame) for frame in worker.sent] == [(7, Keep())]  # once
    pool.submit(PredictTask("", ""), {})
    assert len(worker.sent) == 1  # nothing new begins
    monkeypatch.setattr(pools, "KEEP_SECONDS", 0.0)
    with pytest.raises(ExecutorClosedError):
        pool.poll(0.0)


def test_an_interruption_of_idle_workers_is_over_at_once() -> None:
    pool = _pool(_Worker(task=None))
    pool.interrupt()
    with pytest.raises(ExecutorClosedError):
        pool.poll(0.0)


def test_there_is_at_least_one_core_and_one_worker() -> None:
    assert 1 <= default_workers() <= usable_cores()


def test_a_worker_is_ready_before_it_has_loaded_what_only_networks_need() -> None:
    code = (
        "import sys; from automl_core.runs.worker import main; main._load_libraries('cpu'); "
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT).returncode == 0
