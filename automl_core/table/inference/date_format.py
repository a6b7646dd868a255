"""Recognises columns of dates: their formats, the order of day and month, counted time.

The order of day and month is decided on all cells and never mixed; where no cell can tell,
the reason says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from automl_core.table import ParseRule, is_moment, is_number, is_text, shown
from automl_core.table.inference.column_stats import ColumnStats
from automl_core.table.parsing import (
    COMMON_FORMATS,
    ISO_FORMATS,
    NUMBER_FORMATS,
    QUARTER,
    WEEK,
    other_day_order,
    seconds_of_text,
)

_ENOUGH = 0.99  # of the different cells that must be dates
_MOST_FORMATS = 3
_HEAD = 500
_DATED = re.compile(  # no longer than a date with time and zone, and maybe a weekday in front
    r"^([^\W\d_][^\W\d_.,]{1,11}[.,]{0,2}\s*){0,2}"
    r"\d{1,4}([-/.]|\s|[^\W\d_]{3}|, |T|º|st|nd|rd|th|年|년).{1,40}$"
    r"|^\d{4}[01]\d[0-3]\d([T ]?\d{4,6})?$|^\d{4}\s?-?[QqTtWw]\d{1,2}(-\d)?$"
    r"|^[Qq]\d[-/ ']{0,2}\d{4}$|^[^\W\d_]{3,10}\.?,?[-/ ]\d{2,4}$"
)
_COUNTED_NAME = re.compile(r"time|date|epoch|_at$|_ts$|^ts$")
_DATE_NAME = re.compile(r"(^|[\s_.\-])(date|datum|fecha|dt)($|[\s_.\-])|date$")
_COUNTED = "whole numbers that read as dates: {} since 1970"
_NUMBER_REASONS = {
    "%Y%m%d": "whole numbers that read as dates",
    "%Y%m": "whole numbers that read as dates",
    "epoch_s": _COUNTED.format("seconds"),
    "epoch_ms": _COUNTED.format("milliseconds"),
    "epoch_us": _COUNTED.format("microseconds"),
    "excel": "numbers that count days as spreadsheets do, and the name says date",
}
_MONTH_NAME = re.compile(r"month|period|date|yyyymm|yearmo|^ym$|monat|mois|fecha")


@dataclass(frozen=True)
class DateReading:
    """A column recognised as dates."""

    rule: ParseRule
    reason: str  # in words for the user, without the marks of missing cells


def read_as_dates(stats: ColumnStats) -> DateReading | None:
    """Formats that read nearly every cell as a date, at most three of them; or None."""
    kind = stats.values.type
    if is_moment(kind):
        return DateReading(ParseRule("datetime", formats=ISO_FORMATS), "dates")
    if is_number(kind):
        format = _number_format(stats)
        if not format:
            return None
        return DateReading(ParseRule("datetime", formats=(format,)), _NUMBER_REASONS[format])
    text = stats.unmarked if is_text(kind) else ()
    if not len(text) or not _has_date_shape(text):
        return None
    formats = _formats_of(text)
    if not formats:
        return None
    rule = ParseRule("datetime", stats.marks, formats=formats)
    return DateReading(rule, _text_reason(text, rule))


def mixed_order_reason(stats: ColumnStats) -> str:
    """The reason why dates in both orders of day and month are not read; "" without any."""
    text = stats.unmarked.slice(0, _HEAD)
    if not len(text) or not _has_date_shape(text):
        return ""
    for format in COMMON_FORMATS:
        other = other_day_order(format)
        if other is None or not _reach(text.slice(0, 4), format):
            continue
        read = _reach(text, format), _reach(text, other)
        both = int(np.isfinite(seconds_of_text(text, (format, other))).sum())
        if both >= _ENOUGH * len(text) and both > max(read):
            return "dates with the day first in some cells and the month first in others"
    return ""


def day_order_rule(rule: ParseRule) -> ParseRule | None:
    """The rule with day and month exchanged; None where its formats have no other order."""
    exchanged = tuple(other_day_order(f) or f for f in rule.formats)
    if rule.kind != "datetime" or exchanged == rule.formats:
        return None
    return ParseRule("datetime", rule.missing, formats=exchanged)


def _text_reason(text: pa.Array, rule: ParseRule) -> str:
    """The reason in words why a text column holds dates, and the way they are read."""
    named = {QUARTER: "quarters", WEEK: "weeks"}
    first_days = (f", {named[f]} read as their first day" for f in rule.formats if f in named)
    reason = f"dates such as {shown(str(text[0].as_py()))}" + "".join(first_days)
    for format in rule.formats:
        other = other_day_order(format)
        if other is None:
            continue
        order = "day" if format.index("%d") < format.index("%m") else "month"
        if _reach(text, format) == _reach(text, other):
            unknown = "no cell tells the order of day and month: please check"
            return f"{reason}, {order} first ({unknown})"
        return f"{reason}, {order} first"
    return reason


def _has_date_shape(text: pa.Array) -> bool:
    """True if nearly all of the first cells have the digits and separators that dates have."""
    head = text.slice(0, 100).to_pylist()
    return sum(bool(_DATED.match(cell)) for cell in head) >= 0.95 * len(head)


def _formats_of(text: pa.Array) -> tuple[str, ...]:
    chosen: list[str] = []
    barred: set[str | None] = set()
    left = text
    for _ in range(_MOST_FORMATS):
        head = left.slice(0, _HEAD)
        reach = {f: _reach(head, f) for f in _tried(head) if f not in barred}
        best = max(reach, key=lambda f: reach[f], default="")  # the first of equal ones
        if not best or not reach[best]:
            return ()
        other = other_day_order(best)
        if other in reach and _reach(left, other) > _reach(left, best):
            best, other = other, best
        chosen.append(best)
        barred |= {best, other}
        done = np.isfinite(seconds_of_text(text, chosen, real=False))
        if done.mean() >= _ENOUGH:
            return tuple(chosen)
        left = text.filter(pa.array(~done))
    return ()


def _reach(text: pa.Array, format: str) -> int:
    return int(np.isfinite(seconds_of_text(text, (format,), real=False)).sum())


def _tried(head: pa.Array) -> list[str]:
    """Formats that read one of the first cells: most are out of the question at once."""
    few = head.slice(0, 4)
    return [f for f in COMMON_FORMATS if _reach(few, f)]


def _number_format(stats: ColumnStats) -> str:
    """The format in which whole numbers are dates; "" where they are none."""
    numbers = stats.values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    numbers = numbers[np.isfinite(numbers)]
    if not len(numbers):
        return ""
    low, high, name = numbers.min(), numbers.max(), stats.name.lower()
    whole = bool((numbers == np.trunc(numbers)).all())
    if whole and low >= 19_000_101 and high <= 21_001_231 and len(numbers) > 3:
        months, days = numbers // 100 % 100, numbers % 100
        if ((months >= 1) & (months <= 12) & (days >= 1) & (days <= 31)).all():
            return "%Y%m%d"
    if whole and low >= 190_001 and high <= 210_012 and len(numbers) > 3:
        months = numbers % 100
        if _MONTH_NAME.search(name) and ((months >= 1) & (months <= 12)).all():
            return "%Y%m"
    if _COUNTED_NAME.search(name):
        for format in ("epoch_s", "epoch_ms", "epoch_us"):
            unit, _ = NUMBER_FORMATS[format]
            if low / unit > 6.3e8 and high / unit < 4.1e9:  # 1990 to 2099
                return format
    if _DATE_NAME.search(name) and low >= 20_000 and high <= 60_000 and len(numbers) > 3:
        return "excel"  # 1954 to 2064
    return ""
