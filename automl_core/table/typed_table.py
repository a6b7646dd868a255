"""Typed columns: what parsing makes of raw cells, and what encoders read.

A typed column holds numbers (also booleans and dates, as seconds since 1970) or words.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class TypedColumn:
    """One column of n rows: either `numbers`, or `codes` that point into `words`."""

    name: str
    numbers: NDArray[np.float64] | None = None  # (n,), NaN where missing; booleans are 0 and 1
    codes: NDArray[np.int32] | None = None  # (n,), -1 where missing
    words: tuple[str, ...] = ()  # distinct strings that occur, in order of first appearance
    signals: NDArray[np.float32] | None = (
        None  # (words, k) of texts only: parsing/text_statistics.py
    )
    vectors: NDArray[np.float32] | None = None  # (words, d) of texts, by a sentence model

    def __len__(self) -> int:
        values = self.numbers if self.numbers is not None else self.codes
        assert values is not None
        return len(values)

    @property
    def gaps(self) -> NDArray[np.bool_]:
        """(n,) where the column has no value."""
        if self.numbers is not None:
            return np.isnan(self.numbers)
        assert self.codes is not None
        return self.codes < 0

    def take(self, rows: NDArray[np.int64]) -> TypedColumn:
        """The column at these row numbers; words are kept, used or not."""
        if self.numbers is not None:
            return TypedColumn(self.name, numbers=self.numbers[rows])
        assert self.codes is not None
        return TypedColumn(
            self.name, None, self.codes[rows], self.words, self.signals, self.vectors
        )


@dataclass(frozen=True, eq=False)
class TypedTable:
    """Typed columns of equal length, by name."""

    columns: dict[str, TypedColumn]
    rows: int

    def take(self, rows: NDArray[np.int64]) -> TypedTable:
        """The table at these row numbers."""
        taken = {name: column.take(rows) for name, column in self.columns.items()}
        return TypedTable(taken, len(rows))

    def only(self, names: Collection[str]) -> TypedTable:
        """The table with those of its columns that have these names, in its own order."""
        kept = {name: column for name, column in self.columns.items() if name in names}
        return TypedTable(kept, self.rows)

    def replaced(self, rows: NDArray[np.int64], columns: Mapping[str, TypedColumn]) -> TypedTable:
        """The table at these row numbers, with other cells (as many) in some columns."""
        taken = {n: columns[n] if n in columns else c.take(rows) for n, c in self.columns.items()}
        return TypedTable(taken, len(rows))
