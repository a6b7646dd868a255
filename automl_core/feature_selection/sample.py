"""The rows that a selection uses, and shuffled copies of their columns.

Works on typed tables, independent of models and runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.table import Column, TypedColumn, TypedTable
from automl_core.types import DropReason, Task

SHADOW = "\x1fshuffled "
"""Begins the name of a shuffled copy; no column of a table has control characters in its name."""

VERY_MANY = 5_000
"""Columns from which a run looks at a part of them only."""

FEWEST_ROWS, MOST_ROWS = 1_000, 20_000
"""Limits of the number of rows that are used, where there are as many."""


@dataclass(frozen=True, eq=False)
class Sample:
    """n rows: their cells, their target and their weight."""

    typed: TypedTable
    y: NDArray[Any]  # (n,) class numbers, or values
    weight: NDArray[np.float64] | None  # (n,)
    parted: NDArray[np.int64] | None = None  # (n,) inner folds take the rows of one number together

    def __len__(self) -> int:
        return len(self.y)

    def take(self, rows: NDArray[np.int64]) -> Sample:
        """The sample at these positions."""
        weight = None if self.weight is None else self.weight[rows]
        parted = None if self.parted is None else self.parted[rows]
        return Sample(self.typed.take(rows), self.y[rows], weight, parted)

    def only(self, columns: Sequence[Column]) -> Sample:
        """The sample with these columns."""
        return replace(self, typed=self.typed.only({c.name for c in columns}))

    def parts(self, count: int, rng: np.random.Generator) -> list[NDArray[np.int64]]:
        """The rows divided at random into so many parts, those of one number into one part."""
        if self.parted is None:
            rows = np.array_split(rng.permutation(len(self)), count)
            return [np.sort(part) for part in rows]
        numbers, place, sizes = np.unique(self.parted, return_inverse=True, return_counts=True)
        order = rng.permutation(len(numbers))
        order = order[np.argsort(-sizes[order], kind="stable")]  # large ones first: even parts
        filled, part = np.zeros(count), np.zeros(len(numbers), np.int64)
        for number in order:
            part[number] = filled.argmin()
            filled[part[number]] += sizes[number]
        found = [np.flatnonzero(part[place] == k) for k in range(count)]
        return [rows for rows in found if len(rows)]


@dataclass(frozen=True)
class Question:
    """The task and the columns to choose from."""

    columns: tuple[Column, ...]
    task: Task
    classes: int  # 0 for regression
    metric: str  # what scores are reported in; lists are chosen by log loss or squared error

    def only(self, names: Sequence[str]) -> Question:
        """The same with these columns only, in the table's order."""
        wanted = set(names)
        return replace(self, columns=tuple(c for c in self.columns if c.name in wanted))


def at_most(sample: Sample, cells: int, seed: int) -> Sample:
    """The sample, or so many of its rows, drawn by chance, that it has no more cells.

    FEWEST_ROWS stay in any case, and no more than MOST_ROWS do.
    """
    most = min(MOST_ROWS, max(FEWEST_ROWS, cells // max(1, len(sample.typed.columns))))
    if len(sample) <= most:
        return sample
    rows = np.random.default_rng(seed).choice(len(sample), most, replace=False)
    return sample.take(np.sort(rows).astype(np.int64))


def with_shadows(
    sample: Sample, question: Question, rng: np.random.Generator
) -> tuple[Sample, Question]:
    """Add a shuffled copy of every column to both: the same cells, nothing to learn.

    Copies as in Boruta (Kursa and Rudnicki 2010); each column is compared with its own.
    """
    columns = dict(sample.typed.columns)
    copies = []
    for column in question.columns:
        order = rng.permutation(len(sample)).astype(np.int64)
        name = SHADOW + column.name
        columns[name] = replace(sample.typed.columns[column.name].take(order), name=name)
        copies.append(replace(column, name=name))
    typed = TypedTable(columns, sample.typed.rows)
    return replace(sample, typed=typed), replace(question, columns=(*question.columns, *copies))


def without_reason(sample: Sample, columns: Sequence[Column]) -> dict[str, tuple[DropReason, str]]:
    """Columns that are the same in all rows, or as one before them, which is named."""
    seen: dict[bytes, str] = {}
    reasons: dict[str, tuple[DropReason, str]] = {}
    for column in columns:
        numbers = _numbered(sample.typed.columns[column.name])
        if not len(numbers) or (numbers == numbers[0]).all():
            reasons[column.name] = DropReason.CONSTANT, ""
            continue
        first = seen.setdefault(column.parse.kind.encode() + numbers.tobytes(), column.name)
        if first != column.name:
            reasons[column.name] = DropReason.COPY, first
    return reasons


def _numbered(column: TypedColumn) -> NDArray[Any]:
    """Cells as numbers that are equal where cells are: words under other names count as equal."""
    if column.numbers is not None:
        return np.nan_to_num(column.numbers, nan=np.inf) + 0.0
    assert column.codes is not None
    _, first, places = np.unique(column.codes, return_index=True, return_inverse=True)
    order = np.argsort(np.argsort(first))  # words numbered as they appear
    missing = column.codes < 0
    return np.where(missing, -1, order[places]).astype(np.int64)
