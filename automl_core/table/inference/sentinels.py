"""Numbers that stand for a missing value: 999 where all others are below thirty.

A number that can hardly be a value is sure and read as missing without asking; one that may be
a value is only reported. Knows nothing of how cells are written.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEAST_SHARE, LEAST_ROWS = 0.01, 5
SURE_DISTINCT, LEAST_DISTINCT = 20, 3  # other numbers
MOST_AT_AN_END = 3  # codes such as -7, -8 and -9
FAR, FAR_BELOW, APART = 2.0, 1.0, 5.0  # of the range of all others; of the usual step of them
OFTEN, OFTENER = 0.05, 5.0  # of the rows; as often as any other number
MINUS_ONE_SURE, MINUS_ONE, MINUS_ONE_SHARE = 50, 6, 0.08
ZERO_SHARES, ZERO_DISTINCT = (0.04, 0.35), 20
ZERO_NEAREST, ZERO_RANGE = 0.3, 5.0  # of the middle; the largest by the smallest other number

_ENDS_OF_TYPES = frozenset(
    float(end) for bits in (15, 16, 31, 32, 63) for end in (2**bits, 2**bits - 1)
) | {1e20, 1e30, float(np.finfo(np.float32).max), float(np.finfo(np.float64).max)}

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
        short = f"{self.value:.6g}"  # of a float of 32 bits, as it was meant
        if float(short) != self.value and np.float32(short) == np.float32(self.value):
            return short
        return repr(self.value).removesuffix(".0")


def find_sentinels(numbers: Numbers, counts: NDArray[np.int64]) -> tuple[Sentinel, ...]:
    """The sentinels at both ends of distinct numbers (k,) with their rows (k,)."""
    good = np.isfinite(numbers)
    numbers, place = np.unique(numbers[good], return_inverse=True)
    rows = np.bincount(place, counts[good], len(numbers)).astype(np.float64)
    low = _at_the_end(numbers, rows, rows.sum())
    high = _at_the_end(numbers[::-1], rows[::-1], rows.sum())
    return (*low[::-1], *high)


def _at_the_end(numbers: Numbers, rows: Numbers, every: float) -> list[Sentinel]:
    """The sentinels among the first of the ordered numbers: as many as are all of them such."""
    for many in range(MOST_AT_AN_END, 0, -1):
        if len(numbers) - many < LEAST_DISTINCT:
            continue
        if rows[:many].min() < max(LEAST_ROWS, LEAST_SHARE * every / many):
            continue
        others, counts = numbers[many:], rows[many:]
        if others[0] > others[-1]:
            others, counts = others[::-1], counts[::-1]
        run = many > 1 and bool((np.abs(np.diff(numbers[:many])) == 1).all())
        usual = _is_conventional(float(numbers[0]))
        reasons = [
            _reason(float(n), float(r), (others, counts), _is_conventional(float(n)) or run & usual)
            for n, r in zip(numbers[:many], rows[:many], strict=True)
        ]
        found = [
            Sentinel(float(n), float(r / every), *reason)
            for n, r, reason in zip(numbers[:many], rows[:many], reasons, strict=False)
            if reason is not None
        ]
        if len(found) == many:
            return found[::-1]
    return []


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
    number: float, rows: float, beside: tuple[Numbers, Numbers], conventional: bool
) -> tuple[bool, str] | None:
    """True if it is surely a sentinel, and the reason; None where it is no sentinel.

    `beside` are the other numbers in order and their rows.
    """
    others, counts = beside
    many, share = len(others) >= SURE_DISTINCT, rows / (rows + counts.sum())
    gap = min(abs(number - others[0]), abs(number - others[-1]))
    often = share >= OFTEN and rows >= OFTENER * counts.max()
    far = FAR_BELOW if number < 0 and conventional else FAR
    if gap > far * max(float(np.ptp(others)), 1.0) and (conventional or often):
        return many and (conventional or number < 0), "far from all other values"
    if number == 0 and others[0] > 0:
        if ZERO_SHARES[0] < share <= ZERO_SHARES[1] and stands_alone(others, counts):
            return False, f"and all others are {others[0]:g} or more"
        return None
    why = "and no other is negative"
    if number >= 0 or others[0] < 0:
        return None
    if number == -1:
        return _minus_one(rows, share, others, counts, why)
    if gap <= APART * float(np.median(np.diff(others))) and number != -9:
        return None  # the next step of a scale
    if conventional or often:
        return (many, why) if many or len(others) >= MINUS_ONE else None
    return (False, why) if many and rows > counts.max() else None


def _minus_one(
    rows: float, share: float, others: Numbers, counts: Numbers, why: str
) -> tuple[bool, str] | None:
    if len(others) < MINUS_ONE:
        return None
    zeros = counts[0] if others[0] == 0 else 0.0
    if len(others) >= MINUS_ONE_SURE and rows > counts.max():
        return True, why
    return (False, why) if share >= MINUS_ONE_SHARE or rows > zeros else None


def _is_conventional(number: float) -> bool:
    """True if people and programs make up such numbers: 9 repeated, -200, the end of a type.

    One digit alone says little: -9 and 99 only, which surveys use.
    """
    size = abs(number)
    if size in _ENDS_OF_TYPES:
        return True
    digits = f"{size:.10g}".replace(".", "").strip("0")
    if "e" in digits or len(set(digits)) != 1:
        return False
    if len(digits) >= 3:
        return digits[0] in "6789"
    if len(digits) == 2:
        return digits in ("99", "88", "77") and (number < 0 or size == 99)
    return (size >= 100 and number < 0) or number in (-9, -8, -7, -1)
