"""Dates: calendar parts, their place on the circle, and age in days.

Proleptic Gregorian calendar in UTC, by the arithmetic of Howard Hinnant's
"chrono-compatible low-level date algorithms"; no time zones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from automl_core.features.encoded_columns import (
    Matrix,
    Numbers,
    finite_numbers,
    has_missing,
    missing_feature,
    number,
)
from automl_core.features.encoder_record import EncoderRecord
from automl_core.features.feature_layout import Encoding, Feature
from automl_core.features.scaling import Scaling, fit_scaling, require
from automl_core.table import TypedColumn

DAY = 86_400.0
FARTHEST = 3.0e11
"""Seconds from 1970, some 9,500 years; what lies beyond is no date and counts as missing."""

Part = Literal[
    "age", "year", "month", "day", "weekday", "hour", "day of year", "days to month's end",
    "days from new year",
]  # fmt: skip
PERIODS: dict[Part, tuple[float, float]] = {
    "month": (1, 12), "day": (1, 31), "weekday": (0, 7), "hour": (0, 24), "day of year": (1, 365.25)
}  # fmt: skip
"""Cyclic parts: first value and length of the circle."""

YEARLY: tuple[Part, ...] = ("day of year", "days to month's end", "days from new year")
YEARLY_DAYS = 730
"""What comes once a year, or with the holidays about its turn, is told from age and month only
where the dates cover two years."""

TURN = 15
"""Days before or after a new year that tell how far it is; beyond, all count as that far."""


@dataclass(frozen=True)
class DatePart:
    """One part of a date as a scaled number and, where `circle`, its sine and cosine."""

    part: Part
    scaling: Scaling
    circle: bool

    def __post_init__(self) -> None:
        require(not self.circle or self.part in PERIODS, f"{self.part} is not cyclic")


class DatetimeEncoder(EncoderRecord, frozen=True, tag="datetime"):
    """The parts that vary, and 1 where there is no date."""

    name: str
    reference: float  # seconds since 1970 from which age counts: the latest training row
    parts: tuple[DatePart, ...]
    fill: bool  # missing becomes 0; else NaN
    indicator: bool

    def __post_init__(self) -> None:
        require(bool(self.parts) or self.indicator, f"{self.name!r} has no feature")

    @property
    def features(self) -> tuple[Feature, ...]:
        names = []
        for p in self.parts:
            title = "age in days" if p.part == "age" else p.part
            names += [title] + ([f"{title} (sine)", f"{title} (cosine)"] if p.circle else [])
        values = tuple(number(f"{self.name}: {name}", self.name) for name in names)
        return values + ((missing_feature(self.name),) if self.indicator else ())

    def write(self, column: TypedColumn, out: Matrix) -> None:
        """Fill `out` (n, k)."""
        seconds = plausible_seconds(column)
        missing = np.isnan(seconds)
        calendar = calendar_parts(seconds, self.reference)
        empty = 0.0 if self.fill else np.nan
        at = 0
        for p in self.parts:
            values = calendar[p.part]
            out[:, at] = np.where(missing, empty, p.scaling.apply(values))
            at += 1
            if p.circle:
                first, length = PERIODS[p.part]
                angle = (values - first) * (2 * np.pi / length)
                out[:, at] = np.where(missing, empty, np.sin(angle))
                out[:, at + 1] = np.where(missing, empty, np.cos(angle))
                at += 2
        if self.indicator:
            out[:, -1] = missing


def plausible_seconds(column: TypedColumn) -> Numbers:
    """Seconds since 1970 (n,), NaN where there is no date."""
    seconds = finite_numbers(column)
    with np.errstate(invalid="ignore"):
        return np.where(np.abs(seconds) <= FARTHEST, seconds, np.nan)


def calendar_parts(seconds: Numbers, reference: float) -> dict[Part, Numbers]:
    """Parts of dates (n,); where a date is missing those of 1970-01-01.

    Month and day count from 1, weekdays from Monday = 0; hours have fractions.
    """
    present = np.nan_to_num(seconds, nan=0.0)
    days = np.floor(present / DAY).astype(np.int64)
    shifted = days + 719_468  # days since 0000-03-01: leap days come last in a year
    era = shifted // 146_097  # of 400 years
    day_of_era = shifted - era * 146_097
    leaps = day_of_era // 1_460 - day_of_era // 36_524 + day_of_era // 146_096
    year_of_era = (day_of_era - leaps) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month = (5 * day_of_year + 2) // 153  # from March = 0
    year = year_of_era + era * 400 + (month >= 10)
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    length = np.where(month == 11, 28 + leap, (153 * month + 155) // 5 - (153 * month + 2) // 5)
    day = day_of_year - (153 * month + 2) // 5 + 1
    civil = np.where(month >= 10, day_of_year - 305, day_of_year + 60 + leap)  # from 1
    to_next = 366 + leap - civil  # days to the next 1 January
    turn = np.where(civil - 1 <= to_next, civil - 1, -to_next)
    values = {
        "age": (reference - present) / DAY,
        "year": year,
        "month": np.where(month < 10, month + 3, month - 9),
        "day": day,
        "weekday": (days + 3) % 7,
        "hour": (present - days * DAY) / 3600.0,
        "day of year": civil,
        "days to month's end": length - day,
        "days from new year": np.clip(turn, -TURN, TURN),
    }
    return {part: np.asarray(values[part], dtype=np.float64) for part in get_args(Part)}


def fit_datetime(column: TypedColumn, encoding: Encoding) -> DatetimeEncoder | None:
    """The encoder of a column of dates, or None where it has nothing to tell.

    Circles are for models that need scaled numbers; trees cut the plain parts. An encoding that
    is not `rich` gets the age alone.
    """
    seconds = plausible_seconds(column)
    present = seconds[~np.isnan(seconds)]
    if len(present) == 0:
        return None
    robust = encoding.numeric == "robust"
    reference = float(present.max())
    parts = []
    wanted: tuple[Part, ...] = get_args(Part) if encoding.rich else ("age",)
    if present.max() - present.min() < YEARLY_DAYS * DAY:
        wanted = tuple(part for part in wanted if part not in YEARLY)
    calendar = calendar_parts(present, reference)
    for part, values in ((part, calendar[part]) for part in wanted):
        scaling = fit_scaling(values, smooth=robust)
        if scaling is not None:
            parts.append(DatePart(part, scaling, circle=robust and part in PERIODS))
    missing = len(present) < len(seconds) or has_missing(column)
    fill = encoding.missing == "fill"
    indicator = missing and (fill or not parts)
    if not parts and not indicator:
        return None
    return DatetimeEncoder(column.name, reference, tuple(parts), fill, indicator)
