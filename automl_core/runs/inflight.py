"""Tasks of one run that are with the executor: what was asked, and for which trial."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from automl_core.export.parts import split_members
from automl_core.features.target import TargetCoder
from automl_core.models.base import Files, StopReason
from automl_core.runs.desk import FoldPart
from automl_core.runs.executor import Executor
from automl_core.runs.protocol import pack_rows, unpack_values
from automl_core.runs.setting import Setting
from automl_core.runs.tasks import (
    ImportanceTask,
    Job,
    Message,
    ProbeTask,
    ScoreTask,
    SelectTask,
    TrainTask,
    Work,
)
from automl_core.search.portfolio import Proposal

HUNG_SECONDS = 20.0  # beyond its limit, that a task may take to start, encode and answer


class InFlight:
    """Hands tasks to the executor with the bytes they need, and remembers them."""

    def __init__(self, executor: Executor, setting: Setting, device: str) -> None:
        self._executor, self._setting, self._device = executor, setting, device
        self._tasks: dict[int, Work] = {}
        self._due: dict[int, float] = {}  # time.monotonic() by which a task with a limit is over

    @property
    def count(self) -> int:
        """Tasks that are out."""
        return len(self._tasks)

    def train(self, job: Job, limit: float | None) -> None:
        """Hand out one fold of one trial."""
        folds = self._setting.folds
        blobs = {
            "train.0": pack_rows(folds.train[job.fold]),
            "valid.0": pack_rows(folds.valid[job.fold]),
        }
        task = TrainTask(self._setting.link, (job,), limit, self._device)
        number = self._executor.submit(task, blobs)
        self._tasks[number] = task
        if limit is not None:
            self._due[number] = time.monotonic() + limit + HUNG_SECONDS

    def select(self, task: SelectTask, rows: NDArray[np.int64]) -> None:
        """Hand out a choice of columns, from these rows alone."""
        number = self._executor.submit(task, {"rows": pack_rows(rows)})
        self._tasks[number] = task
        if task.seconds is not None:
            self._due[number] = time.monotonic() + task.seconds + HUNG_SECONDS

    def probe(self, proposal: Proposal, seconds: float, columns: tuple[str, ...] = ()) -> None:
        """Hand out a look at how fast a family is here, on the first fold."""
        folds, link = self._setting.folds, self._setting.link
        blobs = {"train.0": pack_rows(folds.train[0]), "valid.0": pack_rows(folds.valid[0])}
        task = ProbeTask(link, proposal.family, proposal.config, seconds, self._device, columns)
        number = self._executor.submit(task, blobs)
        self._tasks[number] = task
        self._due[number] = time.monotonic() + 3 * seconds + HUNG_SECONDS

    def importance(self, task: ImportanceTask, files: Files) -> None:
        """Hand out importance of the model in `files` (those of a predictor)."""
        blobs = {
            f"member/{i}/{name}": data
            for i, part in enumerate(split_members(files))
            for name, data in part.items()
        }
        folds = self._setting.folds
        for i in range(folds.k):
            blobs[f"valid.{i}"] = pack_rows(folds.valid[task.repeat * folds.k + i])
        self._tasks[self._executor.submit(task, blobs)] = task

    def score_rows(self, files: Files, rows: NDArray[np.int64]) -> int:
        """Hand out stored rows to the model in `files`; the task's number."""
        blobs = {f"model/{name}": data for name, data in files.items()}
        blobs["rows"] = pack_rows(rows)
        task = ScoreTask(self._setting.link)
        number = self._executor.submit(task, blobs)
        self._tasks[number] = task
        return number

    def work(self, task: int) -> Work | None:
        """What this task is about; None where this run is not waiting for it."""
        return self._tasks.get(task)

    def is_probing(self, family: str) -> bool:
        """Whether a probe of this family is out."""
        return any(isinstance(w, ProbeTask) and w.family == family for w in self._tasks.values())

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


def fold_part(message: Message, coder: TargetCoder) -> FoldPart:
    """The fold that a worker sent."""
    plain = message.plain
    columns = 0 if coder.task == "regression" else len(coder.labels)
    files = {
        name.removeprefix("member/"): data
        for name, data in message.blobs.items()
        if name.startswith("member/")
    }
    return FoldPart(
        files=files,
        prediction=unpack_values(message.blobs["prediction"], columns),
        reason=plain["reason"],
        train_seconds=plain["train_seconds"],
        predict_ms_per_row=plain["predict_ms_per_row"],
        size_bytes=plain["size_bytes"],
    )
