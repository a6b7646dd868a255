"""A file beside the training rows: what is unusual in its rows, and drift by column.

It is read twice: first how many rows it has and which columns are texts, then its rows.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.onnx_export.scorer.csv_rows import CsvFile, Row
from automl_core.onnx_export.scorer.row_extras import RowExtras
from automl_core.scoring import (
    MOST_CHECKED,
    NOT_COMPARED,
    ColumnReference,
    compared,
    drift_of_compared,
)
from automl_core.table import TypedColumn, TypedTable

_NUMBER = re.compile(r"[+-]?(?!0[0-9xX])([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
"""A number as programs write it, without leading zeros."""


class FileExtras:
    """The extras of a file's rows, given batch by batch, and of the whole."""

    def __init__(self, file: CsvFile, extras: RowExtras) -> None:
        """Reads the file once. Raises ScoringError where a row of it is damaged."""
        self._extras = extras
        self._texts: set[str] = set()
        self._rows = 0
        for row in file.rows():
            self._rows += 1
            for name in extras.training.plain_numbers - self._texts:
                if not _is_number(row[name]):
                    self._texts.add(name)
        self._done = 0
        self._parts: list[dict[str, TypedColumn]] = []

    @property
    def titles(self) -> list[str]:
        """The columns that `of` gives."""
        return self._extras.titles

    def of(
        self, rows: Sequence[Row], typed: TypedTable, chances: NDArray[Any]
    ) -> dict[str, list[str]]:
        """The extras of the next rows."""
        columns = self._extras.training.columns
        part = typed.take(self._picked(typed.rows))
        self._parts.append(
            {c.name: _small(compared(part.columns[c.name], c.kind), c) for c in columns}
        )
        return self._extras.of(rows, typed, chances, self._texts)

    def lines(self) -> tuple[str, ...]:
        """The verdict on all rows, and below it what has moved."""
        training = self._extras.training
        if not training.rows:
            return (NOT_COMPARED,)
        names = [column.name for column in training.columns]
        joined = {
            name: _joined([part[name] for part in self._parts]) for name in names if self._parts
        }
        return drift_of_compared(joined, min(self._rows, MOST_CHECKED), training).lines

    def _picked(self, rows: int) -> NDArray[np.int64]:
        """Which of the next rows are compared: evenly spaced where there are very many."""
        begin, self._done = self._done, self._done + rows
        if self._rows <= MOST_CHECKED:
            return np.arange(rows)
        places = np.linspace(0, self._rows - 1, MOST_CHECKED).astype(np.int64)
        return places[(places >= begin) & (places < self._done)] - begin


def _is_number(cell: str) -> bool:
    text = cell.strip()
    return not text or bool(_NUMBER.fullmatch(text) and math.isfinite(float(text)))


def _small(column: TypedColumn, reference: ColumnReference) -> TypedColumn:
    """The column with the words that training had; all others are one."""
    if column.codes is None or reference.kind == "boolean":
        return column
    places = {word: i for i, word in enumerate(reference.words)}
    codes = np.array([*(places.get(word, len(places)) for word in column.words), -1], np.int32)
    return TypedColumn(column.name, codes=codes[column.codes], words=(*reference.words, ""))


def _joined(parts: Sequence[TypedColumn]) -> TypedColumn:
    first = parts[0]
    if first.numbers is not None:
        numbers = [part.numbers for part in parts if part.numbers is not None]
        return TypedColumn(first.name, numbers=np.concatenate(numbers))
    codes = [part.codes for part in parts if part.codes is not None]
    return TypedColumn(first.name, codes=np.concatenate(codes), words=first.words)
