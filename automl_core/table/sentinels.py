"""Numbers that stand for a missing value: 999 where all others are below thirty.

Only what can hardly be an honest value is named: a conventional number, frequent, and far
from all others, or the one negative number of a column that has none.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FAR = (-99_999.0, -9_999.0, -999.0, -99.0, 999.0, 9_999.0, 99_999.0, 999_999.0, 9_999_999.0)
"""Numbers that people write for "no value", when they are far from all others."""

_NEGATIVE = (-9.0, -99.0, -999.0, -9_999.0, -99_999.0)
_MIN_SHARE, _MIN_ROWS, _MIN_DISTINCT = 0.01, 5, 20
_MINUS_ONE_DISTINCT = 50


def sentinel_marks(numbers: NDArray[np.float64], counts: NDArray[np.int64]) -> tuple[str, ...]:
    """Marks as a parse rule keeps them, of distinct numbers (k,) with their rows (k,)."""
    if len(numbers) <= _MIN_DISTINCT:
        return ()
    good = np.isfinite(numbers)
    numbers, place = np.unique(numbers[good], return_inverse=True)
    rows = np.bincount(place, counts[good], len(numbers)).astype(np.float64)
    if len(numbers) <= _MIN_DISTINCT:
        return ()
    marks = []
    for end in (0, -1):
        rest = np.delete(numbers, end)
        enough = rows[end] >= max(_MIN_ROWS, _MIN_SHARE * rows.sum())
        if enough and (
            _is_far(numbers[end], rest) or _is_alone(numbers[end], rest, rows[end], rows)
        ):
            marks.append(f"{numbers[end]:.0f}")
    return tuple(marks)


def _is_far(number: float, rest: NDArray[np.float64]) -> bool:
    gap = min(abs(number - rest[0]), abs(number - rest[-1]))
    return number in FAR and bool(gap > 2 * max(float(np.ptp(rest)), 1.0))


def _is_alone(
    number: float, rest: NDArray[np.float64], rows: float, all_rows: NDArray[np.float64]
) -> bool:
    """The only negative number; -1 has to be the most frequent number of many as well."""
    if rest[0] < 0:
        return False
    if number == -1:
        return len(rest) >= _MINUS_ONE_DISTINCT and bool(rows == all_rows.max())
    return number in _NEGATIVE
