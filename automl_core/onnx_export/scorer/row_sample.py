"""Evenly spaced rows of a file that comes batch by batch, typed, kept as small as they can be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from automl_core.table import TypedColumn, TypedTable


class RowSample:
    """At most `most` of `rows` rows; `picked` says which of the next ones, `add` takes them."""

    def __init__(self, rows: int, most: int) -> None:
        self._places: NDArray[np.int64] | None = None
        if rows > most:
            self._places = np.linspace(0, rows - 1, most).astype(np.int64)
        self._begin, self._rows = 0, 0
        self._parts: dict[str, list[TypedColumn]] = {}

    def picked(self, rows: int) -> NDArray[np.int64]:
        """The places, among the next so many rows, of those that belong to the sample."""
        begin, self._begin = self._begin, self._begin + rows
        if self._places is None:
            return np.arange(rows)
        here = (self._places >= begin) & (self._places < self._begin)
        return self._places[here] - begin

    def add(self, typed: TypedTable) -> None:
        """More rows of the sample, with the same columns each time."""
        self._rows += typed.rows
        for name, column in typed.columns.items():
            self._parts.setdefault(name, []).append(_compact(column))

    def table(self) -> TypedTable:
        """All of them."""
        columns = {name: _joined(name, parts) for name, parts in self._parts.items()}
        return TypedTable(columns, self._rows)


def _compact(column: TypedColumn) -> TypedColumn:
    """The column without words that it does not use."""
    if column.codes is None:
        return column
    used, codes = np.unique(column.codes[column.codes >= 0], return_inverse=True)
    small = np.full(len(column.codes), -1, np.int32)
    small[column.codes >= 0] = codes
    words = tuple(column.words[code] for code in used.tolist())
    signals = None if column.signals is None else column.signals[used]
    return TypedColumn(column.name, codes=small, words=words, signals=signals)


def _joined(name: str, parts: Sequence[TypedColumn]) -> TypedColumn:
    numbers = [part.numbers for part in parts if part.numbers is not None]
    if numbers:
        return TypedColumn(name, numbers=np.concatenate(numbers))
    places: dict[tuple[str, tuple[float, ...]], int] = {}
    codes: list[NDArray[np.int32]] = []
    for part in parts:
        assert part.codes is not None
        found = [places.setdefault(key, len(places)) for key in _keys(part)]
        codes.append(np.array([*found, -1], np.int32)[part.codes])
    words, first = tuple(word for word, _ in places), parts[0].signals
    if first is None:
        return TypedColumn(name, codes=np.concatenate(codes), words=words)
    signals = np.array([found for _, found in places], np.float32).reshape(-1, first.shape[1])
    return TypedColumn(name, codes=np.concatenate(codes), words=words, signals=signals)


def _keys(part: TypedColumn) -> list[tuple[str, tuple[float, ...]]]:
    """The words with their signals: texts that differ in case alone are two."""
    if part.signals is None:
        return [(word, ()) for word in part.words]
    return list(zip(part.words, map(tuple, part.signals.tolist()), strict=True))
