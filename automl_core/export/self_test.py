"""selftest.json: a few made-up rows, and what the model predicted for them when it was written.

The rows hold what columns usually hold, no row of the training table. Whoever loads the model
predicts them again: where another version of a library makes something else of the same weights,
that is an error, not a wrong prediction. Models without this file, as of 0.5.0, are not tested.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import ModelError
from automl_core.export.cells import Cell, row_of_cells
from automl_core.export.predictor_files import SELF_TEST_FILE
from automl_core.export.safe_reading import FORMAT_VERSION, damage_as_model_error, read_record
from automl_core.export.typical_values import ColumnFacts
from automl_core.files import dump_json
from automl_core.records import to_plain
from automl_core.table import Column, TypedTable
from automl_core.types import Files

TOLERANCE = 1e-4
"""The difference that is taken for rounding, as a share of the test's largest number."""

MOST_ROWS = 100

Floats = NDArray[np.float64]
Row = tuple[Cell, ...]


@dataclass(frozen=True)
class SelfTest:
    """selftest.json"""

    rows: tuple[Row, ...]  # cells of typed columns; a column without a cell is missing
    predictions: tuple[tuple[float, ...], ...]  # of each row: probabilities, or the one value
    tolerance: float = TOLERANCE
    format_version: int = FORMAT_VERSION


def typical_rows(facts: Sequence[ColumnFacts]) -> tuple[Row, ...]:
    """Rows of middle, of low and of high values, and one without any; texts are left out."""
    rows = []
    for place in range(3):
        cells = (_typical(fact, place) for fact in facts)
        rows.append(tuple(cell for cell in cells if cell is not None))
    return (*rows, ())


def _typical(fact: ColumnFacts, place: int) -> Cell | None:
    number = (fact.number, fact.low, fact.high)[place]
    if number is None:
        number = fact.number
    if number is not None and math.isfinite(number):
        return Cell(fact.name, number=number)
    if fact.column.parse.kind != "string" or not fact.words:
        return None
    return Cell(fact.name, text=fact.words[min(place, len(fact.words) - 1)])


def self_test_files(rows: Sequence[Row], predictions: Floats) -> Files:
    """The test as a file, from rows and their predictions (n, classes) or (n,)."""
    found = predictions.reshape(len(rows), -1).tolist()
    test = SelfTest(tuple(rows), tuple(tuple(row) for row in found))
    return {SELF_TEST_FILE: dump_json(to_plain(test))}


def predict_rows(
    predict: Callable[[TypedTable], Floats], columns: Sequence[Column], rows: Sequence[Row]
) -> Floats:
    """Predictions (n, classes) or (n,) of rows of cells, one by one, as in the test."""
    return np.concatenate([predict(row_of_cells(columns, row)) for row in rows])


def check_self_test(
    predict: Callable[[TypedTable], Floats], columns: Sequence[Column], files: Files
) -> None:
    """ModelError where the model predicts other than its file says; without a file nothing."""
    if SELF_TEST_FILE not in files:
        return
    test = read_record(SelfTest, files, SELF_TEST_FILE)
    known = {column.name for column in columns}
    sound = 0 < len(test.rows) == len(test.predictions) <= MOST_ROWS and 0 < test.tolerance <= 1
    sound = sound and all(cell.column in known for row in test.rows for cell in row)
    if not sound or len({len(row) for row in test.predictions}) != 1:
        raise ModelError(f"The model cannot be read: {SELF_TEST_FILE} is damaged.")
    with damage_as_model_error(SELF_TEST_FILE):
        found = predict_rows(predict, columns, test.rows).reshape(len(test.rows), -1)
        expected = np.array(test.predictions, np.float64)
        if found.shape != expected.shape:
            raise ModelError("The model's files contradict each other: its self-test is another's.")
        allowed = test.tolerance * float(np.abs(expected).max())
        worst = int(np.argmax(np.nan_to_num(np.abs(found - expected), nan=np.inf)))
    got, wanted = float(found.ravel()[worst]), float(expected.ravel()[worst])
    if not abs(got - wanted) <= allowed:
        raise ModelError(
            f"The model does not pass its self-test: it predicts {got:.6g} where it predicted "
            f"{wanted:.6g} when it was written (up to {allowed:.2g} is taken for rounding).",
            "Compare the versions in its manifest.json with those installed here, or export it "
            "again.",
        )
