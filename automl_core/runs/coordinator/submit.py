"""Tasks with the bytes that they need, handed to the executor: fits, choices, importance, scores.

Each function puts one kind of task together; dispatcher.py remembers what is out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from automl_core.export import split_members
from automl_core.runs.coordinator.dispatcher import Dispatcher
from automl_core.runs.executor import (
    DataLink,
    EmbedTask,
    FoldTask,
    ImportanceTask,
    ProbeTask,
    RefitTask,
    ScoreTask,
    SelectTask,
    TrainTask,
    VisibleFeatures,
    pack_rows,
)
from automl_core.search import Proposal
from automl_core.types import Files

Rows = NDArray[np.int64]


def train(flight: Dispatcher, jobs: tuple[FoldTask, ...], limit: float | None) -> None:
    """Folds of one trial, to be trained within `limit` seconds altogether."""
    folds, blobs = flight.setting.folds, {}
    for i, job in enumerate(jobs):
        blobs[f"train.{i}"] = pack_rows(folds.train[job.fold])
        blobs[f"valid.{i}"] = pack_rows(folds.valid[job.fold])
    flight.submit(TrainTask(flight.setting.link, jobs, limit, flight.device), blobs, limit)


def refit(flight: Dispatcher, job: FoldTask, rows: Rows, limit: float | None) -> int:
    """A fit on all of these rows; the task's number."""
    task = RefitTask(flight.setting.link, job, limit, flight.device)
    return flight.submit(task, {"rows": pack_rows(rows)})


def select(flight: Dispatcher, task: SelectTask, rows: Rows) -> None:
    """A choice of columns and of pairs, from these rows alone."""
    blobs = {"rows": pack_rows(rows)}
    if flight.setting.parted is not None:
        blobs["parted"] = pack_rows(flight.setting.parted[rows])
    seconds = None if task.seconds is None else task.seconds + (task.pair_seconds or 0.0)
    flight.submit(task, blobs, seconds)


def embed(flight: Dispatcher, task: EmbedTask) -> None:
    """Vectors of all texts."""
    flight.submit(task, {}, task.seconds)


def probe(flight: Dispatcher, proposal: Proposal, seconds: float, seen: VisibleFeatures) -> None:
    """A look at how fast a family is here, on the first fold."""
    folds = flight.setting.folds
    blobs = {"train.0": pack_rows(folds.train[0]), "valid.0": pack_rows(folds.valid[0])}
    task = ProbeTask(
        flight.setting.link, proposal.family, proposal.config, seconds, flight.device, seen
    )
    flight.submit(task, blobs, 3 * seconds)


def importance(flight: Dispatcher, task: ImportanceTask, files: Files) -> None:
    """Importance of the model in `files` (those of a predictor)."""
    blobs = {
        f"member/{i}/{name}": data
        for i, part in enumerate(split_members(files))
        for name, data in part.items()
    }
    folds = flight.setting.folds
    for i in range(folds.k):
        blobs[f"valid.{i}"] = pack_rows(folds.valid[task.repeat * folds.k + i])
    flight.submit(task, blobs)


def score_rows(flight: Dispatcher, files: Files, link: DataLink, rows: Rows) -> int:
    """Rows of the table in `link` for the model in `files`; the task's number."""
    blobs = {f"model/{name}": data for name, data in files.items()}
    return flight.submit(ScoreTask(link), {**blobs, "rows": pack_rows(rows)})
