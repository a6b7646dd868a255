"""The meaning of a mark in a column's numbers: before decimals or between groups of thousands.

"2.629" alone may be either. The other cells of the column tell in most cases: marks group
where plain numbers fill the gap below 1,000 that grouped ones leave, and where a number ends
in a zero that a decimal would have lost. Where they do not, the caller knows what is usual.
"""

from __future__ import annotations

from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from automl_core.table.inference.number_shapes import NumberShapes

Meaning = Literal["decimal", "thousands", "unclear"]

_ENOUGH = 20  # different marked numbers of which one at least would end in a zero
_FEW = 2  # different plain numbers; a single one says little
_STAND_INS = ("0", "99", "100", "999")  # plain numbers that are found among decimals, too


def meaning(numbers: pa.Array, mark: str) -> Meaning:
    """The meaning of `mark`, "." or ",", in these distinct cells.

    Cells that are no numbers are ignored; "unclear" also where no cell has the mark.
    """
    bare = pc.replace_substring_regex(pc.drop_null(numbers), r"^[+-]\s?", "")
    if mark == ",":
        bare = bare.filter(pc.invert(pc.match_substring(bare, ".")))
        bare = pc.replace_substring(bare, ",", ".")
    if _any(bare, r"^(0\.\d+|\d*\.\d{1,2}|\d*\.\d{4,}|\d{4,}\.\d+)$"):
        return "decimal"
    if _any(bare, r"^[1-9]\d{0,2}(\.\d{3}){2,}$"):
        return "thousands"
    marked = _matching(bare, r"^[1-9]\d{0,2}\.\d{3}$")
    plain = _matching(bare, r"^(0|[1-9]\d*)$")
    if not len(marked) or not len(plain):
        return "unclear"
    if _any(plain, r"^\d{4,}$"):
        return "decimal"
    others = plain.filter(pc.invert(pc.is_in(plain, pa.array(_STAND_INS))))
    if not len(others):  # 66.667 beside 100 is a percentage; 0 and 999 may stand for missing
        return "decimal" if _any(plain, "^100$") else "unclear"
    return _of_gap(marked, others)


def _of_gap(marked: pa.Array, plain: pa.Array) -> Meaning:
    """Judged on numbers such as 2.629 beside whole ones below 1,000, stand-ins left out."""
    hundreds = _matching(plain, r"^\d{3}$").cast(pa.float64())
    most = pc.max(marked.cast(pa.float64())).as_py() + 1.0
    above = pc.sum(pc.greater(hundreds, most)).as_py() or 0  # 899 beside 1.299
    if _any(marked, r"0$"):
        return "thousands" if len(plain) >= _FEW or above else "unclear"
    if above >= max(_FEW, 0.5 * len(plain)):
        return "thousands"
    return "decimal" if len(marked) >= _ENOUGH or not len(hundreds) else "unclear"


def _matching(cells: pa.Array, pattern: str) -> pa.Array:
    return cells.filter(pc.match_substring_regex(cells, pattern))


def _any(cells: pa.Array, pattern: str) -> bool:
    return bool(pc.any(pc.match_substring_regex(cells, pattern)).as_py())


def marks_in_order(
    styles: list[tuple[str, str]], shapes: NumberShapes, usual: str
) -> list[tuple[str, str]]:
    """Decimal and thousands marks that all fit, first those that mean what the cells say.

    `usual` is the decimal mark where the cells do not say it.
    """
    if len({decimal for decimal, _ in styles}) < 2:
        return styles
    wanted = usual
    for mark, other in ((",", "."), (".", ",")):
        found = meaning(shapes.numbers, mark)
        if found != "unclear":
            wanted = mark if found == "decimal" else other
    return sorted(styles, key=lambda style: style[0] != wanted)
