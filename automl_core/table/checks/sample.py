"""The sample of rows that checks look at, typed once for all checks.

Knows nothing of what is looked for. Rows that belong together are seldom together in a sample of
evenly spaced rows: `with_whole_groups` picks others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from automl_core.table import Codes, Column, ParseRule, Schema, TypedColumn, cell_codes, plain_array
from automl_core.table.checks.column_memo import ColumnMemo
from automl_core.table.inference import Task
from automl_core.table.parsing import parse_column

T = TypeVar("T")

ROWS = 20_000
"""So many rows, evenly spaced, stand for a longer table where columns are compared."""


@dataclass(frozen=True, eq=False)
class CheckSample:
    """At most `ROWS` rows of a table (n of them) and what their cells mean."""

    table: pa.Table  # the sample
    numbers: NDArray[np.int64]  # (n,) row numbers in the whole table
    schema: Schema
    target: str | None
    task: Task | None
    whole: pa.Table  # the table that the sample is of
    memo: ColumnMemo = field(default_factory=ColumnMemo)  # of that table
    _typed: dict[str, TypedColumn] = field(default_factory=dict)
    _codes: dict[str, Codes] = field(default_factory=dict)

    @cached_property
    def _places(self) -> dict[str, int]:
        return places_of(self.table)

    @property
    def sampled(self) -> bool:
        """True if the table has more rows than these."""
        return self.schema.rows > len(self.numbers)

    def features(self) -> tuple[Column, ...]:
        """Columns that models see."""
        return self._features

    @cached_property
    def _features(self) -> tuple[Column, ...]:
        return self.schema.features((self.target,) if self.target else ())

    @cached_property
    def _outcome_key(self) -> tuple[str, str]:
        target = self.schema.column(self.target).digest if self.target else ""
        return target, self.task or ""

    def once(self, kind: str, column: Column, look: Callable[[], T]) -> T:
        """What `look` finds in this column and the target; it looks where that is not known yet."""
        return self.memo.get((kind, column.digest, *self._outcome_key), look)

    def cells(self, name: str) -> pa.ChunkedArray:
        """The raw cells (n,) of a column."""
        return self.table.column(self._places[name])

    def typed(self, name: str) -> TypedColumn:
        """The column as the schema reads it."""
        if name not in self._typed:
            rule = self.schema.column(name).parse
            self._typed[name] = parse_column(self.cells(name), name, rule)
        return self._typed[name]

    def matrix(self, names: Sequence[str]) -> NDArray[np.float64]:
        """(n, k) columns that the schema reads as numbers, NaN where there is no value."""
        columns = [self.typed(name).numbers for name in names]
        return np.column_stack([numbers for numbers in columns if numbers is not None])

    def codes(self, name: str) -> Codes:
        """(n,) small integers, the same where raw cells are the same; -1 where there is none."""
        if name not in self._codes:
            self._codes[name] = cell_codes(self.cells(name))
        return self._codes[name]

    def gaps(self, name: str) -> NDArray[np.bool_]:
        """(n,) where the column has no value."""
        return self.typed(name).gaps

    def outcome(self) -> NDArray[np.float64]:
        """(n, k) the target, NaN where missing: k classes one-hot, or one column of numbers."""
        assert self.target is not None
        column = self.schema.column(self.target)
        if self.task == "regression":
            rule = column.parse if column.parse.kind == "number" else ParseRule("number")
            numbers = parse_column(self.cells(self.target), self.target, rule).numbers
            assert numbers is not None
            return numbers[:, None]
        rule = ParseRule("string", column.parse.missing)
        codes = parse_column(self.cells(self.target), self.target, rule).codes
        assert codes is not None
        hot = np.eye(int(codes.max(initial=0)) + 1)[np.maximum(codes, 0)]
        hot[codes < 0] = np.nan
        return hot

    def with_whole_groups(self, name: str) -> CheckSample:
        """About as many rows, those of some values of a column, and of these all."""
        cells = plain_array(self.whole.column(self.whole.column_names.index(name)), name)
        values = plain_array(self.cells(name), name).unique().drop_null()
        rows_a_value = self.schema.rows / max(1, self.schema.column(name).distinct)
        wanted = max(1, int(ROWS / rows_a_value))
        order = np.random.default_rng(0).permutation(len(values))[:wanted]
        found = pc.is_in(cells, value_set=values.take(pa.array(order)))
        numbers = np.flatnonzero(found.to_numpy())[: 2 * ROWS].astype(np.int64)
        table = self.whole.take(pa.array(numbers))
        return CheckSample(table, numbers, self.schema, self.target, self.task, self.whole)


def places_of(table: pa.Table) -> dict[str, int]:
    """The place of each column by name, the first where a name repeats: one pass for all names."""
    return {name: i for i, name in reversed(list(enumerate(table.column_names)))}


def gather(
    table: pa.Table,
    schema: Schema,
    target: str | None,
    task: Task | None,
    memo: ColumnMemo | None = None,
) -> CheckSample:
    """The sample of a table: all its rows, or a sample; `memo` has what is known of its columns."""
    numbers, whole = np.arange(table.num_rows, dtype=np.int64), table
    if table.num_rows > ROWS:
        numbers = np.linspace(0, table.num_rows - 1, ROWS).astype(np.int64)
        table = table.take(pa.array(numbers))
    return CheckSample(table, numbers, schema, target, task, whole, memo or ColumnMemo())


def few_rows(numbers: NDArray[np.int64], most: int = 5) -> tuple[int, ...]:
    """The first of these row numbers."""
    return tuple(int(n) for n in numbers[:most])
