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
from automl_core.runs.worker.dataset import typed_table
from automl_core.scoring import (
    MOST_CHECKED,
    BatchCancelledError,
    StoredTable,
    check_file,
    make_scorer,
    score_pieces,
)
from automl_core.table import TableWriter, open_table
from automl_core.types import Files


def model_files(blobs: Blobs) -> Files:
    """The files of the predictor that came with a task."""
    return {n.removeprefix("model/"): d for n, d in blobs.items() if n.startswith("model/")}


def score_rows(task: ScoreTask, blobs: Blobs, connection: Connection) -> None:
    """Predict stored rows."""
    predictor = load_predictor(model_files(blobs))
    rows = unpack_rows(blobs["rows"])
    connection.send(Scored(predictor.predict(typed_table(task.data).take(rows))))


def predict_table(task: PredictTask, blobs: Blobs, connection: Connection) -> None:
    """Predict a whole stored table."""
    predictor = load_predictor(model_files(blobs))
    table = open_table(task.table, Path(task.root), verify=False)
    connection.send(TablePredicted(predictions_table(predictor, table)))


class _StoreSink:
    """Puts predictions into the table store."""

    def __init__(self, writer: TableWriter) -> None:
        self._writer, self._begun = writer, False

    def write(self, piece: pa.Table) -> None:
        """More rows."""
        if not self._begun:
            self._writer.begin(piece.schema)
            self._begun = True
        for batch in piece.to_batches():
            self._writer.write(batch)


def score_table(task: ScoreTableTask, blobs: Blobs, connection: Connection) -> None:
    """Predict a stored table piece by piece; sends nothing more once it is cancelled."""
    scorer = make_scorer(model_files(blobs))
    table = StoredTable(task.table, Path(task.root), task.rows)

    def report(rows: int) -> bool:
        connection.send(RowsScored(rows))
        return connection.cancelled() is None

    with TableWriter(Path(task.root)) as writer:
        try:
            score_pieces(scorer, table.pieces(), _StoreSink(writer), task.extras, report)
        except BatchCancelledError:
            return
        check = check_file(scorer, table.sample(MOST_CHECKED)) if task.extras else None
        connection.send(TableScored(writer.commit(), task.rows, check))


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
