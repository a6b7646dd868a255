"""The distinct values of one column with their counts, and what their texts look like.

Everything that is inferred about a column is inferred from these, so that it costs the same
for a thousand rows and for a million. What several recognisers need of the texts is computed
here, once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from automl_core.table import (
    ParseRule,
    canonical_text,
    folded,
    is_marked,
    is_text,
    keys_of_some,
    plain_array,
    trimmed,
    with_ascii_digits,
)
from automl_core.table.inference.missing_marks import WORD_MARKS, may_be_missing
from automl_core.table.inference.number_shapes import NumberShapes
from automl_core.table.parsing import parse_column

SAMPLE_ROWS = 200_000
"""Tables longer than twice this are judged on about so many rows, taken in even blocks."""

ESTIMATED_FROM = 5_000_000
"""Rows from which on different numbers are estimated where they are many."""

ONE_IN, ENOUGH = 16, 10_000
"""Of the different numbers of such a column one in so many is counted, where they are enough."""

_BLOCK = 1_000
_OFTEN = 0.3  # distinct values a row: above, a column has too many to count them first


@dataclass(frozen=True, eq=False)
class ColumnStats:
    """A column's distinct values, in order of first appearance, null left out."""

    name: str
    rows: int  # rows that were looked at
    values: pa.Array  # (k,) distinct, of a plain type
    counts: NDArray[np.int64]  # (k,) rows that have each
    nulls: int  # rows without a value
    cells: pa.ChunkedArray  # all cells of the column, also those that were not looked at
    sampled: bool  # whether the table has more rows than were looked at
    counting: bool  # whether all rows, not only these, are whole numbers that count up by one
    decimal: str = "."  # the usual decimal mark of the file that the column is from

    @property
    def present(self) -> int:
        """Rows with a value."""
        return int(self.counts.sum())

    @property
    def share(self) -> float:
        """Distinct values a row with a value: 1 where no value repeats."""
        return len(self.values) / max(1, self.present)

    @cached_property
    def words(self) -> pa.Array:
        """(k,) the canonical text of each distinct value, null where it is blank."""
        return canonical_text(self.values)

    @cached_property
    def text(self) -> pa.Array:
        """(k,) the same with 0 to 9 for the digits of any script, as numbers are read."""
        return with_ascii_digits(self.words)

    @cached_property
    def written(self) -> pa.Array:
        """(k,) each distinct value of a text column as it was written, null where it is blank.

        Unlike the canonical text it keeps the zeros of 2.500, which may group thousands.
        """
        return trimmed(with_ascii_digits(self.values))

    @cached_property
    def shapes(self) -> NumberShapes:
        """The distinct values of a text column taken apart as numbers are written."""
        return NumberShapes(self.written)

    @cached_property
    def folded(self) -> list[str]:
        """The distinct texts without case and the like, at most 1,000, blank ones left out."""
        return [str(v) for v in folded(pc.drop_null(self.text.slice(0, 1_000))).to_pylist()]

    @cached_property
    def marked(self) -> pa.Array:
        """(k,) whether a text may stand for a missing value."""
        return may_be_missing(self.text)

    @property
    def unmarked_rows(self) -> pa.Array:
        """(k,) whether a value is neither blank nor a mark of a missing one."""
        return pc.and_(pc.is_valid(self.text), pc.invert(self.marked))

    @cached_property
    def unmarked(self) -> pa.Array:
        """The canonical texts that are no marks of missing values, blank ones left out."""
        return pc.drop_null(self.text.filter(pc.invert(self.marked)))

    @cached_property
    def marks(self) -> tuple[str, ...]:
        """Marks of missing values among a text column's cells, in lower case and sorted."""
        if not is_text(self.values.type):
            return ()
        return tuple(sorted(set(pc.utf8_lower(self.text.filter(self.marked)).to_pylist())))

    @property
    def word_marks(self) -> tuple[str, ...]:
        """The marks that stand for a missing value among words, too."""
        return tuple(mark for mark in self.marks if mark in WORD_MARKS)

    @cached_property
    def leading_zeros(self) -> bool:
        """True if cells look like codes of fixed form ("007"), which numbers would damage."""
        if not is_text(self.values.type):
            return False
        return bool(pc.any(pc.match_substring_regex(self.text, r"^0\d+$")).as_py())


def compute_column_stats(
    values: pa.ChunkedArray | pa.Array, name: str, whole: bool = False, decimal: str = "."
) -> ColumnStats:
    """The statistics of one column; of a sample of its rows where there are very many."""
    cells = plain_array(values, name)
    sampled = not whole and len(cells) > 2 * SAMPLE_ROWS
    rows = _blocks(cells) if sampled else cells
    distinct, counts, nulls = _counted(rows)
    return ColumnStats(
        name=name,
        rows=len(rows),
        values=distinct,
        counts=counts,
        nulls=nulls,
        cells=cells,
        sampled=sampled,
        counting=_counts_up(cells),
        decimal=decimal,
    )


