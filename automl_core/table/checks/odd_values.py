"""Frequent numbers far outside of all others, whatever their digits: -200, -99.99, 9999.

A value counts where a gap wider than all other values span parts it from them, or where it alone
is negative, and where it is far more frequent than one value of a measurement is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEAST_SHARE, LEAST_ROWS = 0.005, 5
LEAST_OTHERS = 10  # different values beside it
MOST_TOGETHER = 3  # such values at one end, as 9998 and 9999
FAR = 1.5  # times what the others span
OFTEN, OFTEN_NEGATIVE = 1.0, 2.0  # times as many rows as the most frequent other value
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class OddValue:
    """A number that may stand for "no value"."""

    value: float
    share: float  # of the rows with a number
    why: str  # in words that follow "in 5 % of the rows, "
    sure: bool = False  # a value may be meant

    @property
    def mark(self) -> str:
        """As a parse rule keeps it."""
        return f"{self.value:.0f}" if self.value == round(self.value) else repr(self.value)


def find_odd_values(numbers: Numbers, counts: NDArray[np.int64]) -> tuple[OddValue, ...]:
    """The odd values at both ends of distinct numbers (k,) with their rows (k,)."""
    good = np.isfinite(numbers)
    values, place = np.unique(numbers[good], return_inverse=True)
    rows = np.bincount(place, counts[good], len(values)).astype(np.float64)
    total = float(rows.sum())
    found: list[OddValue] = []
    for low in (True, False, True):  # an odd value at one end hides one at the other
        outwards = slice(None) if low else slice(None, None, -1)
        many = _outside(values[outwards], rows[outwards], total)
        if many:
            picked = slice(0, many) if low else slice(len(values) - many, None)
            why = _reason(values[picked], np.delete(values, picked))
            found += [
                OddValue(float(v), float(n) / total, why)
                for v, n in zip(values[picked], rows[picked], strict=True)
            ]
            values, rows = np.delete(values, picked), np.delete(rows, picked)
    return tuple(found)


def _outside(values: Numbers, rows: Numbers, total: float) -> int:
    """The number of values at the start that lie outside of the others; 0 where none do."""
    for many in range(1, MOST_TOGETHER + 1):
        others, count = values[many:], rows[many:]
        if len(others) < LEAST_OTHERS or rows[:many].min() < LEAST_ROWS:
            return 0
        often = rows[:many].min()
        if rows[:many].sum() < LEAST_SHARE * total or 0.0 in values[:many]:
            return 0
        gap, span = abs(float(others[0] - values[many - 1])), float(np.ptp(others))
        if gap > FAR * max(span, 1e-12) and often >= OFTEN * float(np.median(count)):
            return many
        negative = values[:many].max() < 0 <= others.min()
        step = float(np.median(np.abs(np.diff(others))))
        apart = gap >= 10 * step and abs(values[:many]).min() >= 9
        if negative and apart and often >= OFTEN_NEGATIVE * count.max():
            return many
    return 0


def _reason(odd: Numbers, others: Numbers) -> str:
    if odd.max() < 0 <= others.min():
        return f"and all others are {others.min():g} or more"
    return f"and all others lie in {others.min():g} to {others.max():g}"
