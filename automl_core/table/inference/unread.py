"""Numbers and dates in columns that are read as neither: what training would lose in silence.

A recogniser refuses a column of which it cannot read every cell, and the column becomes a key,
a category or text. Where most of its cells are numbers or look like dates, a user has to know.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from automl_core.table import Column, DecidedBy, is_marked, is_text
from automl_core.table.inference.column_stats import ColumnStats
from automl_core.table.inference.date_shape import dated
from automl_core.table.inference.long_numbers import is_long

SHARE = 0.8  # of the rows with a value
LEAST_DIFFERENT = 4  # numbers or dates
_HEAD = 2_000  # distinct values that are looked at
_EXAMPLES = 3
_NUMBER = r"^[+-]?(\d{1,3}([,.'’\s]\d{3})+|\d+)?([.,]\d*)?([eE][+-]?\d+)?$"
_DIGIT = r"\d"


@dataclass(frozen=True)
class Unread:
    """What most cells of a column are, though the column is not read so."""

    kind: Literal["number", "date"]
    share: float  # of the rows with a value that are such cells
    examples: tuple[str, ...]  # such cells
    others: tuple[str, ...]  # cells that are none, the most frequent first; empty if all are
    other_rows: int


def unread_values(stats: ColumnStats, column: Column) -> Unread | None:
    """The numbers or dates that the column is read without; None where there are hardly any.

    Also None for what a user chose, and for columns whose cells are all numbers that name
    something, such as codes with leading zeros and keys: those are read as they are meant.
    """
    if column.role not in ("id", "category", "text", "ignored") or column.parse.kind == "number":
        return None
    if column.decision == DecidedBy.USER or not is_text(stats.values.type):
        return None
    if column.distinct < LEAST_DIFFERENT or stats.leading_zeros or is_long(stats):
        return None
    text = stats.written.slice(0, _HEAD)
    known = _mask(pc.invert(is_marked(text, ("", *column.parse.missing, *stats.marks))))
    if not known.any():
        return None
    number = known & _mask(pc.match_substring_regex(stats.shapes.plain.slice(0, _HEAD), _NUMBER))
    number &= _mask(pc.match_substring_regex(text, _DIGIT))
    if _enough(stats, number, known) and not number[known].all():
        return _unread("number", stats, number, known)
    look = np.zeros(len(text), np.bool_)
    look[known] = dated(text.filter(pa.array(known)))
    return _unread("date", stats, look, known) if _enough(stats, look, known) else None


def _enough(stats: ColumnStats, such: NDArray[np.bool_], known: NDArray[np.bool_]) -> bool:
    counts = stats.counts[: len(such)]
    return such.sum() >= LEAST_DIFFERENT and bool(counts[such].sum() >= SHARE * counts[known].sum())


def _unread(
    kind: Literal["number", "date"],
    stats: ColumnStats,
    such: NDArray[np.bool_],
    known: NDArray[np.bool_],
) -> Unread:
    counts = stats.counts[: len(such)]
    other = np.flatnonzero(known & ~such)
    other = other[np.argsort(-counts[other], kind="stable")]
    return Unread(
        kind=kind,
        share=float(counts[such].sum() / counts[known].sum()),
        examples=_cells(stats, np.flatnonzero(such)),
        others=_cells(stats, other),
        other_rows=int(counts[other].sum()),
    )


def _cells(stats: ColumnStats, places: NDArray[np.int64]) -> tuple[str, ...]:
    return tuple(str(stats.written[int(i)].as_py()) for i in places[:_EXAMPLES])


def _mask(found: object) -> NDArray[np.bool_]:
    filled = pc.fill_null(found, False).to_numpy(zero_copy_only=False)
    return np.asarray(filled, dtype=np.bool_)
