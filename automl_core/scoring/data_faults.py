"""Faults of a file that can cost a model its score: units, gaps, cells not read, new categories.

A unit is found where the column's numbers, converted, are spread as those of the training rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from automl_core.evaluation import plain_number
from automl_core.scoring.column_reference import ColumnReference
from automl_core.scoring.compared_column import compared
from automl_core.scoring.drift import LEAST_ROWS, MOVED, distance
from automl_core.scoring.training_rows import TrainingRows
from automl_core.table import TypedColumn, TypedTable, shown
from automl_core.words import percent

MORE = 0.1  # share of rows with a gap or a new category, beyond that of training, that is a fault
BETTER = 0.4  # a conversion leaves so much of the distance to the training rows, at most

_FACTORS = (
    10.0, 100.0, 1000.0, 1e6,  # percent, cents, thousands
    12.0, 24.0, 60.0, 3600.0, 86_400.0, 7.0, 30.4375, 365.25,  # months, hours, minutes, days ...
    2.54, 25.4, 0.3048, 1.609344, 2.2046226, 4.1868, 6.89476, 3.785411784, 28.3495,  # imperial
)  # fmt: skip


@dataclass(frozen=True)
class Unit:
    """A conversion: numbers of the file are `factor` x training's + `shift`."""

    factor: float
    shift: float = 0.0

    def undone(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """The numbers in the unit of the training rows."""
        return (numbers - self.shift) / self.factor

    @property
    def words(self) -> str:
        """What was done to the numbers."""
        if self.shift:
            to = "Fahrenheit" if self.factor > 1 else "Celsius"
            return f"as if turned into {to}"
        if self.factor > 1:
            return f"{plain_number(self.factor)} times larger"
        return f"{plain_number(1 / self.factor)} times smaller"


UNITS = (
    *(Unit(factor) for factor in _FACTORS),
    *(Unit(1 / factor) for factor in _FACTORS),
    Unit(1.8, 32.0),
    Unit(1 / 1.8, -32 / 1.8),
    Unit(-1.0),
)


@dataclass(frozen=True, eq=False)
class DataFault:
    """A fault of a column: what it is, and the rows that have it."""

    column: str
    rows: NDArray[np.bool_]  # (n,)
    words: str
    unit: Unit | None = None  # None: it cannot be undone


def find_faults(
    typed: TypedTable, reference: TrainingRows, unread: Mapping[str, NDArray[np.bool_]]
) -> tuple[DataFault, ...]:
    """The faults of a file's rows; `unread` has the cells (n,) of columns that no rule could read.

    Fewer than LEAST_ROWS rows have none.
    """
    if typed.rows < LEAST_ROWS:
        return ()
    found: list[DataFault] = []
    for column in reference.columns:
        if column.name not in typed.columns or column.empty:
            continue
        cells = compared(typed.columns[column.name], column.kind)
        found += _gaps(cells, column, unread.get(column.name))
        if column.kind == "number":
            found += _unit(cells, column)
        elif cells.codes is not None:
            found += _new_words(cells, column)
    return tuple(found)


def repaired(typed: TypedTable, faults: Sequence[DataFault]) -> TypedTable:
    """The rows with their numbers in the units of training."""
    columns = dict(typed.columns)
    for fault in faults:
        numbers = columns[fault.column].numbers
        if fault.unit is not None and numbers is not None:
            columns[fault.column] = replace(
                columns[fault.column], numbers=fault.unit.undone(numbers)
            )
    return TypedTable(columns, typed.rows)


def _unit(cells: TypedColumn, reference: ColumnReference) -> list[DataFault]:
    assert cells.numbers is not None
    there = np.isfinite(cells.numbers)
    numbers, points = cells.numbers[there], np.array(reference.points)
    if len(numbers) < LEAST_ROWS or len(points) < LEAST_ROWS:
        return []
    now = distance(numbers, points)
    if now < 2 * MOVED:
        return []
    apart = [distance(unit.undone(numbers), points) for unit in UNITS]
    best = int(np.argmin(apart))
    if apart[best] > BETTER * now:
        return []
    words = f"The numbers in {shown(cells.name)} are {UNITS[best].words} than in training."
    if UNITS[best].shift or UNITS[best].factor < 0:
        what = UNITS[best].words if UNITS[best].shift else "of the other sign"
        words = f"The numbers in {shown(cells.name)} are {what}."
    return [DataFault(cells.name, there, words, UNITS[best])]


def _gaps(
    cells: TypedColumn, reference: ColumnReference, unread: NDArray[np.bool_] | None
) -> list[DataFault]:
    gaps = cells.gaps
    share = float(gaps.mean())
    if share - reference.missing < MORE:
        return []
    lost = 0.0 if unread is None else float(unread.mean())
    if lost > share / 2:
        words = f"{percent(lost)} of the cells in {shown(cells.name)} could not be read."
    else:
        words = (
            f"{shown(cells.name)} is missing in {percent(share)} of the rows, in training in "
            f"{percent(reference.missing)}."
        )
    return [DataFault(cells.name, gaps, words)]


def _new_words(cells: TypedColumn, reference: ColumnReference) -> list[DataFault]:
    assert cells.codes is not None
    known = set(reference.words)
    new = np.array([*(word not in known for word in cells.words), False])[cells.codes]
    if float(new.mean()) - reference.rest < MORE:
        return []
    counts = np.bincount(cells.codes[new], minlength=len(cells.words))
    example = cells.words[int(np.argmax(counts))]
    words = (
        f"{shown(cells.name)} has values that training did not have in {percent(new.mean())} of "
        f"the rows, such as {shown(example)}."
    )
    return [DataFault(cells.name, new, words)]
