"""Rows that have some columns of one row and the others of a background row, and their predictions.

What contributions are computed from. Works on typed tables, before any encoding, so that a model
with all its encoders and members is explained as a whole.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from automl_core.table import TypedColumn, TypedTable

Values = NDArray[np.float64]
Masks = NDArray[np.bool_]
Measure = Callable[[TypedTable], Values]
"""The number of each row that is explained, (n,): a value, or the probability of one class."""

Players = tuple[tuple[str, ...], ...]
"""Columns that take part one by one, or several as one; each column once."""


class HybridRows:
    """One row and b background rows, and what the model says of mixtures of them."""

    def __init__(
        self, measure: Measure, row: TypedTable, background: TypedTable, players: Players
    ) -> None:
        self._measure = measure
        self._rows = stacked(row, background)
        self.players = players
        self.columns = len(row.columns)
        self._differs = _differences(self._rows, players)
        first = measure(self._rows)
        self.full = float(first[0])  # the prediction of the row
        self.empty: Values = first[1:]  # (b,) those of the background

    def values(self, masks: Masks, of: NDArray[np.int64]) -> Values:
        """(m,) predictions of rows whose players in `masks` (m, p) are the row's own, and whose
        other columns are those of the background rows `of` (m,).

        Equal rows are predicted once, and the ends not again: cells that two rows share anyway
        make many mixtures equal.
        """
        own = masks & self._differs[of]
        found = self.empty[of].copy()
        found[(own == self._differs[of]).all(axis=1)] = self.full
        between = np.flatnonzero(own.any(axis=1) & (own != self._differs[of]).any(axis=1))
        if not len(between):
            return found
        keys = np.packbits(own[between], axis=1)
        keys = np.concatenate([keys, of[between, None].astype("<i8").view(np.uint8)], axis=1)
        whole = np.ascontiguousarray(keys).view(np.dtype((np.void, keys.shape[1]))).ravel()
        _, first, place = np.unique(whole, return_index=True, return_inverse=True)
        chosen = between[first]
        found[between] = self._measure(self._mixed(own[chosen], of[chosen]))[place]
        return found

    def _mixed(self, masks: Masks, of: NDArray[np.int64]) -> TypedTable:
        columns = dict(self._rows.columns)
        for place, names in enumerate(self.players):
            source = np.where(masks[:, place], 0, of + 1)
            columns |= {name: columns[name].take(source) for name in names}
        rest = [n for n in columns if not any(n in names for names in self.players)]
        columns |= {name: columns[name].take(of + 1) for name in rest}
        return TypedTable(columns, len(of))


def stacked(first: TypedTable, second: TypedTable) -> TypedTable:
    """The rows of two tables of the same columns, one below the other."""
    columns = {n: _joined(first.columns[n], column) for n, column in second.columns.items()}
    return TypedTable(columns, first.rows + second.rows)


def _joined(first: TypedColumn, second: TypedColumn) -> TypedColumn:
    if first.numbers is not None and second.numbers is not None:
        return TypedColumn(first.name, numbers=np.concatenate([first.numbers, second.numbers]))
    assert first.codes is not None and second.codes is not None
    words, place = _all_words(first, second)
    moved = np.where(second.codes < 0, -1, np.append(place, -1)[second.codes])
    codes = np.concatenate([first.codes, moved.astype(np.int32)])
    signals = None
    if first.signals is not None and second.signals is not None:
        signals = np.concatenate([first.signals, second.signals])
    return TypedColumn(first.name, None, codes, words, signals)


def _all_words(
    first: TypedColumn, second: TypedColumn
) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """The words of both, and where those of the second are among them.

    Texts stay apart: those that are equal but for case and punctuation have other signals.
    """
    if first.signals is not None:
        return first.words + second.words, np.arange(len(second.words)) + len(first.words)
    known = {word: i for i, word in enumerate(dict.fromkeys(first.words + second.words))}
    return tuple(known), np.array([known[word] for word in second.words], np.int64)


def _differences(rows: TypedTable, players: Players) -> Masks:
    """(b, p) where a player's cells in the first row are not those of the row below."""
    found = [
        np.any([_differs(rows.columns[name]) for name in names], axis=0)
        if names
        else np.zeros(rows.rows - 1, np.bool_)
        for names in players
    ]
    return np.stack(found, axis=1) if found else np.zeros((rows.rows - 1, 0), np.bool_)


def _differs(column: TypedColumn) -> Masks:
    if column.numbers is not None:
        own, others = column.numbers[0], column.numbers[1:]
        same: Masks = (others == own) | (np.isnan(others) & np.isnan(own))
        return ~same
    assert column.codes is not None
    differs: Masks = column.codes[1:] != column.codes[0]
    return differs
