"""Quantities that cannot be beyond certain numbers: ages, percentages, coordinates, hours.

A name alone proves nothing: nearly all of the numbers have to keep to the limits that it suggests.
Without a name, numbers that pile up at both 0 and 100, or 0 and 1, say as much.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl_core.table import name_words

MOST = 0.03  # share of the rows that may be beyond
LEAST_DISTINCT, LEAST_PILE = (
    20,
    3,
)  # different numbers; rows at each end, without a name
LONGEST_TAIL = 4.0  # the 95 % quantile by the middle
PRESENT = 0.6  # of the values of a cycle, that occur
Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Limit:
    """The names of a quantity and the limits between which it lies."""

    words: frozenset[str]
    low: float
    high: float
    what: str  # in words that follow "all others", with its limits
    apart: tuple[float, float] = (0.0, 0.0)  # of the others' spread, that those below and above
    # keep away from them: a tail that runs over the limit is none of ages or percentages
    cycle: bool = False  # whether whole numbers that come round again: then the name says no more


_PERCENT = frozenset(("percent", "percentage", "pct", "prozent", "%"))
_OF = frozenset(("of", "day", "the", "year", "local", "start", "end"))
LIMITS = (
    Limit(
        frozenset(("age", "alter", "edad", "idade")), 0, 125, "are ages of 0 to 125", (0.0, 0.2)
    ),
    Limit(frozenset(("probability", "prob", "proba", "likelihood")), 0, 1, "lie in 0 to 1"),
    Limit(_PERCENT, 0, 1, "lie in 0 to 1", (0.1, 0.1)),
    Limit(
        _PERCENT | {"probability", "prob", "likelihood"}, 0, 100, "lie in 0 to 100", (0.1, 0.1)
    ),
    Limit(frozenset(("latitude", "lat")), -90, 90, "lie in -90 to 90, as latitudes do"),
    Limit(
        frozenset(("longitude", "lon", "lng", "long")),
        -180, 180, "lie in -180 to 180, as longitudes do",
    ),
    Limit(frozenset(("hour",)), 0, 24, "are hours of a day", cycle=True),
    Limit(frozenset(("minute",)), 0, 60, "are minutes of an hour", cycle=True),
    Limit(frozenset(("month",)), 1, 12, "are months of a year", cycle=True),
    Limit(frozenset(("weekday",)), 0, 7, "are days of a week", cycle=True),
    Limit(frozenset(("year", "yr")), 1_500, 2_100, "are years"),
)  # fmt: skip


def beyond_limits(name: str, values: Numbers, counts: NDArray[np.int64]) -> tuple[Flags, str]:
    """The distinct values (k,) that a quantity of that name cannot have, and the reason."""
    words = {*name_words(name)} | ({"%"} if "%" in name else set())
    for limit in LIMITS:
        if limit.words & words and not (limit.cycle and words - limit.words - _OF):
            found = _beyond(limit, values, counts)
            if found.any():
                return found, f"all others {limit.what}"
    for high in (1.0, 100.0):
        limit = Limit(frozenset(), 0, high, "", (0.1, 0.1))
        if _piles(values, counts, high):
            found = _beyond(limit, values, counts)
            if found.any():
                return found, f"all others lie in 0 to {high:g}, and many at either end"
    return np.zeros(len(values), np.bool_), ""


def _beyond(limit: Limit, values: Numbers, counts: NDArray[np.int64]) -> Flags:
    out = (values < limit.low) | (values > limit.high)
    inside = values[~out]
    none = np.zeros(len(values), np.bool_)
    if not out.any() or not len(inside) or counts[out].sum() > MOST * counts.sum():
        return none
    if limit.cycle:
        whole = bool((values == np.trunc(values)).all())
        full = len(inside) >= PRESENT * (limit.high - limit.low)
        return out if whole and full else none
    return none if _runs_over(limit, values, out) or _has_tail(limit, inside, counts[~out]) else out


def _runs_over(limit: Limit, values: Numbers, out: Flags) -> bool:
    """True if those beyond begin right where all others end."""
    inside = values[~out]
    below, above = (share * float(np.ptp(inside)) for share in limit.apart)
    low = out & (values < limit.low) & (values > inside.min() - below)
    high = out & (values > limit.high) & (values < inside.max() + above)
    return bool(low.any() or high.any())


def _has_tail(limit: Limit, inside: Numbers, counts: NDArray[np.int64]) -> bool:
    """True if few rows lie far above the others, as incomes do."""
    order = np.argsort(inside)
    below = np.cumsum(counts[order])
    middle, high = inside[order][np.searchsorted(below, np.array((0.5, 0.95)) * below[-1])]
    return bool(limit.apart[1] and high > LONGEST_TAIL * middle)


def _piles(values: Numbers, counts: NDArray[np.int64], high: float) -> bool:
    """True if there are many different numbers of 0 to `high`, and rows enough at both ends."""
    if ((values >= 0) & (values <= high)).sum() < LEAST_DISTINCT:
        return False
    ends = [int(counts[values == end].sum()) for end in (0.0, high)]
    return bool(min(ends) >= max(LEAST_PILE, 0.005 * counts.sum()))
