"""Executor over worker processes of this machine.

Knows tasks and processes, nothing of trials. A worker that dies or does not hear is replaced,
and costs the task it had.
"""

from __future__ import annotations

import contextlib
import os
import queue
import time
from collections import deque
from pathlib import Path

import psutil

from automl_core.runs.executor.base import ExecutorClosedError, ExecutorStatus
from automl_core.runs.executor.device_placement import placed, suits
from automl_core.runs.executor.process import Inbox, WorkerProcess
from automl_core.runs.executor.protocol import Blobs, Frame
from automl_core.runs.executor.results import (
    Message,
    TaskDone,
    TaskFailed,
    WorkerLost,
    WorkerReady,
    read_result,
)
from automl_core.runs.executor.tasks import Work, task_frame

CANCEL_GRACE = 1.0  # seconds until a worker that was asked to stop is replaced
MAX_FAILED_STARTS = 4  # in a row, before the executor gives up
MEMORY_EVERY = 2.0  # seconds between two looks at the workers' memory
BYTES_A_WORKER = 600 * 2**20  # an idle worker with its libraries, and some room


def usable_cores() -> int:
    """Cores that this process may use: affinity and container limits counted."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        if quota != "max":
            cores = min(cores or 1, max(1, int(quota) // int(period)))
    except (OSError, ValueError):
        pass  # no such limit on this system
    return cores or 1


def default_workers() -> int:
    """One worker a usable core, fewer where memory would not hold them."""
    by_memory = int(psutil.virtual_memory().available // BYTES_A_WORKER)
    return max(1, min(usable_cores(), by_memory))


class LocalExecutor:
    """`count` warm worker processes that take tasks in order.

    Where there are GPUs, the workers that are ready first get one each: networks go to them,
    everything else to the others. Which there are only workers know, as only they load torch.
    """

    def __init__(self, count: int, log: Path, device: str = "auto") -> None:
        self._inbox: Inbox = queue.SimpleQueue()
        self._log, self._wanted_device = log, device
        self._waiting: deque[tuple[int, Work, Blobs]] = deque()
        self._answers: list[Message] = []
        self._numbers = 0
        self._failed_starts = 0
        self._device = self._device_title = self._broken = ""
        self._gpus: tuple[str, ...] = ()
        self._count = count
        self._memory, self._memory_seen = 0, 0.0
        self._closed = False
        self._workers = [self._new_worker() for _ in range(count)]

    def _new_worker(self) -> WorkerProcess:
        return WorkerProcess(self._inbox, self._log, self._wanted_device)

    def submit(self, work: Work, blobs: Blobs) -> int:
        """Queue a task; see Executor."""
        self._numbers += 1
        self._waiting.append((self._numbers, work, blobs))
        self._hand_out()
        return self._numbers

    def _hand_out(self) -> None:
        for worker in self._workers:
            if not worker.ready or worker.task is not None:
                continue
            entry = next((e for e in self._waiting if self._may_take(worker, e[1])), None)
            if entry is not None:
                self._waiting.remove(entry)
                number, work, blobs = entry
                worker.task, worker.cancelled_at = number, None
                worker.send(task_frame(number, placed(work, worker.device), blobs))

    def _may_take(self, worker: WorkerProcess, work: Work) -> bool:
        """Whether the task is for this worker, or for nobody who is there."""
        if not self._gpus:
            return True
        others = {w.device for w in self._workers if w.ready}
        if not all(w.ready for w in self._workers):  # who starts will have what is missing
            others |= set(self._gpus)
        return suits(work, worker.device, others)

    def _seat(self, worker: WorkerProcess, gpus: tuple[str, ...]) -> None:
        """Give a worker that is ready a GPU that nobody has, or the processor."""
        self._gpus = gpus[: max(1, self._count - 1)]
        taken = {w.device for w in self._workers}
        free = [gpu for gpu in self._gpus if gpu not in taken]
        worker.device = (free or ["cpu"])[0] if gpus else ""

    def poll(self, timeout: float) -> list[Message]:
        """Messages that have come in; see Executor."""
        if self._closed:
            raise ExecutorClosedError
        messages, self._answers = self._answers, []
        try:
            item = self._inbox.get(timeout=0 if messages else timeout)
            while True:
                messages.extend(self._take(*item))
                item = self._inbox.get_nowait()
        except queue.Empty:
            pass
        now = time.monotonic()
        for worker in self._workers:
            if worker.cancelled_at is not None and now - worker.cancelled_at > CANCEL_GRACE:
                worker.kill()
        self._hand_out()
        return messages

    def _take(self, worker: WorkerProcess, frame: Frame | None) -> list[Message]:
        if frame is None:
            return self._replace(worker)
        task, result = read_result(frame)
        match result:
            case WorkerReady():
                worker.ready, self._failed_starts = True, 0
                self._device, self._device_title = result.device, result.device_title
                self._seat(worker, result.gpus)
                return []
            case TaskDone() | TaskFailed():
                worker.task = worker.cancelled_at = None
        return [Message(task, result)]

    def _replace(self, worker: WorkerProcess) -> list[Message]:
        """A worker is gone: say which task it had, and start another unless none ever starts."""
        if self._closed or worker not in self._workers:
            return []
        self._workers.remove(worker)
        self._failed_starts += not worker.ready
        if self._failed_starts >= MAX_FAILED_STARTS:
            self._broken = f"Worker processes do not start: the last one {worker.exit_words}."
        else:
            self._workers.append(self._new_worker())
        if worker.task is None:
            return []
        why = "did not stop in time" if worker.cancelled_at else worker.exit_words
        return [Message(worker.task, WorkerLost(f"The worker {why}."))]

    def cancel(self, task: int, reason: str) -> None:
        """Ask a task to stop; see Executor. One that still waits is answered at once."""
        for entry in list(self._waiting):
            if entry[0] == task:
                self._waiting.remove(entry)
                self._answers.append(Message(task, WorkerLost("It never started.")))
        for worker in self._workers:
            if worker.task == task and worker.cancelled_at is None:
                worker.cancelled_at = time.monotonic()
                worker.send(Frame({"kind": "cancel", "task": task, "reason": reason}))

    def status(self) -> ExecutorStatus:
        """Who is there; memory is looked up every two seconds at most."""
        if time.monotonic() - self._memory_seen > MEMORY_EVERY:
            self._memory, self._memory_seen = _memory_of(self._workers), time.monotonic()
        return ExecutorStatus(
            count=len(self._workers),
            ready=sum(w.ready for w in self._workers),
            busy=sum(w.task is not None for w in self._workers),
            device=self._device,
            device_title=self._device_title,
            memory_bytes=self._memory,
            broken=self._broken,
            gpus=len(self._gpus),
        )

    def close(self) -> None:
        """End all workers at once."""
        self._closed = True
        for worker in self._workers:
            worker.end()


def _memory_of(workers: list[WorkerProcess]) -> int:
    """Bytes of all of them."""
    total = 0
    for worker in workers:
        with contextlib.suppress(psutil.Error):  # it may just have ended
            total += psutil.Process(worker.pid).memory_info().rss
    return total
