"""The task of rows: quick boosters on parts of the training rows, scored on the same others.

Called by `main.py`.
"""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from automl_core.evaluation import RowScores
from automl_core.metrics import score
from automl_core.models import Epoch, FitControl, catalog
from automl_core.runs.executor import Blobs, RowCurveTask, unpack_rows
from automl_core.runs.worker.connection import Connection
from automl_core.runs.worker.dataset import encode_fold, load_data
from automl_core.types import StopReason

Rows = NDArray[np.int64]

FAMILY = "lightgbm"
QUICK = {"learning_rate": 0.1, "max_iterations": 200, "patience": 15, "max_leaves": 16}
SIZES, FEWEST = 6, 40  # sizes, each half of the next, and rows of the smallest at least
MOST_ROWS = 40_000  # that train


def measure_rows(task: RowCurveTask, blobs: Blobs, connection: Connection) -> None:
    """Send the scores of the sizes so far after each that time allows, the smallest first.

    Each size holds the rows of those before it. A size that was not scored in all folds is left
    out.
    """
    ends = time.monotonic() + task.seconds
    folds = [
        (unpack_rows(blobs[f"train.{i}"]), unpack_rows(blobs[f"valid.{i}"]))
        for i in range(task.folds)
    ]
    every = min(len(train) for train, _ in folds)
    sizes = _sizes(min(every, MOST_ROWS))
    mixed = [np.random.default_rng(i).permutation(train) for i, (train, _) in enumerate(folds)]
    found: list[tuple[float, ...]] = []
    for size in sizes:
        began, scores = time.monotonic(), []
        for train, (_, valid) in zip(mixed, folds, strict=True):
            if connection.cancelled() or (found and time.monotonic() > ends):
                break
            scores.append(_score(task, np.sort(train[:size]), valid, connection))
        if len(scores) < len(folds):
            break
        found.append(tuple(scores))
        rows = tuple(sizes[: len(found)])
        connection.send(RowScores(task.data.metric, rows, tuple(found), every))
        if time.monotonic() + 2 * (time.monotonic() - began) > ends:
            break  # the next size takes about twice as long
    if not found:
        connection.send(RowScores(task.data.metric, (), (), every))


def _sizes(rows: int) -> list[int]:
    sizes = [rows // 2**i for i in range(SIZES - 1, -1, -1)]
    return [size for size in sizes if size >= FEWEST]


def _score(task: RowCurveTask, train: Rows, valid: Rows, connection: Connection) -> float:
    spec = catalog.model_spec(FAMILY)
    fold = encode_fold(task.data, train, valid, spec.encoding)

    def report(_: Epoch) -> StopReason | None:
        return connection.cancelled()

    control = FitControl(report, connection.cancelled, lambda: 0.0, seed=0)
    model = catalog.fit(spec, fold.fit, {**spec.defaults, **QUICK}, control).model
    every = load_data(task.data).weight
    weight = None if every is None else every[valid]
    prediction = model.predict(fold.fit.x_valid)
    return float(score(task.data.metric, fold.fit.y_valid, prediction, weight))
