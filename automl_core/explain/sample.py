"""The rows that a model is explained on, and the model as a function of them.

A model is explained on rows that it did not train on. Where no such rows are set apart, each row
is predicted by the members that did not see it: the sample then has a part for each set of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import ModelError
from automl_core.export import ChangedCells
from automl_core.table import TypedColumn, TypedTable

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Predict = Callable[[TypedTable], Floats]
"""A typed table of m rows to probabilities (m, classes) or values (m,)."""

Ask = Callable[[Sequence[ChangedCells]], Floats]
"""The predictions of rows of a known table after changes, one change after the other."""

Open = Callable[[TypedTable], Ask]
"""A typed table, whose rows will be asked for."""

Change = Mapping[str, TypedColumn]
"""Columns, by name, that stand in the place of the sample's own; of as many rows."""

BATCH_ROWS = 4_000  # predicted at once: between two batches a task can be stopped


def rows_of(predict: Predict) -> Open:
    """What a function of whole tables says of changed rows."""

    def opened(typed: TypedTable) -> Ask:
        return lambda changes: np.concatenate(
            [predict(typed.replaced(rows, columns)) for rows, columns in changes]
        )

    return opened


@dataclass(frozen=True, eq=False)
class Part:
    """Some rows of a sample, and what predicts them."""

    open: Open
    rows: Rows  # positions in the sample, ascending


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

    @cached_property
    def _asks(self) -> list[Ask]:
        return [part.open(self.typed.take(part.rows)) for part in self.parts]

    @cached_property
    def predicted(self) -> Floats:
        """(n, classes) or (n,): the predictions of the rows as they are."""
        found: Floats | None = None
        for part, ask in zip(self.parts, self._asks, strict=True):
            said = ask([(np.arange(len(part.rows), dtype=np.int64), {})])
            if found is None:
                found = np.empty((self.rows, *said.shape[1:]))
            found[part.rows] = said
        assert found is not None, "there is no row"
        return _numbers(found)

    def predict(self, changes: Sequence[Change]) -> Floats:
        """(changes, n, classes) or (changes, n): the predictions of the rows after each change.

        Only rows that a change touches are predicted. Raises ModelError where one is no number.
        """
        found = np.repeat(self.predicted[None], len(changes), axis=0)
        touched = [self._touched(change) for change in changes]
        for part, ask in zip(self.parts, self._asks, strict=True):
            for batch in _batches([np.flatnonzero(rows[part.rows]) for rows in touched]):
                said = ask([(own, _cells(changes[i], part.rows[own])) for i, own in batch])
                at = 0
                for i, own in batch:
                    found[i, part.rows[own]] = said[at : at + len(own)]
                    at += len(own)
        return _numbers(found)

    def _touched(self, change: Change) -> NDArray[np.bool_]:
        """(n,) where a cell is another one than the row's own."""
        found = np.zeros(self.rows, np.bool_)
        for name, column in change.items():
            found |= _differs(self.typed.columns[name], column)
        return found


def _batches(touched: Sequence[Rows]) -> Iterator[list[tuple[int, Rows]]]:
    """The rows of each change, by its number; about BATCH_ROWS at a time."""
    batch: list[tuple[int, Rows]] = []
    room = BATCH_ROWS
    for number, rows in enumerate(touched):
        left = rows
        while len(left):
            some, left = left[:room], left[room:]
            batch.append((number, some))
            room -= len(some)
            if not room:
                yield batch
                batch, room = [], BATCH_ROWS
    if batch:
        yield batch


def _cells(change: Change, rows: Rows) -> Change:
    return {name: column.take(rows) for name, column in change.items()}


def _differs(own: TypedColumn, other: TypedColumn) -> NDArray[np.bool_]:
    if own.numbers is not None and other.numbers is not None:
        same = (own.numbers == other.numbers) | (np.isnan(own.numbers) & np.isnan(other.numbers))
        return np.asarray(~same)
    if own.words is not other.words:
        return np.ones(len(own), np.bool_)
    return np.asarray(own.codes != other.codes)


def _numbers(predicted: Floats) -> Floats:
    if not np.isfinite(predicted).all():
        raise ModelError("The model predicts no number for some rows.", "Choose another model.")
    return predicted
