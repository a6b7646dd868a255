"""The rows that a profile looks at: evenly spaced, in the table's order; columns are typed once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from automl_core.table import Column, Schema, TypedColumn, sample_rows
from automl_core.table.parsing import parse_column

MAX_ROWS = 50_000
EXACT_ROWS = 2_000_000  # of a table whose columns are looked at whole, one at a time
CHEAP = ("number", "string", "boolean", "datetime")  # kinds of columns that are typed quickly


@dataclass(frozen=True, eq=False)
class Sample:
    """Columns in m rows of a table of `rows` rows; m < rows: it is a sample.

    A column is typed when it is first asked for: of a wide table most are never looked at.
    """

    columns: tuple[Column, ...]
    part: pa.Table  # m rows, raw
    rows: int
    _typed: dict[str, TypedColumn] = field(default_factory=dict)

    @property
    def looked_at(self) -> int:
        """The number of its rows."""
        return int(self.part.num_rows)

    @property
    def is_whole(self) -> bool:
        """True if every row of the table is in it."""
        return self.looked_at == self.rows

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: i for i, name in enumerate(self.part.column_names)}

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    def kind(self, name: str) -> str:
        """The kind of a column's cells after reading: number, string, datetime ..."""
        return self._by_name[name].parse.kind

    def column(self, name: str) -> TypedColumn:
        """The cells of the column called `name`."""
        if name not in self._typed:
            cells = self.part.column(self._places[name])
            self._typed[name] = parse_column(cells, name, self._by_name[name].parse)
        return self._typed[name]


def take_sample(table: pa.Table, schema: Schema, max_rows: int = MAX_ROWS) -> Sample:
    """At most `max_rows` rows of the table, parsed by the schema's rules."""
    return Sample(schema.columns, sample_rows(table, max_rows), table.num_rows)


def take_whole(table: pa.Table, schema: Schema, names: Sequence[str]) -> Sample | None:
    """These columns in all rows; None where that takes too long for somebody who waits."""
    columns = tuple(schema.column(name) for name in dict.fromkeys(names))
    if table.num_rows > EXACT_ROWS or any(c.parse.kind not in CHEAP for c in columns):
        return None
    return Sample(columns, table.select([c.name for c in columns]), table.num_rows)


def missing_cells(column: TypedColumn) -> NDArray[np.bool_]:
    """(n,) where a cell has no value."""
    if column.numbers is not None:
        return np.isnan(column.numbers)
    assert column.codes is not None
    return column.codes < 0


def grouped_codes(column: TypedColumn, most: int) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """(n,) group of each row and the groups' names: the most frequent words, then the others.

    -1 where there is no value. At most `most` groups, the last of them "N others" where there
    are more words than that.
    """
    assert column.codes is not None
    counts = np.bincount(column.codes[column.codes >= 0], minlength=len(column.words))
    order = np.argsort(-counts, kind="stable")
    order = order[counts[order] > 0]
    kept = order if len(order) <= most else order[: most - 1]
    place = np.full(len(column.words) + 1, len(kept), np.int64)
    place[kept] = np.arange(len(kept))
    place[-1] = -1  # where code -1 looks
    names = tuple(column.words[i] for i in kept.tolist())
    others = len(order) - len(kept)
    return place[column.codes], (*names, f"{others:,} others") if others else names
