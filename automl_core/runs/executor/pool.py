"""The workers of an executor: tasks in the order of `submit`, one at a time for each worker.

The coordinator's thread calls every method, through an executor. `submit` and `poll` write queued
tasks to free workers; `poll` reads the frames that other threads have put into the inbox. A worker
that ends, or does not stop in time, is replaced; its task ends with WorkerLost, unless the machine
went with it: then another worker gets the task. Other threads, and handlers of signals, may call
`interrupt`. Does not know what a worker is made of.
"""

from __future__ import annotations

import queue
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from automl_core.runs.executor.base import ExecutorClosedError, ExecutorStatus
from automl_core.runs.executor.device_placement import may_run, on_device
from automl_core.runs.executor.protocol import Blobs, Frame
from automl_core.runs.executor.results import (
    FoldFitted,
    Message,
    TaskDone,
    TaskFailed,
    WorkerLost,
    WorkerReady,
    read_result,
)
from automl_core.runs.executor.second_try import SentTask
from automl_core.runs.executor.stillness import Stillness
from automl_core.runs.executor.tasks import Cancel, Keep, Work, request_frame
from automl_core.types import FailReason, StopReason

CANCEL_GRACE = 1.0  # seconds after a cancel until a worker that has not stopped is replaced
KEEP_SECONDS = 2.0  # after an interruption, in which workers may send what they have
MAX_FAILED_STARTS = 4  # in a row, before no worker is started any more
MAX_TRIES = 4  # of a task whose workers' machines end
STILL_SECONDS = 2.0  # without using the processor, of a worker that is said to have stood still


class PoolWorker(Protocol):
    """A worker that takes tasks as frames; its frames go to the inbox, None when it has ended."""

    pid: int  # another number for each worker that there is
    # set by the pool:
    task: int | None  # that it works on
    cancelled_at: float | None  # time.monotonic() when that was cancelled
    stood_still: bool  # when it was killed
    ready: bool
    device: str  # for its networks; "": the one that each task names

    @property
    def node(self) -> str:
        """Name of the cluster's node that it is on; "" on this machine."""
        ...

    @property
    def is_placed(self) -> bool:
        """It sees no GPU but its own, if any."""
        ...

    @property
    def is_blameless(self) -> bool:
        """It has ended with its machine: its task may do well elsewhere."""
        ...

    @property
    def was_killed(self) -> bool:
        """It was ended by the system, most likely as memory ran out."""
        ...

    @property
    def exit_words(self) -> str:
        """The cause of its end, for people: "ended unexpectedly"."""
        ...

    def send(self, frame: Frame) -> None:
        """Hand it one frame; returns at once."""
        ...

    def kill(self) -> None:
        """End it at once; None follows in the inbox."""
        ...

    def end(self) -> None:
        """End it at once and for good."""
        ...


Inbox = queue.SimpleQueue[tuple[PoolWorker, Frame | None]]
"""Frames of all workers in the order of arrival; None: this worker has ended."""