def _counted(cells: pa.ChunkedArray) -> tuple[pa.Array, NDArray[np.int64], int]:
    """Distinct values (k,), their rows (k,), and the rows without a value; NaN is none."""
    if pa.types.is_floating(cells.type) and pc.any(pc.is_nan(cells)).as_py():
        cells = pc.if_else(pc.is_nan(cells), pa.scalar(None, cells.type), cells)
    counted = pc.value_counts(cells)
    distinct, counts = counted.field("values"), counted.field("counts")
    valid = pc.is_valid(distinct)
    rows = np.asarray(counts.filter(valid).to_numpy(zero_copy_only=False), np.int64)
    return distinct.filter(valid), rows, cells.null_count


def count_cells(stats: ColumnStats, rule: ParseRule) -> tuple[int, int]:
    """Rows without a value and distinct values of the whole column, both after the rule."""
    if stats.sampled and (stats.share > _OFTEN or not is_text(stats.values.type)):
        found = _count_unread(stats, rule)
        if found is not None:
            return found
        # Numbers chunk by chunk: the distinct cells of all chunks would be as long as the column.
        words = rule.kind in ("string", "text", "list")
        parts = [stats.cells] if words else stats.cells.chunks
        rows, missing = [np.ones(1, np.int64)] * len(parts), 0
    elif stats.sampled:  # values that repeat are counted first, and then read once each
        distinct, counts, missing = _counted(stats.cells)
        parts, rows = [distinct], [counts]
    else:
        parts, rows, missing = [stats.values], [stats.counts], stats.nulls
    numbers, words_found = [], 0
    for part, count in zip(parts, rows, strict=True):
        typed = parse_column(part, stats.name, rule)
        missing += int((typed.gaps * count).sum())
        if typed.numbers is None:
            words_found += len(typed.words)
        else:
            numbers.append(_exact(part, typed.numbers)[~typed.gaps])
    return missing, words_found + (_different(np.concatenate(numbers)) if numbers else 0)


def _about_different(cells: pa.ChunkedArray) -> int | None:
    """About how many different numbers a very long column has, to a hundredth; None where few.

    Some of the numbers are counted, and all rows of these: in the time and memory of a few chunks.
    """
    found = _different(np.concatenate([keys_of_some(chunk, ONE_IN) for chunk in cells.chunks]))
    return found * ONE_IN if found >= ENOUGH else None


def _different(numbers: NDArray[Any]) -> int:
    """How many different numbers; sorting takes a tenth of the time that Arrow counts floats in."""
    ordered = np.sort(numbers)
    return int((ordered[1:] != ordered[:-1]).sum()) + (len(ordered) > 0)


def _exact(cells: Any, numbers: NDArray[np.float64]) -> NDArray[Any]:
    """Whole numbers as they are stored: of the longest, several are one float."""
    if not pa.types.is_integer(cells.type):
        return numbers
    filled = pc.fill_null(cells, 0) if cells.null_count else cells
    return np.asarray(filled.to_numpy(zero_copy_only=False))


def _count_unread(stats: ColumnStats, rule: ParseRule) -> tuple[int, int] | None:
    """Both counts of a long column that need no parsing; None where they do."""
    cells = stats.cells
    if not is_text(cells.type):
        if rule.missing or rule.kind == "list":
            return None
        if stats.counting:
            return 0, len(cells)
        # The type itself says what is missing: nulls and NaN.
        missing = pc.sum(pc.is_null(cells, nan_is_null=True)).as_py() or 0
        if len(cells) > ESTIMATED_FROM and (about := _about_different(cells)) is not None:
            return missing, min(about, len(cells) - missing)
        if pa.types.is_floating(cells.type):
            numbers = pc.drop_null(cells).to_numpy()
            return missing, _different(numbers[~np.isnan(numbers)])
        return missing, pc.count_distinct(pc.drop_null(cells)).as_py()
    if rule.kind not in ("string", "text"):
        return None
    gaps = is_marked(cells, ("", *rule.missing))
    kept = pc.filter(cells, pc.invert(gaps), null_selection_behavior="drop")
    return len(cells) - len(kept) + kept.null_count, pc.count_distinct(kept).as_py()


def _counts_up(values: pa.ChunkedArray) -> bool:
    """True if each row's integer is that of the row before, plus one."""
    if not pa.types.is_integer(values.type) or values.null_count:
        return False
    first = values.slice(0, _BLOCK).to_numpy()  # of most columns this says it
    if not (np.diff(first) == 1).all():
        return False
    return bool((np.diff(values.to_numpy()) == 1).all())


def _blocks(values: pa.ChunkedArray) -> pa.ChunkedArray:
    count = SAMPLE_ROWS // _BLOCK
    starts = np.linspace(0, len(values) - _BLOCK, count).astype(int)
    pieces = [chunk for s in starts for chunk in values.slice(int(s), _BLOCK).chunks]
    return pa.chunked_array(pieces, values.type)
