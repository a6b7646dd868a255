"""The select task inside a worker: which columns, and pairs of them, models need.

Runs in a worker; knows the table and the pipe, no run folder.
"""

from __future__ import annotations

import time
from dataclasses import replace

from automl_core.feature_selection import Interrupted, Question, Sample, at_most, choose, combine
from automl_core.runs.executor import Blobs, ColumnsSelected, SelectTask, unpack_rows
from automl_core.runs.worker.connection import Link
from automl_core.runs.worker.dataset import load_data, training_weight
from automl_core.types import StopReason

MOST_CELLS = 4_000_000  # rows times columns that a choice is made on
CELLS_A_SECOND = 150_000
"""Of those that a core deals with, for each output, with some to spare."""

PAIR_CELLS_A_SECOND = 25_000
"""The same where pairs are looked for."""

PAIR_WORK = 4.0
"""How much longer pairs take than columns on as many cells; with what these took, it tells what
can be done here and now, beside all else that runs."""


def select(task: SelectTask, blobs: Blobs, link: Link) -> None:
    """Choose, and send the choice with the seconds that it took."""
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
            return link.cancelled() or (StopReason.TIME if late else None)

        return interrupted

    def some(seconds: float | None, pace: int) -> Sample:
        cells = MOST_CELLS
        if seconds is not None:
            cells = min(cells, int(pace * seconds / max(1, classes - 1)))
        return at_most(sample, cells, task.seed)

    asked = some(task.seconds, CELLS_A_SECOND)
    chosen = choose(question, asked, task.seed, until(task.seconds))
    if task.pair_seconds != 0.0:
        limit = None if task.seconds is None else task.seconds + (task.pair_seconds or 0.0)
        pace = PAIR_CELLS_A_SECOND
        if limit is not None and task.pair_seconds:
            took = max(1e-3, time.monotonic() - began)
            share = (limit - took) / (PAIR_WORK * took)
            cells = share * len(asked) * len(task.data.columns) * max(1, classes - 1)
            pace = min(pace, int(cells / task.pair_seconds))
        asked, question = some(task.pair_seconds, pace), question.only(chosen.kept)
        chosen = replace(chosen, combined=combine(question, asked, task.seed, until(limit)))
    seconds = time.monotonic() - began
    link.send(ColumnsSelected(chosen, seconds))
