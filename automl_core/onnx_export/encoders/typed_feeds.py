"""A typed table as what the inputs of a graph are given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.onnx_export.encoders.typed_inputs import ROW
from automl_core.table import Column, TypedColumn, TypedTable
from automl_core.table.parsing import SIGNALS


def feeds(columns: Sequence[Column], typed: TypedTable) -> dict[str, NDArray[Any]]:
    """Arrays (rows,) or (rows, signals) by input, of the columns that a model reads.

    `columns` are `TypedInputs.columns`.
    """
    found: dict[str, NDArray[Any]] = {}
    for column in columns:
        cells = typed.columns[column.name]
        if cells.numbers is not None:
            found[f"column:{column.name}"] = cells.numbers
            continue
        found[f"column:{column.name}"] = _words(cells)
        if column.parse.kind == "text":
            found[f"signals:{column.name}"] = _signals(cells)
    return found or {ROW: np.zeros(typed.rows)}


def _words(cells: TypedColumn) -> NDArray[Any]:
    assert cells.codes is not None
    words = cells.words
    if len(words) > len(cells.codes):  # few rows of a column with many words
        found = [words[code] if code >= 0 else "" for code in cells.codes.tolist()]
        return np.array(found, dtype=object)
    # The last entry is the one that code -1, missing, points to.
    return np.array([*words, ""], dtype=object)[cells.codes]


def _signals(cells: TypedColumn) -> NDArray[np.float32]:
    assert cells.codes is not None and cells.signals is not None
    found = np.zeros((len(cells.codes), len(SIGNALS)), np.float32)
    known = cells.codes >= 0
    found[known] = cells.signals[cells.codes[known]]
    return found
