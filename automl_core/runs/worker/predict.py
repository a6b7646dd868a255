"""The prediction tasks: some rows of a run's table, a stored table, or a single row.

Called by `main.py`, for the test rows at the end of a run and for a page. The predictor arrives
as files, never as a path.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from automl_core.export import Predictor, load_predictor, predict_row, predictions_table
from automl_core.runs.executor import (
    Blobs,
    PredictRowTask,
    PredictTask,
    RowsScored,
    Scored,
    ScoreTableTask,
    ScoreTask,
    TablePredicted,
    TableScored,
    unpack_rows,
)
from automl_core.runs.worker.connection import Connection
from automl_core.runs.worker.dataset import typed_rows
from automl_core.scoring import (
    MOST_CHECKED,
    BatchCancelledError,
    StoredTable,
    check_file,
    make_scorer,
    score_pieces,
)
from automl_core.table import open_table
from automl_core.types import Files


def model_files(blobs: Blobs) -> Files:
    """The files of the predictor that came with a task."""
    return {n.removeprefix("model/"): d for n, d in blobs.items() if n.startswith("model/")}


def score_rows(task: ScoreTask, blobs: Blobs, connection: Connection) -> None:
    """Predict stored rows."""
    predictor = load_predictor(model_files(blobs))
    names = {column.name for column in predictor.used}
    rows = typed_rows(task.data, unpack_rows(blobs["rows"]), names)
    connection.send(Scored(predictor.predict(rows)))


def predict_table(task: PredictTask, blobs: Blobs, connection: Connection) -> None:
    """Predict a whole stored table."""
    predictor = load_predictor(model_files(blobs))
    table = open_table(task.table, Path(task.root), verify=False)
    connection.send(TablePredicted(predictions_table(predictor, table)))


class _SendingSink:
    """Sends predictions to whoever asked."""

    def __init__(self, connection: Connection) -> None:
        self._connection, self._rows = connection, 0

    def write(self, piece: pa.Table) -> None:
        """More rows."""
        self._rows += piece.num_rows
        self._connection.send(RowsScored(self._rows, piece))


def score_table(task: ScoreTableTask, blobs: Blobs, connection: Connection) -> None:
    """Predict a stored table piece by piece; sends nothing more once it is cancelled."""
    scorer = make_scorer(model_files(blobs))
    table = StoredTable(task.table, Path(task.root), task.rows)

    def goes_on(_: int) -> bool:
        return connection.cancelled() is None

    try:
        sink = _SendingSink(connection)
        scored = score_pieces(scorer, table.pieces(), sink, task.extras, goes_on)
    except BatchCancelledError:
        return
    check = check_file(scorer, table.sample(MOST_CHECKED)) if task.extras else None
    connection.send(TableScored(scored.rows, scored.all_equal, check))


_loaded: dict[str, Predictor] = {}  # the one that predicted a row last: a person changes cells


def predict_one(task: PredictRowTask, blobs: Blobs, connection: Connection) -> None:
    """Predict a row that a person has filled in."""
    connection.send(TablePredicted(predict_row(kept_predictor(task.model, blobs), task.cells)))


def kept_predictor(model: str, blobs: Blobs) -> Predictor:
    """The predictor of this name; that of the task before where it is the same."""
    if model not in _loaded:
        _loaded.clear()
        _loaded[model] = load_predictor(model_files(blobs))
    return _loaded[model]
