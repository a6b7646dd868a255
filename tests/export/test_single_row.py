"""A row by hand is predicted as the same row of a table; what is new in it is told."""

from __future__ import annotations

import pyarrow as pa
import pytest

from automl_core.export.cells import Cell
from automl_core.export.scoring import predictions_table
from automl_core.export.single_row import new_value, predict_row
from automl_core.export.typical_values import facts_of_table
from automl_core.table.parsing import parse_table
from automl_core.types import Task
from tests import small


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_it_is_predicted_as_in_a_table(task: Task) -> None:
    predictor = small.predictor(task, "lightgbm", "linear")
    table = small.table().slice(7, 1)
    typed = parse_table(table, predictor.columns)
    cells = []
    for column in predictor.columns:
        known = typed.columns[column.name]
        if known.numbers is not None:
            cells.append(Cell(column.name, number=float(known.numbers[0])))
        elif known.words:
            cells.append(Cell(column.name, text=known.words[0]))
    assert predict_row(predictor, cells).equals(predictions_table(predictor, table))


def test_a_row_of_nothing_is_a_row_of_missing_values() -> None:
    predictor = small.predictor("binary", "lightgbm")
    rows = pa.table({"age": pa.nulls(1, pa.int64())})
    assert predict_row(predictor, [Cell("age")]).equals(predictions_table(predictor, rows))


@pytest.mark.parametrize(
    ("cell", "new"),
    [
        (Cell("age", number=30.0), False),
        (Cell("age", number=17.0), True),
        (Cell("age", number=1e300), True),
        (Cell("age"), False),  # missing
        (Cell("city", text="Oslo"), False),
        (Cell("city", text=" Oslo "), False),  # as a table's cell would be read
        (Cell("city", text="Paris"), True),
        (Cell("note", text="never said before"), False),  # texts are read by their words
    ],
)
def test_values_that_the_column_never_had(cell: Cell, new: bool) -> None:
    columns = small.predictor("binary", "lightgbm").columns
    facts = {fact.name: fact for fact in facts_of_table(columns, small.table())}
    assert new_value(facts[cell.column], cell) == new
