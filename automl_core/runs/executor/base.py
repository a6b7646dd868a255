"""The seam between a run and whatever does its work.

Knows nothing about trials: it takes tasks, gives back messages. Implemented by local worker
processes (`local.py`); a cluster engine stands behind the same five methods.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from automl_core.runs.executor.protocol import Blobs
from automl_core.runs.executor.results import Message
from automl_core.runs.executor.tasks import Work


class ExecutorClosedError(Exception):
    """Nobody is there any more: the process is about to end."""


@dataclass(frozen=True)
class ExecutorStatus:
    """Who is there: a count of workers, those ready (warm), those busy, and what they hold."""

    count: int
    ready: int
    busy: int
    device: str  # "cpu", "cuda:0"; "" until a worker is ready
    device_title: str  # for people
    memory_bytes: int
    broken: str  # in words, why no worker can be had; "" while all is well
    gpus: int = 0  # workers that have a GPU each: networks are theirs


class Executor(Protocol):
    """Takes tasks, gives back messages. Only one thread may call it."""

    def submit(self, work: Work, blobs: Blobs) -> int:
        """Queue a task and return its number; the next free worker takes it."""
        ...

    def poll(self, timeout: float) -> list[Message]:
        """Messages that have come in; waits up to `timeout` seconds for the first.

        Raises ExecutorClosedError after `close`.
        """
        ...

    def cancel(self, task: int, reason: str) -> None:
        """Ask a task to stop and answer with what it has; a deaf worker is replaced."""
        ...

    def status(self) -> ExecutorStatus:
        """Who is there, cheaply."""
        ...

    def close(self) -> None:
        """End all workers at once."""
        ...
