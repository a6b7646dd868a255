"""Tasks of one run that are with the executor: what was asked, and for which trial."""

from __future__ import annotations

import time
from collections.abc import Collection

from automl_core.features import TargetCoder
from automl_core.runs.coordinator.trial_tracker import FoldResult
from automl_core.runs.executor import (
    Blobs,
    Executor,
    Message,
    ProbeTask,
    TrainTask,
    Work,
    unpack_values,
)
from automl_core.runs.setup import RunData
from automl_core.types import Files, StopReason

HUNG_SECONDS = 20.0  # beyond its limit, that a task may take to start, encode and answer


class Dispatcher:
    """Hands tasks to the executor and remembers them; what goes with each is in submit.py."""

    def __init__(self, executor: Executor, setting: RunData, device: str) -> None:
        self._executor = executor
        self.setting, self.device = setting, device
        self._tasks: dict[int, Work] = {}
        self._due: dict[int, float] = {}  # time.monotonic() by which a task with a limit is over

    @property
    def count(self) -> int:
        """Tasks that are out."""
        return len(self._tasks)

    @property
    def out(self) -> Collection[Work]:
        """What is out."""
        return self._tasks.values()

    def submit(self, work: Work, blobs: Blobs, seconds: float | None = None) -> int:
        """Hand out a task; its number. One with a limit in `seconds` is cancelled far beyond it."""
        number = self._executor.submit(work, blobs)
        self._tasks[number] = work
        if seconds is not None:
            self._due[number] = time.monotonic() + seconds + HUNG_SECONDS
        return number

    def work(self, task: int) -> Work | None:
        """What this task is about; None where this run is not waiting for it."""
        return self._tasks.get(task)

    @property
    def is_probing(self) -> bool:
        """Whether a probe is out."""
        return any(isinstance(w, ProbeTask) for w in self._tasks.values())

    def forget(self, task: int) -> None:
        """The task has ended."""
        self._tasks.pop(task, None)
        self._due.pop(task, None)

    def cancel_hung(self) -> None:
        """Stop tasks that are far beyond their limit; a worker that is deaf is replaced."""
        for number, due in self._due.items():
            if time.monotonic() > due:
                self._executor.cancel(number, StopReason.STOPPED)

    def cancel_all(self, reason: StopReason, trial: int | None = None) -> None:
        """Ask everything that is out, or the folds of one trial, to end with what it has."""
        for number, work in list(self._tasks.items()):
            jobs = work.jobs if isinstance(work, TrainTask) else ()
            if trial is None or any(job.trial == trial for job in jobs):
                self._executor.cancel(number, reason)


def fold_result(message: Message, coder: TargetCoder) -> FoldResult:
    """The fold that a worker sent."""
    plain = message.plain
    columns = 0 if coder.task == "regression" else len(coder.labels)
    return FoldResult(
        files=member_of(message),
        prediction=unpack_values(message.blobs["prediction"], columns),
        reason=plain["reason"],
        train_seconds=plain["train_seconds"],
        predict_ms_per_row=plain["predict_ms_per_row"],
        size_bytes=plain["size_bytes"],
        encode_seconds=plain["encode_seconds"],
        settled=plain["settled"],
        epochs=plain["epochs"],
    )


def member_of(message: Message) -> Files:
    """The files of the one member that a worker sent."""
    return {
        name.removeprefix("member/"): data
        for name, data in message.blobs.items()
        if name.startswith("member/")
    }
