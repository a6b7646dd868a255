"""What the cells of one column are: distinct values with their counts, and gaps.

Everything that is decided about a column is decided on these, so that a decision costs
the same for a thousand rows and for a million.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from automl_core.table import ParseRule, canonical_text, is_marked, is_text, plain_array, trimmed
from automl_core.table.parsing import parse_column

SAMPLE_ROWS = 200_000
"""Tables longer than twice this are judged on about so many rows, taken in even blocks."""

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
    cells: pa.ChunkedArray  # (rows,) the cells that were looked at
    sampled: bool  # whether the table has more rows than these
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
    def text(self) -> pa.Array:
        """(k,) the canonical text of each distinct value, null where it is blank."""
        return canonical_text(self.values)

    @cached_property
    def written(self) -> pa.Array:
        """(k,) each distinct value of a text column as it was written, null where it is blank.

        Unlike the canonical text it keeps the zeros of 2.500, which may group thousands.
        """
        return trimmed(self.values)

    @cached_property
    def lower(self) -> list[str]:
        """The distinct texts in lower case, at most 1,000, blank ones left out."""
        head = pc.drop_null(self.text.slice(0, 1_000))
        return [str(v).lower() for v in head.to_pylist()]


def compute_column_stats(
    values: pa.ChunkedArray | pa.Array, name: str, whole: bool = False, decimal: str = "."
) -> ColumnStats:
    """The facts of one column; of a sample of its rows where there are very many."""
    values = plain_array(values, name)
    sampled = not whole and len(values) > 2 * SAMPLE_ROWS
    cells = _blocks(values) if sampled else values
    if pa.types.is_floating(cells.type) and pc.any(pc.is_nan(cells)).as_py():
        cells = pc.if_else(pc.is_nan(cells), pa.scalar(None, cells.type), cells)
    counted = pc.value_counts(cells)
    distinct, counts = counted.field("values"), counted.field("counts")
    valid = pc.is_valid(distinct)
    return ColumnStats(
        name=name,
        rows=len(cells),
        values=distinct.filter(valid),
        counts=np.asarray(counts.filter(valid).to_numpy(zero_copy_only=False), np.int64),
        nulls=cells.null_count,
        cells=cells,
        sampled=sampled,
        counting=_counts_up(values),
        decimal=decimal,
    )


def count_cells(facts: ColumnStats, rule: ParseRule, values: Any) -> tuple[int, int]:
    """Rows without a value and distinct values, both after the rule, over all of `values`."""
    if facts.sampled and (facts.share > _OFTEN or not is_text(facts.values.type)):
        return _count_all(facts, rule, plain_array(values, facts.name))
    if facts.sampled:  # values that repeat are counted first, and then read once each
        facts = compute_column_stats(values, facts.name, whole=True)
    typed = parse_column(facts.values, facts.name, rule)
    if typed.numbers is not None:
        gaps = np.isnan(typed.numbers)
        distinct = len(np.unique(typed.numbers[~gaps]))
    else:
        assert typed.codes is not None
        gaps = typed.codes < 0
        distinct = len(typed.words)
    return facts.nulls + int(facts.counts[gaps].sum()), distinct


def _count_all(facts: ColumnStats, rule: ParseRule, values: pa.ChunkedArray) -> tuple[int, int]:
    words = rule.kind in ("string", "text")
    if not is_text(values.type) and not rule.missing and rule.kind != "list":
        if facts.counting:
            return 0, len(values)
        # The type itself says what is missing: nulls and NaN.
        missing = pc.sum(pc.is_null(values, nan_is_null=True)).as_py() or 0
        return missing, pc.count_distinct(pc.filter(values, pc.is_valid(values))).as_py()
    if is_text(values.type) and words:
        gaps = is_marked(values, ("", *rule.missing))
        kept = pc.filter(values, pc.invert(gaps), null_selection_behavior="drop")
        return len(values) - len(kept) + kept.null_count, pc.count_distinct(kept).as_py()
    if rule.kind in ("number", "boolean", "datetime"):
        # Chunk by chunk: the distinct cells of all chunks would be as long as the column.
        parts = [parse_column(chunk, facts.name, rule).numbers for chunk in values.chunks]
        known = np.concatenate([p[~np.isnan(p)] for p in parts if p is not None])
        return len(values) - len(known), len(np.unique(known))
    typed = parse_column(values, facts.name, rule)
    assert typed.codes is not None
    return int((typed.codes < 0).sum()), len(typed.words)


def _counts_up(values: pa.ChunkedArray) -> bool:
    """Whether each row's integer is the row before's plus one."""
    if not pa.types.is_integer(values.type) or values.null_count:
        return False
    return bool((np.diff(values.to_numpy()) == 1).all())


def _blocks(values: pa.ChunkedArray) -> pa.ChunkedArray:
    count = SAMPLE_ROWS // _BLOCK
    starts = np.linspace(0, len(values) - _BLOCK, count).astype(int)
    pieces = [chunk for s in starts for chunk in values.slice(int(s), _BLOCK).chunks]
    return pa.chunked_array(pieces, values.type)
