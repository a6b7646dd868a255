"""Versions: numbers with points that count in parts, so that 3.1 and 3.10 are two values.

A measure is written with a fixed number of places, or without zeros at the end, and its places
spread over all digits. The last part of a version counts up from 0 or 1: 3.8, 3.9, 3.10, 3.11.
"""

from __future__ import annotations

import re
from collections import Counter

from automl_core.table.inference.column_stats import ColumnStats

_VERSION = re.compile(r"[vV]?\d{1,4}(\.(0|[1-9]\d{0,3})){1,3}$")
_MOST = 1_000  # different values: a list of versions is short
_REPEATS = 2  # rows for each value, at least
_COUNTED = 4  # the last part may be as many times as large as there are different last parts


def version_reason(stats: ColumnStats) -> str:
    """The reason in words why a text column holds versions; "" where it does not.

    It does where numbers of one value are written in two ways (3.1 and 3.10) and last parts
    count, or where cells have two points or more and are no dates: 1.2.3 beside 1.10.
    """
    if not 2 <= len(stats.values) <= _MOST or stats.present < _REPEATS * len(stats.values):
        return ""
    cells = [str(c) for c in stats.written.filter(stats.unmarked_rows).to_pylist() if c]
    if not cells or not all(_VERSION.match(cell) for cell in cells):
        return ""
    if any(cell.count(".") > 1 for cell in cells):
        return (
            ""
            if _may_be_dates(cells) or _may_be_addresses(cells)
            else f"versions: {len(cells):,} different ones"
        )
    same = Counter(float(cell.lstrip("vV")) for cell in cells)
    if max(same.values()) < 2:
        return ""
    lasts = {int(cell.rpartition(".")[2]) for cell in cells}
    if max(lasts) > _COUNTED * len(lasts):
        return ""
    two = [cell for cell in cells if same[float(cell.lstrip("vV"))] > 1][:2]
    return f"versions: {' and '.join(two)} are two values"


def _may_be_addresses(cells: list[str]) -> bool:
    """True if all cells have four parts, as addresses of machines have."""
    return all(cell.count(".") == 3 for cell in cells)


def _may_be_dates(cells: list[str]) -> bool:
    """True if all cells have three parts, and a year is among them: 3.12.99, 5.3.2020, 2020.1.5."""
    parts = [cell.lstrip("vV").split(".") for cell in cells]
    if any(len(part) >= 4 for cell in parts for part in cell):
        return True
    return all(len(cell) == 3 and len(cell[2]) == 2 for cell in parts)
