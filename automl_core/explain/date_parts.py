"""Month, weekday and hour of dates: read, and put in the place of those of a date.

A date is seconds since 1970 in its own time zone, as typed columns have it; NaN where missing.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

DatePart = Literal["month", "weekday", "hour"]
LABELS: dict[DatePart, tuple[str, ...]] = {
    "month": (
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ),
    "weekday": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "hour": tuple(f"{hour}:00" for hour in range(24)),
}  # fmt: skip
DAY, HOUR = 86_400, 3_600
THURSDAY = 3  # that 1970 began with, counted from Monday

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


def part_of(dates: Floats, part: DatePart) -> Whole:
    """(n,) number of the part, counted from 0 as LABELS; -1 where the date is missing."""
    known = np.where(np.isnan(dates), 0.0, dates)
    days = np.floor(known / DAY).astype(np.int64)
    if part == "hour":
        found = ((known - days * DAY) // HOUR).astype(np.int64)
    elif part == "weekday":
        found = (days + THURSDAY) % 7
    else:
        found = _months(days) % 12
    return np.where(np.isnan(dates), -1, found)


def with_part(dates: Floats, part: DatePart, values: Whole) -> Floats:
    """The dates (n,) with these parts (n,), and all else the same.

    A day that a month lacks becomes its last. Missing dates stay missing.
    """
    own = part_of(dates, part)
    if part == "hour":
        return dates + (values - own) * float(HOUR)
    if part == "weekday":
        return dates + (values - own) * float(DAY)
    known = np.where(np.isnan(dates), 0.0, dates)
    days = np.floor(known / DAY).astype(np.int64)
    months = _months(days)
    wanted = months + values - np.where(own < 0, values, own)
    length = _first_days(wanted + 1) - _first_days(wanted)
    day = np.minimum(days - _first_days(months), length - 1)
    moved = (_first_days(wanted) + day) * float(DAY) + (known - days * float(DAY))
    return np.where(np.isnan(dates), np.nan, moved)


def _months(days: Whole) -> Whole:
    """Months since 1970 of days since 1970."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def _first_days(months: Whole) -> Whole:
    """The first day of each month, in days since 1970."""
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
