"""The century of years that are written with two digits: 68 is 1968 among births, not 2068.

The rule keeps the last of the hundred years that a column's dates are in, so that new rows are
read alike.
"""

from __future__ import annotations

import datetime as dt
import re

import numpy as np
from numpy.typing import NDArray

USUAL = 2068
"""The last year where nothing tells otherwise: POSIX reads 69 to 99 as 1969 to 1999."""

SOON = 10
"""Years from now on in which dates are likely to be planned."""

_PAST = re.compile(
    r"birth|born|dob|death|died|deceas|geb(urt|oren)?($|[\s_.\-])|geburt|naiss|nacim|nascim|nascita"
    r"|urodz|rozhd|рожд|hired?($|[\s_.\-])|founded|built",
    re.IGNORECASE,
)
_FUTURE = re.compile(
    r"matur|expir|valid.?(to|until)|end($|[\s_.\-])|until|due($|[\s_.\-])|ablauf|fällig|caduc|scad",
    re.IGNORECASE,
)


def years_of(seconds: NDArray[np.float64]) -> NDArray[np.int64]:
    """The different years of dates, NaN left out."""
    known = seconds[np.isfinite(seconds)].astype("datetime64[s]")
    return np.unique(known.astype("datetime64[Y]").astype(np.int64) + 1970)


def last_year_of(years: NDArray[np.int64], name: str, now: int = 0) -> tuple[int, str]:
    """The last year of the hundred that a column's dates are in, and its own years in words.

    `years` are read as is usual, up to 2068; `now` is this year. Dates lie in the past where
    the name says so, or where they are closer together then, as births of 1930 to 2010 are.
    """
    now = now or dt.date.today().year
    last = USUAL if _stays(years, name, now) else now
    read = years + 100 * ((last - years) // 100)
    return last, f"{read.min()} to {read.max()}" if len(read) else str(last)


def _stays(years: NDArray[np.int64], name: str, now: int) -> bool:
    if _PAST.search(name):
        return False
    if not len(years) or years.max() <= now or _FUTURE.search(name):
        return True
    past = np.where(years > now, years - 100, years)
    spans = int(np.ptp(years)), int(np.ptp(past))
    return spans[0] < spans[1] or (spans[0] == spans[1] and years.min() <= now + SOON)
