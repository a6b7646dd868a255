"""What the numbers of a column of text are: whole, with a point, or no numbers after all.

Judged block by block and joined, so that a column may come in pieces of any size: the same
cells give the same type however they were cut. Knows nothing of files or roles.
"""

from __future__ import annotations

from enum import IntEnum

import pyarrow as pa
import pyarrow.compute as pc

_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_HEAD = 500  # cells that are looked at before all are tried
_EXACT = 10**16  # whole numbers from here on have digits that a float would lose


class Kind(IntEnum):
    """What all cells of a column are that were seen so far."""

    EMPTY = 0
    INTEGER = 1
    LONG = 2  # whole numbers, one at least of 17 digits or more
    FLOAT = 3
    TEXT = 4

    @property
    def type(self) -> pa.DataType:
        """The type in which such a column is stored."""
        if self in (Kind.INTEGER, Kind.LONG):
            return pa.int64()
        return pa.float64() if self is Kind.FLOAT else pa.string()


def joined(a: Kind, b: Kind) -> Kind:
    """The kind of a column that has cells of both: text where a float would lose digits."""
    return Kind.TEXT if {a, b} == {Kind.LONG, Kind.FLOAT} else max(a, b)


def read_block(text: pa.Array, known: Kind, decimal: str = ".") -> tuple[Kind, pa.Array]:
    """The kind of the column with these cells, and the cells in that kind's type.

    `text` has no blanks at the ends of cells and no empty ones; `known` is the kind of the
    cells before. A cell is a number where it is plain digits, without leading zeros.
    """
    if known is Kind.TEXT:
        return known, text
    kind, numbers = _numbers(text, decimal, whole=known is not Kind.FLOAT)
    kind = joined(known, kind)
    return kind, text if kind.type == pa.string() else numbers


def _numbers(text: pa.Array, decimal: str, whole: bool) -> tuple[Kind, pa.Array]:
    """The kind of these cells alone; where `whole` is False, as floats even if none has a point."""
    if text.null_count == len(text):
        return Kind.EMPTY, pa.nulls(len(text), pa.int64() if whole else pa.float64())
    plain = _plain(text, decimal)
    if not pc.all(pc.match_substring_regex(pc.drop_null(plain.slice(0, _HEAD)), _NUMBER)).as_py():
        return Kind.TEXT, text
    if pc.any(pc.match_substring_regex(plain, r"^[+-]?0[\dxX]")).as_py():
        return Kind.TEXT, text
    integers = _integers(plain) if whole else None
    if integers is not None:
        low, high = pc.min_max(integers).as_py().values()
        return (Kind.LONG if max(high, -low) >= _EXACT else Kind.INTEGER), integers
    try:
        numbers = plain.cast(pa.float64())
    except pa.ArrowInvalid:
        return Kind.TEXT, text
    if not pc.all(pc.is_finite(numbers)).as_py() or _loses_digits(plain, numbers):
        return Kind.TEXT, text
    return Kind.FLOAT, numbers


def _integers(plain: pa.Array) -> pa.Array | None:
    try:
        return plain.cast(pa.int64())
    except pa.ArrowInvalid:
        return None


def _plain(text: pa.Array, decimal: str) -> pa.Array:
    if decimal == ".":
        return text
    return pc.if_else(pc.match_substring(text, "."), "no", pc.replace_substring(text, decimal, "."))


def _loses_digits(plain: pa.Array, numbers: pa.Array) -> bool:
    """Whether a whole number is so long that a float is no longer it: it must be a key."""
    large = plain.filter(pc.greater_equal(pc.abs(numbers), float(_EXACT)))
    return bool(pc.any(pc.match_substring_regex(large, r"^[+-]?\d{17,}$")).as_py())
