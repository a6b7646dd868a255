"""The rows that a model is explained on, and the model as a function of them.

A model is explained on rows that it did not train on. Where no such rows are set apart, each row
is predicted by the members that did not see it: the sample then has a part for each set of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import ModelError
from automl_core.table import TypedColumn, TypedTable

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Predict = Callable[[TypedTable], Floats]
"""A typed table of m rows to probabilities (m, classes) or values (m,)."""

Change = Mapping[str, TypedColumn]
"""Columns, by name, that stand in the place of the sample's own; of as many rows."""

BATCH_ROWS = 2_000  # predicted at once: between two batches a task can be stopped


@dataclass(frozen=True, eq=False)
class Part:
    """Some rows of a sample, and what predicts them."""

    predict: Predict
    rows: Rows  # positions in the sample


@dataclass(frozen=True, eq=False)
class Sample:
    """Rows in random order, with their truth; the parts hold each row once."""

    typed: TypedTable
    kinds: Mapping[str, str]  # of the columns to explain: the kind of their ParseRule
    y: NDArray[Any]  # (n,) class numbers, or values
    weight: Floats | None  # (n,)
    parts: tuple[Part, ...]
    labels: tuple[str, ...]  # of the classes; () for values

    @property
    def rows(self) -> int:
        """The number of rows."""
        return self.typed.rows

    @property
    def weights(self) -> Floats:
        """(n,) of the rows; ones where none were given."""
        return np.ones(self.rows) if self.weight is None else self.weight

    def first(self, rows: int) -> Sample:
        """The first rows alone: a random part of them, as the order is random."""
        if rows >= self.rows:
            return self
        weight = None if self.weight is None else self.weight[:rows]
        parts = [replace(part, rows=part.rows[part.rows < rows]) for part in self.parts]
        return replace(
            self,
            typed=self.typed.take(np.arange(rows, dtype=np.int64)),
            y=self.y[:rows],
            weight=weight,
            parts=tuple(part for part in parts if len(part.rows)),
        )

    def predict(self, changes: Sequence[Change]) -> Floats:
        """(changes, n, classes) or (changes, n): the predictions of the rows after each change.

        Raises ModelError where one is no number.
        """
        found: Floats | None = None
        step = max(1, BATCH_ROWS // max(1, self.rows))
        for start in range(0, len(changes), step):
            some = changes[start : start + step]
            for part in self.parts:
                said = part.predict(_changed(self.typed, some, part.rows))
                said = said.reshape(len(some), len(part.rows), *said.shape[1:])
                if found is None:
                    found = np.empty((len(changes), self.rows, *said.shape[2:]))
                found[start : start + len(some), part.rows] = said
        assert found is not None, "there is no change, or no row"
        if not np.isfinite(found).all():
            raise ModelError("The model predicts no number for some rows.", "Choose another model.")
        return found


def _changed(typed: TypedTable, changes: Sequence[Change], rows: Rows) -> TypedTable:
    """The rows once for each change, one after the other."""
    columns = {}
    for name, column in typed.columns.items():
        own = column.take(rows)
        copies = [change[name].take(rows) if name in change else own for change in changes]
        columns[name] = _joined(copies)
    return TypedTable(columns, len(rows) * len(changes))


def _joined(copies: Sequence[TypedColumn]) -> TypedColumn:
    """Columns of the same words, one below the other."""
    first = copies[0]
    if len(copies) == 1:
        return first
    if first.numbers is not None:
        return replace(first, numbers=np.concatenate([_numbers(c) for c in copies]))
    return replace(first, codes=np.concatenate([_codes(c) for c in copies]))


def _numbers(column: TypedColumn) -> Floats:
    assert column.numbers is not None
    return column.numbers


def _codes(column: TypedColumn) -> NDArray[np.int32]:
    assert column.codes is not None
    return column.codes
