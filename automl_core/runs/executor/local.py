"""The Executor that runs tasks in worker processes of this machine.

The coordinator's thread calls every method. `submit` queues a task; `submit` and `poll` write
queued tasks to free workers; `poll` reads the frames that the workers' threads have put into the
inbox. A process that ends, or does not stop in time, is replaced; its task ends with WorkerLost.
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
from automl_core.runs.executor.device_placement import may_run, on_device
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
from automl_core.runs.executor.stillness import Stillness
from automl_core.runs.executor.system_memory import free_memory, is_short
from automl_core.runs.executor.tasks import Cancel, Work, request_frame
from automl_core.types import FailReason, StopReason

CANCEL_GRACE = 1.0  # seconds after a cancel until a worker that has not stopped is replaced
MAX_FAILED_STARTS = 4  # in a row, before the executor gives up
STILL_SECONDS = 2.0  # without using the processor, of a worker that is said to have stood still
MEMORY_EVERY = 1.0  # seconds between two measurements of the workers' memory
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
    """One worker for each usable core, fewer where memory would not hold them."""
    by_memory = free_memory() // BYTES_A_WORKER
    return max(1, min(usable_cores(), by_memory))


class LocalExecutor:
    """`count` worker processes that take tasks in the order of `submit`.

    Where there are GPUs, the first workers that are ready get one each and take the networks; all
    other tasks go to the other workers. The number of GPUs is known from the workers' first
    message: only workers load torch.
    """

    def __init__(self, count: int, log: Path, device: str = "auto") -> None:
        self._inbox: Inbox = queue.SimpleQueue()
        self._log, self._wanted_device = log, device
        self._queued: deque[tuple[int, Work, Blobs]] = deque()
        self._unsent: list[Message] = []  # of tasks that were cancelled in the queue
        self._last_number = 0
        self._failed_starts = 0
        self._device = self._device_title = self._broken = ""
        self._gpus: tuple[str, ...] = ()
        self._count = count
        self._memory, self._memory_measured, self._short = 0, 0.0, False
        self._free: int | None = None
        self._stillness = Stillness()
        self._closed = False
        self._workers = [self._new_worker() for _ in range(count)]

    def _new_worker(self) -> WorkerProcess:
        return WorkerProcess(self._inbox, self._log, self._wanted_device)

    def submit(self, work: Work, blobs: Blobs) -> int:
        """Queue a task; see Executor."""
        self._last_number += 1
        self._queued.append((self._last_number, work, blobs))
        self._assign()
        return self._last_number

    def _assign(self) -> None:
        """Write queued tasks to free workers."""
        for worker in self._workers:
            if not worker.ready or worker.task is not None:
                continue
            entry = next((e for e in self._queued if self._may_take(worker, e[1])), None)
            if entry is not None:
                self._queued.remove(entry)
                number, work, blobs = entry
                worker.task, worker.cancelled_at = number, None
                self._stillness.begin(worker.pid)
                worker.send(request_frame(number, on_device(work, worker.device), blobs))

    def _may_take(self, worker: WorkerProcess, work: Work) -> bool:
        if not self._gpus:
            return True
        devices = {w.device for w in self._workers if w.ready}
        if not all(w.ready for w in self._workers):  # a starting worker gets the missing device
            devices |= set(self._gpus)
        return may_run(work, worker.device, devices)

    def _give_device(self, worker: WorkerProcess, gpus: tuple[str, ...]) -> None:
        """Give a worker that is ready a GPU that no other has, or the processor."""
        self._gpus = gpus[: max(1, self._count - 1)]
        taken = {w.device for w in self._workers}
        free = [gpu for gpu in self._gpus if gpu not in taken]
        worker.device = (free or ["cpu"])[0] if gpus else ""

    def poll(self, timeout: float) -> list[Message]:
        """Results that have arrived; see Executor."""
        if self._closed:
            raise ExecutorClosedError
        messages, self._unsent = self._unsent, []
        try:
            item = self._inbox.get(timeout=0 if messages else timeout)
            while True:
                messages.extend(self._receive(*item))
                item = self._inbox.get_nowait()
        except queue.Empty:
            pass
        now = time.monotonic()
        for worker in self._workers:
            if worker.cancelled_at is not None and now - worker.cancelled_at > CANCEL_GRACE:
                worker.stood_still = self._stillness.seconds(worker.pid) > STILL_SECONDS
                worker.kill()
        self._end_surplus()
        self._assign()
        return messages

    def _receive(self, worker: WorkerProcess, frame: Frame | None) -> list[Message]:
        if frame is None:
            return self._replace(worker)
        task, result = read_result(frame)
        match result:
            case WorkerReady():
                worker.ready, self._failed_starts = True, 0
                self._device, self._device_title = result.device, result.device_title
                self._give_device(worker, result.gpus)
                return []
            case TaskDone() | TaskFailed():
                worker.task = worker.cancelled_at = None
                if isinstance(result, TaskFailed) and result.reason == FailReason.MEMORY:
                    self._renew(worker)
        return [Message(task, result)]

    def _renew(self, worker: WorkerProcess) -> None:
        """Start another worker in place of one whose memory ran out: what it holds is given back,
        and libraries that it could load half only are loaded anew."""
        self._workers.remove(worker)
        worker.end()
        if len(self._workers) < self._count:
            self._workers.append(self._new_worker())

    def _replace(self, worker: WorkerProcess) -> list[Message]:
        """Start another worker in place of one that has ended; its task is lost.

        No worker is started any more after MAX_FAILED_STARTS that were never ready.
        """
        if self._closed or worker not in self._workers:
            return []
        self._workers.remove(worker)
        self._failed_starts += not worker.ready
        if self._failed_starts >= MAX_FAILED_STARTS:
            self._broken = f"Worker processes do not start: the last one {worker.exit_words}."
        elif len(self._workers) < self._count:
            self._workers.append(self._new_worker())
        if worker.task is None:
            return []
        cause = worker.exit_words
        if worker.cancelled_at:
            cause = "stood still" if worker.stood_still else "did not stop in time"
        killed = worker.was_killed and not worker.cancelled_at
        reason = FailReason.MEMORY if killed else FailReason.OTHER
        return [Message(worker.task, WorkerLost(f"The worker {cause}.", reason))]

    def resize(self, count: int) -> None:
        """Keep so many workers from now on: others end when they are free, missing ones start."""
        if self._closed:
            return
        self._count = count
        while len(self._workers) < count and not self._broken:
            self._workers.append(self._new_worker())
        self._end_surplus()

    def _end_surplus(self) -> None:
        """End free workers, the last first, while there are more than wanted."""
        for worker in reversed(self._workers[:]):
            if len(self._workers) <= self._count:
                return
            if worker.task is None and worker.device not in self._gpus:
                self._workers.remove(worker)
                worker.end()

    def cancel(self, task: int, reason: StopReason) -> None:
        """Ask a task to stop; see Executor. One in the queue ends with the next poll."""
        for entry in list(self._queued):
            if entry[0] == task:
                self._queued.remove(entry)
                self._unsent.append(Message(task, WorkerLost("It never started.")))
        for worker in self._workers:
            if worker.task == task and worker.cancelled_at is None:
                worker.cancelled_at = time.monotonic()
                worker.send(request_frame(task, Cancel(reason)))

    def status(self) -> ExecutorStatus:
        """The state of the workers; what the system counts is asked for every second at most."""
        self._stillness.look(w.pid for w in self._workers)
        if time.monotonic() - self._memory_measured > MEMORY_EVERY:
            self._memory, self._memory_measured = _memory_of(self._workers), time.monotonic()
            self._short, self._free = is_short(self._memory), free_memory()
        return ExecutorStatus(
            count=len(self._workers),
            ready=sum(w.ready for w in self._workers),
            busy=sum(w.task is not None for w in self._workers),
            device=self._device,
            device_title=self._device_title,
            memory_bytes=self._memory,
            broken=self._broken,
            free_bytes=self._free,
            short_of_memory=self._short,
            gpus=len(self._gpus),
            still={
                w.task: self._stillness.seconds(w.pid) for w in self._workers if w.task is not None
            },
        )

    def close(self) -> None:
        """End all workers at once."""
        self._closed = True
        for worker in self._workers:
            worker.end()


def _memory_of(workers: list[WorkerProcess]) -> int:
    """Resident bytes of all processes together."""
    total = 0
    for worker in workers:
        with contextlib.suppress(psutil.Error):  # it may just have ended
            total += psutil.Process(worker.pid).memory_info().rss
    return total
