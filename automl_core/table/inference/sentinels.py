"""Numbers that stand for a missing value: 999 where all others are below thirty.

A number that can hardly be a value is sure and read as missing without asking; one that may be
a value is only reported. Knows nothing of how cells are written.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SURE_FAR = (-99_999.0, -9_999.0, -999.0, -99.0, 999.0, 9_999.0, 99_999.0, 999_999.0, 9_999_999.0)
"""Numbers that people write for "no value", when they are far from all others."""

FAR = (*SURE_FAR, -9.0, -1.0, 99.0)
NEGATIVE = (-9.0, -99.0, -999.0, -9_999.0, -99_999.0)
LEAST_SHARE, LEAST_ROWS = 0.01, 5
SURE_DISTINCT, LEAST_DISTINCT = 20, 3  # other numbers
MINUS_ONE_SURE, MINUS_ONE, MINUS_ONE_SHARE = 50, 6, 0.08
ZERO_SHARES, ZERO_DISTINCT = (0.04, 0.35), 20
ZERO_NEAREST, ZERO_RANGE = 0.3, 5.0  # of the middle; the largest by the smallest other number

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Sentinel:
    """A number that may stand for "no value"."""

    value: float
    share: float  # of the rows with a number
    sure: bool
    why: str  # in words that follow "in 5 % of the rows, "

    @property
    def mark(self) -> str:
        """As a parse rule keeps it."""
        return f"{self.value:.0f}"


def find_sentinels(numbers: Numbers, counts: NDArray[np.int64]) -> tuple[Sentinel, ...]:
    """The sentinels at both ends of distinct numbers (k,) with their rows (k,)."""
    good = np.isfinite(numbers)
    numbers, place = np.unique(numbers[good], return_inverse=True)
    rows = np.bincount(place, counts[good], len(numbers)).astype(np.float64)
    if len(numbers) <= LEAST_DISTINCT:
        return ()
    found = []
    for end in (0, -1):
        if rows[end] < max(LEAST_ROWS, LEAST_SHARE * rows.sum()):
            continue
        others = np.delete(numbers, end), np.delete(rows, end)
        reason = _reason(float(numbers[end]), float(rows[end]), *others)
        if reason is not None:
            share = float(rows[end] / rows.sum())
            found.append(Sentinel(float(numbers[end]), share, reason[0], reason[1]))
    return tuple(found)


def sentinel_marks(numbers: Numbers, counts: NDArray[np.int64]) -> tuple[str, ...]:
    """The marks of those that are sure."""
    return tuple(s.mark for s in find_sentinels(numbers, counts) if s.sure)


def stands_alone(numbers: Numbers, counts: NDArray[np.int64] | Numbers) -> bool:
    """True if positive numbers keep so far from zero that a zero among them is suspicious."""
    if len(numbers) < ZERO_DISTINCT:
        return False
    order = np.argsort(numbers)
    numbers, below = numbers[order], np.cumsum(counts[order])
    low, middle, high = (
        float(numbers[np.searchsorted(below, q * below[-1])]) for q in (0.005, 0.5, 0.995)
    )
    near = numbers[0] >= max(ZERO_NEAREST * middle, 0.5 * low)
    step = float(np.median(np.diff(numbers)))
    return bool(near and high <= ZERO_RANGE * low and numbers[0] >= 5 * step)


def _reason(
    number: float, rows: float, others: Numbers, counts: Numbers
) -> tuple[bool, str] | None:
    """True if it is surely a sentinel, and the reason; None where it is no sentinel.

    `others` are the other numbers in order, `counts` their rows.
    """
    many = len(others) >= SURE_DISTINCT
    gap = min(abs(number - others[0]), abs(number - others[-1]))
    if number in FAR and gap > 2 * max(float(np.ptp(others)), 1.0):
        return many and number in SURE_FAR, "far from all other values"
    if number == 0 and others[0] > 0:
        share = rows / (rows + counts.sum())
        if ZERO_SHARES[0] < share <= ZERO_SHARES[1] and stands_alone(others, counts):
            return False, f"and all others are {others[0]:g} or more"
        return None
    if number >= 0 or others[0] < 0:
        return None
    why = "and no other is negative"
    if number in NEGATIVE:
        return (many, why) if many or len(others) >= MINUS_ONE else None
    if number != -1 or len(others) < MINUS_ONE:
        return None
    often = rows > counts.max()
    share = rows / (rows + counts.sum())
    zeros = counts[0] if others[0] == 0 else 0.0
    if len(others) >= MINUS_ONE_SURE and often:
        return True, why
    return (False, why) if share >= MINUS_ONE_SHARE or rows > zeros else None
