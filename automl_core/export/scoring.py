"""Scoring a new table: predictions as a table, and that table as CSV.

The columns of PREDICTIONS.csv are named here and nowhere else.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from numpy.typing import NDArray

from automl_core.export.predictor import Predictor
from automl_core.export.table_comparison import ColumnIssue, compare_columns, compare_table
from automl_core.files import make_folder, write_atomic

__all__ = [
    "ColumnIssue", "compare_columns", "compare_table",
    "csv_bytes", "predictions_table", "write_predictions",
]  # fmt: skip

PREDICTION, CHANCE = "prediction", "probability_"
MANY_ROWS = 10  # rows whose predictions are expected to differ

# What spreadsheets take for a formula (OWASP, CSV injection), unless it is a number or a mere sign.
_FORMULA = r"(?s)^([=@\t\r\n]|[+\-].)"
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"


def predictions_table(predictor: Predictor, table: pa.Table, typed: bool = False) -> pa.Table:
    """One row a row of `table`, in its order.

    `prediction` has the labels as the training file spells them: text, whole numbers as int64,
    and floats and Booleans as Python writes them (`1.0`, `True`), or in their own type where
    `typed`. Classification adds a float64 `probability_<label>` for each label. The prediction is
    the most probable label, or by the model's threshold; that of regression is float64, and
    `low_90` and `high_90` stand beside it where the model has intervals.
    """
    return table_of_predictions(predictor, predictor.predict_table(table), typed)


def table_of_predictions(
    predictor: Predictor, values: NDArray[np.float64], typed: bool = False
) -> pa.Table:
    """`predictions_table` of what the predictor has predicted: (n, classes), or (n,)."""
    if predictor.task == "regression":
        columns = {PREDICTION: values}
        if (intervals := predictor.answer.intervals) is not None:
            columns |= dict(zip(intervals.names, intervals.around(values), strict=True))
        return pa.table({name: pa.array(v, pa.float64()) for name, v in columns.items()})
    labels = predictor.target.names
    classes = classes_of(predictor, values)
    target = predictor.target
    arrays = [target.decode(classes) if typed else target.spell(classes)]
    arrays += [pa.array(np.ascontiguousarray(values[:, i])) for i in range(len(labels))]
    return pa.Table.from_arrays(arrays, [PREDICTION, *(f"{CHANCE}{n}" for n in labels)])


def classes_of(predictor: Predictor, values: NDArray[np.float64]) -> NDArray[np.int64]:
    """The number of each row's class (n,): the most probable one, or by the threshold."""
    threshold = predictor.answer.threshold
    if threshold is None:
        most: NDArray[np.int64] = values.argmax(axis=1).astype(np.int64)
        return most
    named = predictor.target.names.index(threshold.label)
    return np.where(values[:, named] > threshold.above, named, 1 - named).astype(np.int64)


def sameness_words(predictions: pa.Table) -> str:
    """A warning where all of many rows have equal predictions; "" where they differ.

    Such a model found nothing in these rows to tell them apart.
    """
    values = predictions.columns[1:] or predictions.columns
    same = all(len(pc.unique(column)) == 1 for column in values)
    return same_words(predictions.num_rows) if same else ""


def same_words(rows: int) -> str:
    """`sameness_words` of rows that are known to have one prediction; "" for few."""
    if rows < MANY_ROWS:
        return ""
    return (
        f"All {rows:,} rows have the same prediction: the model found nothing in them to tell them "
        "apart."
    )


def write_predictions(table: pa.Table, path: Path) -> None:
    """Write `predictions_table`'s result as UTF-8 CSV: whole, or not at all."""
    make_folder(path.parent)
    write_atomic(path, csv_bytes(table, guard_formulas=False))


def csv_bytes(table: pa.Table, guard_formulas: bool) -> bytes:
    """The table as UTF-8 CSV with a header; numbers in the shortest form that reads back equal.

    `guard_formulas`: text cells and column names that a spreadsheet would run as a formula
    get a leading apostrophe. Off for files that programs read, since it changes the text.
    """
    if guard_formulas:
        table = guarded(table)
    buffer = io.BytesIO()
    pyarrow.csv.write_csv(table, buffer)
    return buffer.getvalue()


def guarded(table: pa.Table) -> pa.Table:
    """The table with an apostrophe before each text that a spreadsheet would run as a formula."""
    names = [_guard(pa.array([name]))[0].as_py() for name in table.column_names]
    columns = [_guard(c) if _is_text(c.type) else c for c in table.columns]
    return pa.Table.from_arrays(columns, names)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _guard(values: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    risky = pc.and_(
        pc.match_substring_regex(values, _FORMULA),
        pc.invert(pc.match_substring_regex(values, _NUMBER)),
    )
    quoted = pc.binary_join_element_wise(pa.scalar("'", values.type), values, "")
    return pc.if_else(pc.fill_null(risky, False), quoted, values)
