"""The task of columns: an order in which they leave, and the scores of quick models of fewer.

Called by `main.py`. Some rows choose the order; the sets that follow from it are scored on others.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import ModelError
from automl_core.evaluation import ColumnSet, MeasuredColumns, compare_paired
from automl_core.feature_selection import (
    STEADY,
    Elimination,
    Interrupted,
    Matrices,
    OutOfTimeError,
    Question,
    Sample,
    at_most,
    eliminate,
    encode,
    learn,
)
from automl_core.runs.executor import Blobs, ColumnSetsTask, unpack_rows
from automl_core.runs.worker.connection import Connection
from automl_core.runs.worker.dataset import load_data, training_weight
from automl_core.types import StopReason

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]

MOST_CELLS = 400_000  # rows times columns that choose, and that train a fold's models
MOST_SCORED = 10_000  # rows of a fold
FOR_THE_ORDER = 0.5  # share of the time and of the work


@dataclass(frozen=True, eq=False)
class _Fold:
    """A fold as matrices of all columns, and the rows that it scores."""

    matrices: Matrices
    y: NDArray[Any]
    weight: Floats | None


def measure_columns(task: ColumnSetsTask, blobs: Blobs, connection: Connection) -> None:
    """Send the sets that time allowed, all columns first; ModelError where not even these could be.

    Large and small sets take turns, so that there is a frontier early.
    """
    began = time.monotonic()

    def until(limit: float) -> Interrupted:
        def interrupted() -> StopReason | None:
            late = time.monotonic() - began > limit
            return connection.cancelled() or (StopReason.TIME if late else None)

        return interrupted

    def order_report(share: float) -> None:
        connection.send(MeasuredColumns(task.data.metric, 0, {}, {}, (), FOR_THE_ORDER * share))

    question = _question(task)
    try:
        sample = _sample(task, unpack_rows(blobs["rows"]), blobs.get("parted"))
        half = until(FOR_THE_ORDER * task.seconds)
        found = eliminate(question, sample, task.prices, 0, half, order_report)
        folds = [_fold(task, question, blobs, i) for i in range(task.folds)]
        _score_all(task, question, found, folds, until(task.seconds), connection.send)
    except OutOfTimeError:
        raise ModelError(
            "There was no time to measure all columns once, or the rows are too few.",
            "Give it more time, or use a table with more rows.",
        ) from None


def _question(task: ColumnSetsTask) -> Question:
    classes = 0 if task.data.task == "regression" else len(task.data.coder.labels)
    return Question(task.data.columns, task.data.task, classes, task.data.metric)


def _sample(task: ColumnSetsTask, rows: Rows, parted: bytes | None = None) -> Sample:
    """Rows that train, fewer where a model has many outputs."""
    data, outputs = load_data(task.data), max(1, len(task.data.coder.labels) - 1)
    groups = None if parted is None else unpack_rows(parted)
    weight = training_weight(task.data, data, rows)
    sample = Sample(data.typed.take(rows), data.y[rows], weight, groups)
    return at_most(sample, int(MOST_CELLS / outputs**0.75), seed=0)


def _fold(task: ColumnSetsTask, question: Question, blobs: Blobs, number: int) -> _Fold:
    train, valid = (unpack_rows(blobs[f"{part}.{number}"]) for part in ("train", "valid"))
    data = load_data(task.data)
    if data.weight is not None:
        valid = valid[data.weight[valid] > 0]
    if len(valid) > MOST_SCORED:
        valid = np.sort(np.random.default_rng(0).permutation(valid)[:MOST_SCORED])
    weight = None if data.weight is None else data.weight[valid]
    scored = Sample(data.typed.take(valid), data.y[valid], weight)
    return _Fold(encode(question, _sample(task, train), scored), scored.y, weight)


def _score_all(
    task: ColumnSetsTask,
    question: Question,
    found: Elimination,
    folds: list[_Fold],
    interrupted: Interrupted,
    send: Callable[[MeasuredColumns], None],
) -> None:
    """Raises OutOfTimeError where not even all columns could be scored."""
    y = np.concatenate([fold.y for fold in folds])
    weights = [fold.weight for fold in folds if fold.weight is not None]
    weight = np.concatenate(weights) if weights else None
    if not len(y):
        raise ModelError("All rows that could score a set of columns have the weight 0.")
    turns = [*found.sets[1::2], *found.sets[2::2]]
    every = _predicted(question, found.sets[0], folds, interrupted)
    sets: list[ColumnSet] = []
    for number, names in enumerate((found.sets[0], *turns), start=1):
        try:
            mine = every if number == 1 else _predicted(question, names, folds, interrupted)
        except OutOfTimeError:
            return
        compared = compare_paired(task.data.metric, y, [every, mine], weight, reference=0)
        sets.append(ColumnSet(names, compared.models[1]))
        share = FOR_THE_ORDER + (1 - FOR_THE_ORDER) * number / len(found.sets)
        send(
            MeasuredColumns(
                task.data.metric, len(y), found.worth, task.prices, tuple(sets), share
            )
        )  # fmt: skip


def _predicted(
    question: Question, names: tuple[str, ...], folds: list[_Fold], interrupted: Interrupted
) -> Floats:
    """Predictions of the scored rows of all folds, from these columns. Raises OutOfTimeError."""
    wanted = set(names)
    places = np.array([i for i, c in enumerate(question.columns) if c.name in wanted], np.int64)
    return np.concatenate(
        [
            learn(
                fold.matrices.only(places), len(question.columns), 0, interrupted, STEADY
            ).prediction
            for fold in folds
        ]
    )
