"""The column selection task: the columns, and pairs of columns, that models need.

Called by `main.py`. It limits how many cells the selection looks at to what the time allows;
the selection itself is the package `feature_selection`.
"""

from __future__ import annotations

import time
from dataclasses import replace

from automl_core.feature_selection import (
    VERY_MANY,
    Interrupted,
    Question,
    Sample,
    at_most,
    choose,
    combine,
)
from automl_core.runs.executor import Blobs, ColumnsSelected, SelectTask, unpack_rows
from automl_core.runs.worker.connection import Connection
from automl_core.runs.worker.dataset import load_data, training_weight
from automl_core.types import StopReason

MOST_CELLS = 4_000_000  # rows times columns that a choice is made on
CELLS_A_SECOND = 150_000
"""Cells that a core handles in a second of column selection, for each output, with a margin."""

FEWEST_LOOKED = 200
"""Columns that are looked at in any case, however little time there is. Of more than twice as many
as there is time for, a first look tells which; the speed above is given with a margin."""

LOOKED_SHARE = 0.25  # of those that there would be time for: to look at all others takes time, too

PAIR_CELLS_A_SECOND = 25_000
"""The same for the search for pairs."""

PAIR_WORK = 4.0
"""The time that pairs take, as a multiple of that of columns on as many cells. With the measured
time of the columns it estimates the speed of this machine now, beside all else that runs on it."""


def select_columns(task: SelectTask, blobs: Blobs, connection: Connection) -> None:
    """Choose columns, then pairs of them where that is asked for, and send the choice."""
    began = time.monotonic()
    rows, data = unpack_rows(blobs["rows"]), load_data(task.data)
    classes = 0 if task.data.task == "regression" else len(task.data.coder.labels)
    question = Question(task.data.columns, task.data.task, classes, task.data.metric)
    weight = training_weight(task.data, data, rows)
    parted = unpack_rows(blobs["parted"]) if "parted" in blobs else None
    sample = Sample(data.typed.take(rows), data.y[rows], weight, parted)

    def until(limit: float | None) -> Interrupted:
        def interrupted() -> StopReason | None:
            late = limit is not None and time.monotonic() - began > limit
            return connection.cancelled() or (StopReason.TIME if late else None)

        return interrupted

    def cells_for(seconds: float | None, cells_a_second: int) -> int:
        if seconds is None:
            return MOST_CELLS
        return min(MOST_CELLS, int(cells_a_second * seconds / max(1, classes - 1)))

    cells = cells_for(task.seconds, CELLS_A_SECOND)
    part = at_most(sample, cells, task.seed)
    most = len(question.columns)
    if most >= VERY_MANY and most > 2 * max(FEWEST_LOOKED, cells // len(part)):
        most = max(FEWEST_LOOKED, int(LOOKED_SHARE * cells / len(part)))
    chosen = choose(question, part, task.seed, until(task.seconds), most)
    if task.pair_seconds != 0.0:
        limit = None if task.seconds is None else task.seconds + (task.pair_seconds or 0.0)
        cells_a_second = PAIR_CELLS_A_SECOND
        if limit is not None and task.pair_seconds:
            taken = max(1e-3, time.monotonic() - began)
            share = (limit - taken) / (PAIR_WORK * taken)
            work = share * len(part) * len(task.data.columns) * max(1, classes - 1)
            cells_a_second = min(cells_a_second, int(work / task.pair_seconds))
        part = at_most(sample, cells_for(task.pair_seconds, cells_a_second), task.seed)
        question = question.only(chosen.kept)
        part = part.only(question.columns)
        chosen = replace(chosen, combined=combine(question, part, task.seed, until(limit)))
    connection.send(ColumnsSelected(chosen, time.monotonic() - began))
