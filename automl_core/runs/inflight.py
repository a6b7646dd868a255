"""Tasks of one run that are with the executor: what was asked, and for which trial."""

from __future__ import annotations

import time
from collections.abc import Collection

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
    DataLink,
    ImportanceTask,
    Job,
    Message,
    ProbeTask,
    RefitTask,
    ScoreTask,
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

    @property
    def out(self) -> Collection[Work]:
        """What is out."""
        return self._tasks.values()

    def train(self, jobs: tuple[Job, ...], limit: float | None) -> None:
        """Hand out folds of one trial, to be trained within `limit` seconds altogether."""
        folds, blobs = self._setting.folds, {}
        for i, job in enumerate(jobs):
            blobs[f"train.{i}"] = pack_rows(folds.train[job.fold])
            blobs[f"valid.{i}"] = pack_rows(folds.valid[job.fold])
        task = TrainTask(self._setting.link, jobs, limit, self._device)
        number = self._executor.submit(task, blobs)
        self._tasks[number] = task
        if limit is not None:
            self._due[number] = time.monotonic() + limit + HUNG_SECONDS

    def refit(self, job: Job, rows: NDArray[np.int64], limit: float | None) -> int:
        """Hand out a fit on all of these rows; the task's number."""
        task = RefitTask(self._setting.link, job, limit, self._device)
        number = self._executor.submit(task, {"rows": pack_rows(rows)})
        self._tasks[number] = task
        return number

    def probe(self, proposal: Proposal, seconds: float) -> None:
        """Hand out a look at how fast a family is here, on the first fold."""
        folds, link = self._setting.folds, self._setting.link
        blobs = {"train.0": pack_rows(folds.train[0]), "valid.0": pack_rows(folds.valid[0])}
        task = ProbeTask(link, proposal.family, proposal.config, seconds, self._device)
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

    def score_rows(self, files: Files, link: DataLink, rows: NDArray[np.int64]) -> int:
        """Hand out rows of the table in `link` to the model in `files`; the task's number."""
        blobs = {f"model/{name}": data for name, data in files.items()}
        blobs["rows"] = pack_rows(rows)
        task = ScoreTask(link)
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

    def cancel_trial(self, trial: int) -> None:
        """Stop the other folds of a trial."""
        for number, work in list(self._tasks.items()):
            if isinstance(work, TrainTask) and any(j.trial == trial for j in work.jobs):
                self._executor.cancel(number, StopReason.STOPPED)

    def cancel_all(self, reason: StopReason) -> None:
        """Ask everything that is out to end with what it has."""
        for number in list(self._tasks):
            self._executor.cancel(number, reason)


def fold_part(message: Message, coder: TargetCoder) -> FoldPart:
    """The fold that a worker sent."""
    plain = message.plain
    columns = 0 if coder.task == "regression" else len(coder.labels)
    return FoldPart(
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
