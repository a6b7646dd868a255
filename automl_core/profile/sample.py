"""The rows that a profile looks at, typed once: evenly spaced, in the table's order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from automl_core.table import Column, Schema, TypedColumn, TypedTable, sample_rows
from automl_core.table.parsing import parse_table

MAX_ROWS = 50_000
EXACT_ROWS = 2_000_000  # of a table whose columns are looked at whole, one at a time
CHEAP = ("number", "string", "boolean", "datetime")  # kinds of columns that are typed quickly


@dataclass(frozen=True, eq=False)
class Sample:
    """Typed columns of m rows of a table of `rows` rows; m < rows: it is a sample."""

    columns: tuple[Column, ...]
    typed: TypedTable
    rows: int

    @property
    def is_whole(self) -> bool:
        """True if every row of the table is in it."""
        return self.typed.rows == self.rows

    def column(self, name: str) -> TypedColumn:
        """The cells of the column called `name`."""
        return self.typed.columns[name]


def take_sample(table: pa.Table, schema: Schema, max_rows: int = MAX_ROWS) -> Sample:
    """At most `max_rows` rows of the table, parsed by the schema's rules."""
    part = sample_rows(table, max_rows)
    return Sample(schema.columns, parse_table(part, schema.columns), table.num_rows)


def take_whole(table: pa.Table, schema: Schema, names: Sequence[str]) -> Sample | None:
    """These columns in all rows; None where that takes too long for somebody who waits."""
    columns = tuple(schema.column(name) for name in dict.fromkeys(names))
    if table.num_rows > EXACT_ROWS or any(c.parse.kind not in CHEAP for c in columns):
        return None
    part = table.select([c.name for c in columns])
    return Sample(columns, parse_table(part, columns), table.num_rows)


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
