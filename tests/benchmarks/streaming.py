"""How long an epoch takes from its end in a worker until the run's log has it.

Used by `tests.benchmarks.cluster`, for one worker here and one on a cluster. A whole run is
conducted: the coordinator does all that it does otherwise. A worker begins a task when it gets it:
at once, or when its task before has ended; from then on the worker itself says how long it took to
encode the rows, and when after that each epoch was over.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from automl_core.runs.coordinator import conduct
from automl_core.runs.executor import Executor, ExecutorStatus, TrainTask, Work, open_executor
from automl_core.runs.executor.protocol import Blobs
from automl_core.runs.executor.results import FoldFitted, Message, TaskDone, TaskFailed
from automl_core.runs.record import Budget, LogReader, RunFolder, RunOptions, TrainRequest
from automl_core.runs.record import events as e
from automl_core.runs.record.commands import hold
from automl_core.types import StopReason
from tests.runs.tables import small_table, stored_run

FAMILIES = ("lightgbm", "mlp")
LOOK_SECONDS = 0.005

Fit = tuple[int, int]  # trial and fold


@dataclass
class Watched:
    """An executor of one worker; notes when that got each fit, and how long encoding took."""

    executor: Executor
    began: dict[Fit, float] = field(default_factory=dict)  # time.monotonic()
    encoded: dict[Fit, float] = field(default_factory=dict)  # seconds
    families: dict[Fit, str] = field(default_factory=dict)
    _waiting: list[tuple[int, Work]] = field(default_factory=list)

    def submit(self, work: Work, blobs: Blobs) -> int:
        number = self.executor.submit(work, blobs)
        self._waiting.append((number, work))
        if len(self._waiting) == 1:
            self._begin()
        return number

    def _begin(self) -> None:
        work = self._waiting[0][1] if self._waiting else None
        if isinstance(work, TrainTask) and len(work.jobs) == 1:
            (job,) = work.jobs
            self.began[job.trial, job.fold] = time.monotonic()
            self.families[job.trial, job.fold] = job.family

    def poll(self, timeout: float) -> list[Message]:
        messages = self.executor.poll(timeout)
        for message in messages:
            result = message.result
            if isinstance(result, FoldFitted):
                self.encoded[result.trial, result.fold] = result.encode_seconds
            if isinstance(result, TaskDone | TaskFailed):
                self._waiting = [(n, work) for n, work in self._waiting if n != message.task]
                self._begin()
        return messages

    def cancel(self, task: int, reason: StopReason) -> None:
        self.executor.cancel(task, reason)

    def status(self) -> ExecutorStatus:
        return self.executor.status()

    def resize(self, count: int) -> None:
        self.executor.resize(count)

    def interrupt(self) -> None:
        self.executor.interrupt()

    def close(self) -> None:
        self.executor.close()


def delays(cluster: str | None, root: Path, trials: int = 10, rows: int = 6000) -> list[float]:
    """Seconds from the end of each reported epoch until the log had it; the first trial of each
    family apart, which loads libraries."""
    options = RunOptions(Budget(trials=trials), families=FAMILIES, folds=2)
    folder = RunFolder(root / "runs" / ("here" if cluster is None else "there"))
    folder.create(*stored_run(root, small_table(rows), TrainRequest("answer", options)))
    executor, _ = open_executor(cluster, 1, root / "workers.log")
    watched, seen, over = Watched(executor), list[tuple[float, e.Epochs]](), threading.Event()

    def follow() -> None:
        reader = LogReader(folder.log_path)
        while not over.wait(LOOK_SECONDS):
            if folder.log_path.exists():
                now_read = reader.read()
                now = time.monotonic()
                seen.extend((now, x.event) for x in now_read if isinstance(x.event, e.Epochs))

    thread = threading.Thread(target=follow)
    thread.start()
    try:
        with hold(folder.path):
            state = conduct(folder, watched, root, time.monotonic(), 1)
    finally:
        over.set()
        thread.join()
        watched.close()
    assert state.finished is not None, state.reason
    first = {min(f for f, name in watched.families.items() if name == one) for one in FAMILIES}
    return [
        at - watched.began[fit] - watched.encoded[fit] - seconds
        for at, event in seen
        if (fit := (event.trial, event.fold)) in watched.encoded
        and fit in watched.began
        and fit not in first
        for seconds in event.seconds
    ]
