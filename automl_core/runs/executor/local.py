"""The Executor that runs tasks in worker processes of this machine, and measures their memory."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import psutil

from automl_core.runs.executor.base import ExecutorStatus
from automl_core.runs.executor.pool import PoolWorker, WorkerPool
from automl_core.runs.executor.process import WorkerProcess
from automl_core.runs.executor.protocol import Blobs
from automl_core.runs.executor.results import Message
from automl_core.runs.executor.stillness import Stillness
from automl_core.runs.executor.system_memory import free_memory, is_short
from automl_core.runs.executor.tasks import Work
from automl_core.types import StopReason

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
    """`count` worker processes; see WorkerPool."""

    def __init__(self, count: int, log: Path, device: str = "auto") -> None:
        self._memory, self._memory_measured, self._short = 0, 0.0, False
        self._free: int | None = None
        self._pool = WorkerPool(count, lambda inbox: WorkerProcess(inbox, log, device), Stillness())

    def submit(self, work: Work, blobs: Blobs) -> int:
        """Queue a task; see Executor."""
        return self._pool.submit(work, blobs)

    def poll(self, timeout: float) -> list[Message]:
        """Results that have arrived; see Executor."""
        return self._pool.poll(timeout)

    def cancel(self, task: int, reason: StopReason) -> None:
        """Ask a task to stop; see Executor."""
        self._pool.cancel(task, reason)

    def resize(self, count: int) -> None:
        """Keep so many workers from now on; see Executor."""
        self._pool.resize(count)

    def status(self) -> ExecutorStatus:
        """The state of the workers; what the system counts is asked for every second at most."""
        if time.monotonic() - self._memory_measured > MEMORY_EVERY:
            self._memory, self._memory_measured = (
                _memory_of(self._pool.workers),
                time.monotonic(),
            )
            self._short, self._free = is_short(self._memory), free_memory()
        return replace(
            self._pool.status(),
            memory_bytes=self._memory,
            free_bytes=self._free,
            short_of_memory=self._short,
        )

    def interrupt(self) -> None:
        """The process is about to end; see Executor."""
        self._pool.interrupt()

    def close(self) -> None:
        """End all workers at once."""
        self._pool.close()


def _memory_of(workers: Iterable[PoolWorker]) -> int:
    """Resident bytes of all processes together."""
    total = 0
    for worker in workers:
        with contextlib.suppress(psutil.Error):  # it may just have ended
            total += psutil.Process(worker.pid).memory_info().rss
    return total
