"""The interface between a run and the workers that do its tasks.

The coordinator calls it, from its own thread: tasks go in, messages with results come out. An
executor knows nothing about trials. `local.py` implements it with processes of this machine,
`cluster.py` with those of a cluster's nodes; what both keep to is in
`tests/runs/executor/test_contract.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from automl_core.runs.executor.protocol import Blobs
from automl_core.runs.executor.results import Message
from automl_core.runs.executor.tasks import Work
from automl_core.types import StopReason


class ExecutorClosedError(Exception):
    """The executor was closed: the process is about to end."""


class WorkersGoneError(ExecutorClosedError):
    """All workers are gone, as its words say: the run is interrupted, and can go on elsewhere."""


@dataclass(frozen=True)
class ExecutorStatus:
    """The state of the workers: their number, their tasks and their memory."""

    count: int
    ready: int  # that have loaded their libraries
    busy: int  # that have a task
    device: str  # "cpu", "cuda:0"; "" until a worker is ready
    device_title: str  # for people
    memory_bytes: int  # resident, all workers together
    broken: str  # why no worker can be started, for people; "" while workers start
    gpus: int = 0  # workers that have a GPU each, and train the networks
    free_bytes: int | None = None  # that workers may take together, beside what they hold
    remarks: tuple[str, ...] = ()  # what a run should say of the workers, once each
    short_of_memory: bool = False  # the workers hold so much that the machine is about to run out
    still: Mapping[int, float] = field(default_factory=dict)
    """By task: seconds for which its worker has not used the processor."""


class Executor(Protocol):
    """Takes tasks and returns their results. Only one thread may call it."""

    def submit(self, work: Work, blobs: Blobs) -> int:
        """Queue a task and return its number; the next free worker takes it."""
        ...

    def poll(self, timeout: float) -> list[Message]:
        """Results that have arrived; waits up to `timeout` seconds for the first.

        Every task ends with one TaskDone, TaskFailed or WorkerLost, its last message. Raises
        ExecutorClosedError after `close` and soon after `interrupt`, WorkersGoneError where a
        cluster is gone for good.
        """
        ...

    def cancel(self, task: int, reason: StopReason) -> None:
        """Ask a task to stop early and to send what it has.

        A worker that does not stop in time is replaced, and the task ends with WorkerLost.
        """
        ...

    def status(self) -> ExecutorStatus:
        """The state of the workers; cheap enough for every poll."""
        ...

    def resize(self, count: int) -> None:
        """Keep so many workers from now on; the memory of the others is given back."""
        ...

    def interrupt(self) -> None:
        """The process is about to end: have the states of trainings sent, then close.

        Returns at once, and may be called from any thread and from a handler of a signal. `poll`
        gives what is sent for a moment, and raises ExecutorClosedError from then on.
        """
        ...

    def close(self) -> None:
        """End all workers at once."""
        ...