class WorkerPool:
    """`count` workers that take tasks in the order of `submit`.

    Where there are GPUs, the first workers that are ready get one each and take the networks; all
    other tasks go to the other workers. The GPUs are known from the workers' first messages: only
    workers load torch.
    """

    def __init__(self, count: int, make: Callable[[Inbox], PoolWorker], stillness: Stillness):
        """`make` starts a worker whose frames go to the inbox; `stillness` watches their pids."""
        self._inbox: Inbox = queue.SimpleQueue()
        self._make, self._stillness = make, stillness
        self._queued: deque[SentTask] = deque()
        self._sent: dict[int, SentTask] = {}  # to workers, by number
        self._unsent: list[Message] = []  # of tasks that were cancelled in the queue
        self._last_number = 0
        self._failed_starts = 0
        self._device = self._device_title = self._broken = ""
        self._gpus: tuple[str, ...] = ()
        self._count = count
        self._interrupted_at: float | None = None  # time.monotonic()
        self._asked_to_keep = False
        self._closed = False
        self._workers: list[PoolWorker] = [make(self._inbox) for _ in range(count)]

    @property
    def workers(self) -> tuple[PoolWorker, ...]:
        """All that there are, those that start included."""
        return tuple(self._workers)

    def submit(self, work: Work, blobs: Blobs) -> int:
        """Queue a task; see Executor."""
        self._last_number += 1
        self._queued.append(SentTask(self._last_number, work, blobs))
        self._assign()
        return self._last_number

    def refuse(self, words: str) -> int:
        """Number a task that no worker here can do; it fails with the next poll."""
        self._last_number += 1
        self._unsent.append(Message(self._last_number, TaskFailed(words)))
        return self._last_number

    def _assign(self) -> None:
        """Write queued tasks to free workers."""
        if self._interrupted_at is not None:
            return
        for worker in self._workers:
            if not worker.ready or worker.task is not None:
                continue
            sent = next((s for s in self._queued if self._may_take(worker, s.work)), None)
            if sent is not None:
                self._queued.remove(sent)
                self._sent[sent.number] = sent
                worker.task, worker.cancelled_at = sent.number, None
                self._stillness.begin(worker.pid)
                work = on_device(sent.begin(), worker.device)
                worker.send(request_frame(sent.number, work, sent.blobs))

    def _may_take(self, worker: PoolWorker, work: Work) -> bool:
        if not self._gpus:
            return True
        devices = {w.device for w in self._workers if w.ready}
        if not all(w.ready for w in self._workers):  # a starting worker gets the missing device
            devices |= set(self._gpus)
        return may_run(work, worker.device, devices)

    def _give_device(self, worker: PoolWorker, gpus: tuple[str, ...]) -> None:
        """Give a worker that is ready a GPU that no other has, or the processor."""
        if worker.is_placed:
            worker.device = (*gpus, "cpu")[0]
            self._gpus = self._gpus or gpus[:1]
            return
        self._gpus = gpus[: max(1, self._count - 1)]
        taken = {w.device for w in self._workers}
        free = [gpu for gpu in self._gpus if gpu not in taken]
        worker.device = (free or ["cpu"])[0] if gpus else ""

    def poll(self, timeout: float) -> list[Message]:
        """Results that have arrived; see Executor."""
        if self._closed or self._is_over():
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

    def _is_over(self) -> bool:
        """True where the pool was interrupted, and no worker has anything more to send.

        The first call after the interruption asks the workers for the states of their trainings.
        """
        if self._interrupted_at is None:
            return False
        busy = [worker for worker in self._workers if worker.task is not None]
        if not self._asked_to_keep:
            self._asked_to_keep = True
            for worker in busy:
                worker.send(request_frame(worker.task or 0, Keep()))
        return not busy or time.monotonic() > self._interrupted_at + KEEP_SECONDS

    def _receive(self, worker: PoolWorker, frame: Frame | None) -> list[Message]:
        if frame is None:
            return self._replace(worker)
        task, result = read_result(frame)
        if isinstance(result, FoldFitted):
            result = replace(result, node=worker.node)
        match result:
            case WorkerReady():
                worker.ready, self._failed_starts = True, 0
                self._device, self._device_title = result.device, result.device_title
                self._give_device(worker, result.gpus)
                return []
            case TaskDone() | TaskFailed():
                worker.task = worker.cancelled_at = None
                self._sent.pop(task, None)
                if isinstance(result, TaskFailed) and result.reason == FailReason.MEMORY:
                    self._renew(worker)
            case _ if task in self._sent:
                self._sent[task].take(result)
        return [Message(task, result)]

    def _renew(self, worker: PoolWorker) -> None:
        """Start another worker in place of one whose memory ran out: what it holds is given back,
        and libraries that it could load half only are loaded anew."""
        self._workers.remove(worker)
        worker.end()
        if len(self._workers) < self._count:
            self._workers.append(self._make(self._inbox))

    def _replace(self, worker: PoolWorker) -> list[Message]:
        """Start another worker in place of one that has ended; its task is lost, or starts again.

        No worker is started any more after MAX_FAILED_STARTS that were never ready.
        """
        if self._closed or worker not in self._workers:
            return []
        if self._interrupted_at is not None:  # its task is not lost: it is interrupted, too
            worker.task = None
            return []
        self._workers.remove(worker)
        self._failed_starts += not worker.ready
        if self._failed_starts >= MAX_FAILED_STARTS:
            self._broken = f"Worker processes do not start: the last one {worker.exit_words}."
        elif len(self._workers) < self._count:
            self._workers.append(self._make(self._inbox))
        if worker.task is None:
            return []
        sent = self._sent.pop(worker.task, None)
        if sent is not None and worker.is_blameless and not worker.cancelled_at:
            if sent.is_complete:  # all of its results are here
                return [Message(worker.task, TaskDone())]
            if sent.tries < MAX_TRIES:
                self._queued.appendleft(sent)
                return []
        return [Message(worker.task, _lost(worker))]

    def resize(self, count: int) -> None:
        """Keep so many workers from now on: others end when they are free, missing ones start."""
        if self._closed or self._interrupted_at is not None:
            return
        self._count = count
        while len(self._workers) < count and not self._broken:
            self._workers.append(self._make(self._inbox))
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
        for sent in list(self._queued):
            if sent.number == task:
                self._queued.remove(sent)
                self._unsent.append(Message(task, WorkerLost("It never started.")))
        for worker in self._workers:
            if worker.task == task and worker.cancelled_at is None:
                worker.cancelled_at = time.monotonic()
                worker.send(request_frame(task, Cancel(reason)))

    def status(self) -> ExecutorStatus:
        """The state of the workers; nothing of their memory."""
        self._stillness.look(w.pid for w in self._workers)
        return ExecutorStatus(
            count=len(self._workers),
            ready=sum(w.ready for w in self._workers),
            busy=sum(w.task is not None for w in self._workers),
            device=self._device,
            device_title=self._device_title,
            memory_bytes=0,
            broken=self._broken,
            gpus=len(self._gpus),
            still={
                w.task: self._stillness.seconds(w.pid) for w in self._workers if w.task is not None
            },
        )

    def interrupt(self) -> None:
        """The process is about to end; see Executor."""
        if self._interrupted_at is None:
            self._interrupted_at = time.monotonic()

    def close(self) -> None:
        """End all workers at once."""
        self._closed = True
        for worker in self._workers:
            worker.end()


def _lost(worker: PoolWorker) -> WorkerLost:
    cause = worker.exit_words
    if worker.cancelled_at:
        cause = "stood still" if worker.stood_still else "did not stop in time"
    died = worker.cancelled_at is None
    reason = FailReason.MEMORY if worker.was_killed and died else FailReason.OTHER
    return WorkerLost(f"The worker {cause}.", reason, died)
