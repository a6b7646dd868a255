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
    count, or where every cell has the form of a version and some have two points.
    """
    if not 2 <= len(stats.values) <= _MOST or stats.present < _REPEATS * len(stats.values):
        return ""
    cells = [str(c) for c in stats.written.filter(stats.unmarked_rows).to_pylist() if c]
    if not cells or not all(_VERSION.match(cell) for cell in cells):
        return ""
    if any(cell.count(".") > 1 for cell in cells):
        return f"versions: {len(cells):,} different ones"
    same = Counter(float(cell.lstrip("vV")) for cell in cells)
    if max(same.values()) < 2:
        return ""
    lasts = {int(cell.rpartition(".")[2]) for cell in cells}
    if max(lasts) > _COUNTED * len(lasts):
        return ""
    two = [cell for cell in cells if same[float(cell.lstrip("vV"))] > 1][:2]
    return f"versions: {' and '.join(two)} are two values"
