"""The select task inside a worker: which columns models need, from the rows it is given.

Runs in a worker; knows the table and the pipe, no run folder.
"""

from __future__ import annotations

import time

from automl_core.feature_selection.choose import choose
from automl_core.feature_selection.sample import Question, Sample, at_most
from automl_core.models.base import StopReason
from automl_core.records import to_plain
from automl_core.runs.data import load_data, training_weight
from automl_core.runs.link import Link
from automl_core.runs.protocol import Blobs, unpack_rows
from automl_core.runs.tasks import SelectTask

MOST_CELLS = 4_000_000  # rows times columns that a choice is made on
CELLS_A_SECOND = 150_000
"""Of those that a core deals with, for each output, with some to spare."""


def select(task: SelectTask, blobs: Blobs, link: Link) -> None:
    """Choose, and send the choice with the seconds that it took."""
    began = time.monotonic()
    rows, data = unpack_rows(blobs["rows"]), load_data(task.data)
    classes = 0 if task.data.task == "regression" else len(task.data.coder.labels)
    question = Question(task.data.columns, task.data.task, classes, task.data.metric)
    weight = training_weight(task.data, data, rows)
    parted = unpack_rows(blobs["parted"]) if "parted" in blobs else None
    sample = Sample(data.typed.take(rows), data.y[rows], weight, parted)

    def interrupted() -> StopReason | None:
        if (reason := link.cancelled()) is not None:
            return reason
        late = task.seconds is not None and time.monotonic() - began > task.seconds
        return StopReason.TIME if late else None

    cells = MOST_CELLS
    if task.seconds is not None:
        cells = min(cells, int(CELLS_A_SECOND * task.seconds / max(1, classes - 1)))
    chosen = choose(question, at_most(sample, cells, task.seed), task.seed, interrupted)
    seconds = time.monotonic() - began
    link.send("selected", {"chosen": to_plain(chosen), "seconds": seconds})
