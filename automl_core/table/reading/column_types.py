"""The type of a text column of a CSV file: whole numbers, floats or text.

Judged block by block and joined, so that a column may come in pieces of any size: the same
cells give the same type however they were cut. Knows nothing of files or roles.
"""

from __future__ import annotations

from enum import IntFlag

import pyarrow as pa
import pyarrow.compute as pc

_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_TRIPLE = r"^[+-]?[1-9]\d{0,2}\.\d{3}$"
_SHORT = r"^\d{1,2}\.\d{1,2}$"
_MARKED = r"[.eE]"
_HEAD = 500  # cells that are looked at before all are tried
_EXACT = 10**16  # whole numbers from here on have digits that a float would lose


class Kind(IntFlag):
    """The kinds of cells that a column has had so far."""

    EMPTY = 0
    TINY = 1  # whole numbers below 100
    SMALL = 2  # whole numbers from 100 to 999
    BIG = 4  # whole numbers from 1,000 on
    LONG = 8  # whole numbers of 17 digits or more
    TRIPLE = 16  # numbers such as 2.629, whose mark may group thousands
    ROUND = 32  # such numbers with a zero at the end
    FRACTION = 64  # other numbers with a mark: it must be the decimal one
    TEXT = 128  # no numbers
    PLACE = 256  # numbers such as 3.1
    TENTH = 512  # numbers such as 3.10
    LARGE = 1024  # numbers with a mark that are neither, nor such as 3.12: amounts

    @property
    def is_text(self) -> bool:
        """True if the cells are no numbers, or such that a float would lose digits."""
        return bool(self & Kind.TEXT or (self & Kind.LONG and self & (Kind.TRIPLE | Kind.FRACTION)))

    @property
    def is_unclear(self) -> bool:
        """True if no cell says that the mark is the decimal one."""
        decided = self & (Kind.BIG | Kind.LONG | Kind.FRACTION | Kind.TEXT)
        return bool(self & Kind.TRIPLE and not decided)

    @property
    def may_group(self) -> bool:
        """True if whole numbers fill the gap that grouped thousands leave below 1,000.

        Zeros at the end beside whole numbers count too: decimals are written with all their
        places, or without such zeros, but not both ways.
        """
        filled = self & Kind.SMALL or (self & Kind.TINY and self & Kind.ROUND)
        return bool(self.is_unclear and filled)

    @property
    def may_be_versions(self) -> bool:
        """True if 3.1 stands beside 3.10, as no program writes numbers: they may be two values.

        A float would make them one; as text they stay what they are.
        """
        return bool(self & Kind.PLACE and self & Kind.TENTH and not self & Kind.LARGE)

    @property
    def type(self) -> pa.DataType:
        """The type that holds such a column, with the mark as decimal one."""
        if self is Kind.EMPTY or self.is_text or self.may_be_versions:
            return pa.string()
        return pa.float64() if self & (Kind.TRIPLE | Kind.FRACTION) else pa.int64()


def joined(a: Kind, b: Kind) -> Kind:
    """The kind of a column that has cells of both."""
    return Kind.TEXT if (a | b).is_text else a | b


def read_block(text: pa.Array, known: Kind, decimal: str = ".") -> tuple[Kind, pa.Array]:
    """The kind of the column with these cells, and the cells in that kind's type.

    `text` has no blanks at the ends of cells and no empty ones; `known` is the kind of the
    cells before. A cell is a number where it is plain digits, without leading zeros.
    """
    if known.is_text:
        return known, text
    kind, numbers = _numbers(text, decimal, known)
    kind = joined(known, kind)
    return kind, text if kind.type == pa.string() else numbers


def _numbers(text: pa.Array, decimal: str, known: Kind) -> tuple[Kind, pa.Array]:
    """The kind of these cells alone; as floats where cells before have a mark."""
    whole = not known & (Kind.TRIPLE | Kind.FRACTION)
    if text.null_count == len(text):
        return Kind.EMPTY, pa.nulls(len(text), pa.int64() if whole else pa.float64())
    plain = _plain(text, decimal)
    if not pc.all(pc.match_substring_regex(pc.drop_null(plain.slice(0, _HEAD)), _NUMBER)).as_py():
        return Kind.TEXT, text
    if pc.any(pc.match_substring_regex(plain, r"^[+-]?0[\dxX]")).as_py():
        return Kind.TEXT, text
    integers = _integers(plain) if whole else None
    if integers is not None:
        return _sizes(integers), integers
    try:
        numbers = plain.cast(pa.float64())
    except pa.ArrowInvalid:
        return Kind.TEXT, text
    if not pc.all(pc.is_finite(numbers)).as_py() or _loses_digits(plain, numbers):
        return Kind.TEXT, text
    kind = Kind.FRACTION if known & Kind.FRACTION else _marks(plain)
    return kind if known & Kind.LARGE else kind | _places(plain), numbers


def _marks(plain: pa.Array) -> Kind:
    """The meaning of marks in numbers; a cell that decides it makes the others unnecessary."""
    head = plain.slice(0, _HEAD)
    for cells in (head, plain):
        other = pc.invert(pc.match_substring_regex(cells, _TRIPLE))
        if pc.any(pc.and_(other, pc.match_substring_regex(cells, _MARKED))).as_py():
            return Kind.FRACTION
    marked = pc.match_substring_regex(plain, _MARKED)
    integers = _integers(plain.filter(pc.invert(marked)))
    if integers is None:  # digits beyond any whole number that is stored: amounts, not groups
        return Kind.FRACTION
    kind = _sizes(integers)
    if pc.any(marked).as_py():
        kind |= Kind.TRIPLE
    zeros = pc.and_(marked, pc.ends_with(plain, "0"))
    return kind | Kind.ROUND if pc.any(zeros).as_py() else kind


def _places(plain: pa.Array) -> Kind:
    """How numbers below 100 with one or two places are written; LARGE where others are there."""
    marked = pc.match_substring_regex(plain, _MARKED)
    for cells in (plain.slice(0, _HEAD), plain):
        odd = pc.invert(pc.match_substring_regex(cells, _SHORT))
        if pc.any(pc.and_(odd, marked.slice(0, len(cells)))).as_py():
            return Kind.LARGE
    one = pc.any(pc.match_substring_regex(plain, r"\.\d$")).as_py()
    ten = pc.any(pc.match_substring_regex(plain, r"\.\d0$")).as_py()
    return (Kind.PLACE if one else Kind.EMPTY) | (Kind.TENTH if ten else Kind.EMPTY)


def _sizes(integers: pa.Array) -> Kind:
    low, high = pc.min_max(integers).as_py().values()
    if low is None:
        return Kind.EMPTY
    most = max(high, -low)
    if most >= 1_000:
        return Kind.LONG if most >= _EXACT else Kind.BIG
    small = most >= 100
    tiny = pc.any(pc.and_(pc.less(integers, 100), pc.greater(integers, -100))).as_py()
    return (Kind.SMALL if small else Kind.EMPTY) | (Kind.TINY if tiny else Kind.EMPTY)


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
    """True if a whole number is so long that a float is no longer it: it must be a key."""
    large = plain.filter(pc.greater_equal(pc.abs(numbers), float(_EXACT)))
    return bool(pc.any(pc.match_substring_regex(large, r"^[+-]?\d{17,}$")).as_py())
