"""Rows of cells to typed columns, and these to what the model's graph is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.onnx_export.scorer.cells import (
    SIGNALS,
    Plain,
    boolean,
    is_given,
    items,
    number,
    word,
    words,
)
from automl_core.onnx_export.scorer.csv_rows import Row
from automl_core.onnx_export.scorer.dates import seconds
from automl_core.onnx_export.scorer.scoring_error import ScoringError
from automl_core.table import TypedColumn, TypedTable

LONGEST = 1_000_000  # characters of a cell
KEPT, SHORT = 10_000, 200  # cells of a column that are kept as read, and how long they may be
Reader = Callable[[Any], Any]
READERS: dict[str, Callable[[Any, Plain], Any]] = {
    "string": word, "list": items, "text": words,
    "number": number, "boolean": boolean, "datetime": seconds,
}  # fmt: skip
NUMERIC = ("number", "boolean", "datetime")


class RowReader:
    """Reads the columns of a model; `kinds` has them by name, in its order."""

    def __init__(self, schema: Plain) -> None:
        columns = {column["name"]: column for column in schema["columns"]}
        self.kinds: dict[str, str] = {name: column["kind"] for name, column in columns.items()}
        self._rules = {
            name: column["rule"] | {"tables": schema["tables"]} for name, column in columns.items()
        }
        self._readers = {
            name: _reader(READERS[kind], self._rules[name]) for name, kind in self.kinds.items()
        }

    def read(self, rows: Sequence[Row]) -> TypedTable:
        """The rows, typed. Raises ScoringError where a cell is no plain value, or too long."""
        columns = {}
        for name, kind in self.kinds.items():
            for row in rows:
                _check(row[name], name)
            cells = [self._readers[name](row[name]) for row in rows]
            columns[name] = _typed(name, kind, cells)
        return TypedTable(columns, len(rows))

    def unread(self, name: str, rows: Sequence[Row], typed: TypedTable) -> NDArray[np.bool_]:
        """(n,) cells of a column that hold something that its rule cannot read."""
        gaps = typed.columns[name].gaps
        if self.kinds[name] in NUMERIC:
            for row in np.flatnonzero(gaps).tolist():
                gaps[row] = is_given(rows[row][name], self._rules[name])
            return gaps
        return np.zeros(len(gaps), np.bool_)

    def feed(self, typed: TypedTable) -> dict[str, NDArray[Any]]:
        """What each input of the graph is given."""
        found: dict[str, NDArray[Any]] = {}
        for name, column in typed.columns.items():
            if column.numbers is not None:
                found[f"column:{name}"] = column.numbers
                continue
            # The last entry is the one that code -1, missing, points to.
            found[f"column:{name}"] = np.array([*column.words, ""], object)[column.codes]
            if column.signals is not None:
                none = np.zeros((1, column.signals.shape[1]), np.float32)
                found[f"signals:{name}"] = np.concatenate([column.signals, none])[column.codes]
        return found or {"row": np.zeros(typed.rows)}


def _reader(read: Callable[[Any, Plain], Any], rule: Plain) -> Reader:
    """What reads a cell of a column; equal short cells are read once."""
    kept = lru_cache(KEPT, typed=True)(lambda cell: read(cell, rule))

    def found(cell: Any) -> Any:
        is_long = isinstance(cell, str) and len(cell) > SHORT
        return read(cell, rule) if is_long else kept(cell)

    return found


def _check(cell: Any, name: str) -> None:
    if not (cell is None or isinstance(cell, str | int | float)):
        raise ScoringError(f"A cell of {name!r} is neither text nor number: {str(cell)[:40]!r}.")
    if isinstance(cell, str) and len(cell) > LONGEST:
        raise ScoringError(f"A cell of {name!r} has more than {LONGEST:,} characters.")


def _typed(name: str, kind: str, cells: list[Any]) -> TypedColumn:
    if kind in NUMERIC:
        return TypedColumn(name, numbers=np.array(cells, np.float64))
    if kind == "text":  # one without letters is "" as well; its first signal is of its length
        cells = [cell if cell[1][0] else "" for cell in cells]
    places: dict[Any, int] = {}
    codes = [places.setdefault(cell, len(places)) if cell else -1 for cell in cells]
    told, signals = tuple(places), None
    if kind == "text":
        told = tuple(text for text, _ in places)
        signals = np.array([found for _, found in places], np.float32).reshape(-1, SIGNALS)
    return TypedColumn(name, codes=np.array(codes, np.int32), words=told, signals=signals)
