"""The task of times: how long a model takes for one row, and for each of many.

Called by `main.py`.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from automl_core.export import load_predictor
from automl_core.runs.executor import Blobs, ModelTimed, TimeModelTask, unpack_rows
from automl_core.runs.worker.connection import Connection
from automl_core.runs.worker.dataset import typed_table
from automl_core.runs.worker.predict import model_files
from automl_core.table import TypedTable

MOST_TIMES, SECONDS = 30, 1.0  # single rows that are timed, and how long

Predict = Callable[[TypedTable], object]


def time_model(task: TimeModelTask, blobs: Blobs, connection: Connection) -> None:
    """Send the times of the model in the blobs."""
    predictor = load_predictor(model_files(blobs))
    rows = typed_table(task.data).take(unpack_rows(blobs["rows"]))
    connection.send(timed(predictor.predict, rows))


def timed(predict: Predict, rows: TypedTable) -> ModelTimed:
    """The median time of single rows, and the time a row of all of them together.

    The first prediction, in which memory is taken, does not count.
    """
    predict(rows)
    every = _seconds(predict, rows)
    return ModelTimed(_single_row(predict, rows), 1000 * every / max(1, rows.rows))


def _single_row(predict: Predict, rows: TypedTable) -> float:
    """Milliseconds for one row by itself: the median."""
    ends = time.monotonic() + SECONDS
    times: list[float] = []
    for place in range(min(rows.rows, MOST_TIMES)):
        one = rows.take(np.array([place], dtype=np.int64))
        times.append(_seconds(predict, one))
        if time.monotonic() > ends:
            break
    return 1000 * float(np.median(times))


def _seconds(predict: Predict, rows: TypedTable) -> float:
    began = time.perf_counter()
    predict(rows)
    return time.perf_counter() - began
