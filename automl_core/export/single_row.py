"""One row that a person has filled in: its prediction, and what is new in it."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from automl_core.export.cells import Cell, row_of_cells, typed_cell
from automl_core.export.predictor import Predictor
from automl_core.export.scoring import table_of_predictions
from automl_core.export.typical_values import ColumnFacts


def predict_row(predictor: Predictor, cells: Sequence[Cell]) -> pa.Table:
    """The prediction for one row, as `predictions_table` gives it; columns without a cell are
    missing."""
    row = row_of_cells(predictor.columns, cells)
    return table_of_predictions(predictor, predictor.predict(row))


def new_value(facts: ColumnFacts, cell: Cell) -> bool:
    """True for a value that the column did not have in training, as far as that is known."""
    if cell.number is not None and facts.low is not None and facts.high is not None:
        return not facts.low <= cell.number <= facts.high
    if cell.text is None or facts.column.parse.kind != "string" or not facts.words:
        return False
    typed = typed_cell(facts.column, cell)
    return bool(typed.words) and typed.words[0] not in facts.words
