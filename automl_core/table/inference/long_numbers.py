"""Whole numbers of more digits than a float holds: they name something, whatever they look like.

A measure has no seventeen digits that count; a key, an account and a hash have. As floats,
neighbours among them would be one value.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from automl_core.table import is_text
from automl_core.table.inference.column_stats import ColumnStats

EXACT = 2**53
"""Whole numbers up to here are floats without loss."""

_LONG = r"^[+-]?[1-9]\d{14,}[1-9]0*(\.0*)?$"  # sixteen digits or more that count
_ENOUGH = 0.5  # of the different values: a few among others are extremes, or stand for a gap


def is_long(stats: ColumnStats) -> bool:
    """True if the column holds whole numbers that floats could not tell apart."""
    kind = stats.values.type
    if pa.types.is_integer(kind):
        low, high = pc.min_max(stats.values).as_py().values()
        if low is None or max(high, -low) <= EXACT:
            return False
    elif not is_text(kind):
        return False
    words = pc.drop_null(stats.text)
    long = pc.match_substring_regex(words, _LONG)
    return len(words) > 0 and bool(pc.mean(long).as_py() >= _ENOUGH)


def long_reason(stats: ColumnStats) -> str:
    """The reason in words why such numbers are a category."""
    digits = pc.max(pc.utf8_length(pc.drop_null(stats.text))).as_py()
    return f"whole numbers of up to {digits} digits: they name something, they measure nothing"
