"""Recognises columns of dates: their formats, the order of day and month, counted time.

The order of day and month is decided on all cells and never mixed; where no cell can tell,
the reason says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from automl_core.table import ParseRule, is_moment, is_number, is_text, shown
from automl_core.table.inference.column_stats import ColumnStats
from automl_core.table.inference.date_layout import layouts
from automl_core.table.inference.date_shape import dated
from automl_core.table.inference.two_digit_years import last_year_of, years_of
from automl_core.table.parsing import (
    COMMON_FORMATS,
    HALF,
    ISO_FORMATS,
    NUMBER_FORMATS,
    ORDINAL,
    QUARTER,
    WEEK,
    bare_dates,
    formats_that_read,
    in_english,
    other_day_order,
    seconds_of_text,
    without_zone,
)

_ENOUGH = 0.99  # of the different cells that must be dates
_MOST_FORMATS = 3
_HEAD = 500
_STEADIER = 0.4
_DATED = re.compile(  # no longer than a date with time and zone, and maybe a weekday in front
    r"^([^\W\d_][^\W\d_.,]{1,11}[.,]{0,2}\s*){0,2}"
    r"\d{1,4}([-/.]|\s|[^\W\d_]{3}|, |T|º|st|nd|rd|th|年|년).{1,40}$"
    r"|^\d{4}[01]\d[0-3]\d([T ]?\d{4,6})?$"
    r"|^[0-3]\d[0-3]\d(19|20)\d\d$|^\d{4}\s?-?[QqTtWw]\d{1,2}(-\d)?$"
    r"|^[Qq]\d[-/ ']{0,2}\d{4}$|^[^\W\d_]{3,10}\.?,?[-/ ]\d{2,4}$"
)
_SERIAL = r"^[2-5]\d{4}(\.\d+)?$"  # a day as spreadsheets count them, 1954 to 2064
_COUNTED_NAME = re.compile(r"time|date|epoch|_at$|_ts$|^ts$")
_DATE_NAME = re.compile(r"(^|[\s_.\-])(date|datum|fecha|dt)($|[\s_.\-])|date$")
_COUNTED = "whole numbers that read as dates: {} since 1970"
_NUMBER_REASONS = {
    "%Y%m%d": "whole numbers that read as dates",
    "%Y%m%d%H%M": "whole numbers that read as dates with a time",
    "%Y%m%d%H%M%S": "whole numbers that read as dates with a time",
    "%Y%m": "whole numbers that read as dates",
    "epoch_s": _COUNTED.format("seconds"),
    "epoch_ms": _COUNTED.format("milliseconds"),
    "epoch_us": _COUNTED.format("microseconds"),
    "epoch_ns": _COUNTED.format("nanoseconds"),
    ORDINAL: "whole numbers that read as dates: a year and the day of it",
    "excel": "numbers that count days as spreadsheets do, and the name says date",
}
_DAY_NAME = re.compile(r"date|doy|julian|yyyyddd|yday|datum|fecha")
_MANY_CASES, _LATE_DAY = 100, 360
_WITH_TIME = {10_000: "%Y%m%d%H%M", 1_000_000: "%Y%m%d%H%M%S"}
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
    text = _unmarked(stats) if is_text(kind) else ()
    if not len(text) or not _has_date_shape(text):
        return None
    formats = _formats_of(text)
    if not formats or (ORDINAL in formats and not _are_days(text, stats.name)):
        return None
    rule = ParseRule("datetime", stats.marks, formats=formats)
    reason = _text_reason(text, rule)
    if any("%y" in format for format in formats):
        years = years_of(seconds_of_text(text, formats))
        last, first_and_last = last_year_of(years, stats.name)
        rule = replace(rule, last_year=last)
        reason += f", years of two digits read as {first_and_last}"
    return DateReading(rule, reason)


def _are_days(text: pa.Array, name: str) -> bool:
    """True if numbers such as 2020-365 are days of years and no cases of years: 2020-017."""
    if _DAY_NAME.search(name.lower()):
        return True
    days = pc.utf8_slice_codeunits(pc.utf8_trim_whitespace(text), -3).cast(pa.int64(), safe=False)
    return len(text) >= _MANY_CASES and pc.max(days).as_py() >= _LATE_DAY


def _unmarked(stats: ColumnStats) -> pa.Array:
    """The texts as they are written: 2020.10 is October."""
    return pc.drop_null(stats.written.filter(pc.invert(stats.marked)))


def mixed_order_reason(stats: ColumnStats) -> str:
    """The reason why dates in both orders of day and month are not read; "" without any."""
    text = _unmarked(stats).slice(0, _HEAD)
    if not len(text) or not _has_date_shape(text):
        return ""
    for format in formats_that_read(text.slice(0, 4), COMMON_FORMATS):
        other = other_day_order(format)
        if other is None:
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
    return replace(rule, formats=exchanged)


def _text_reason(text: pa.Array, rule: ParseRule) -> str:
    """The reason in words why a text column holds dates, and the way they are read."""
    named = {QUARTER: "quarters", HALF: "half years", WEEK: "weeks"}
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
    head = text.slice(0, 100)
    digits = sum(any(map(str.isdecimal, cell)) for cell in head.to_pylist())
    if digits < 0.95 * len(head):  # words, as most columns of text: at once
        return False
    head = without_zone(bare_dates(head))[0]
    shaped = np.array([bool(_DATED.match(cell)) for cell in head.to_pylist()])
    if shaped.mean() < 0.95:
        shaped |= dated(head) | _flags(pc.match_substring_regex(head, _SERIAL))
        shaped |= np.isfinite(seconds_of_text(head, (QUARTER, HALF, WEEK)))
    return bool(shaped.mean() >= 0.95)


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
        best = _year_first(left, best)
        chosen.append(best)
        barred |= {best, other}
        done = np.isfinite(seconds_of_text(text, chosen, real=False))
        if done.mean() >= _ENOUGH:
            return () if chosen == ["excel"] else tuple(chosen)
        left = text.filter(pa.array(~done))
    return ()


def _year_first(text: pa.Array, format: str) -> str:
    """The format, or that with the year of two digits in the day's place: 20-01-31.

    Of two numbers that may be either, the year is the one that varies far less.
    """
    turned = format.replace("%d", "\0").replace("%y", "%d").replace("\0", "%y")
    read, other = _reach(text, format), _reach(text, turned)
    places = [format.find(part) for part in ("%d", "%m", "%y")]
    if -1 in places or places != sorted(places) or other < read:
        return format
    if read < _ENOUGH * len(text) <= other:
        return turned
    spans = [np.ptp(years_of(seconds_of_text(text, (f,)))) for f in (format, turned)]
    return turned if spans[1] < _STEADIER * spans[0] else format


def _reach(text: pa.Array, format: str) -> int:
    return int(np.isfinite(seconds_of_text(text, (format,), real=False)).sum())


def _tried(head: pa.Array) -> list[str]:
    """Formats that read one of the first cells: most are out of the question at once.

    Where the common ones leave one of these unread, also those that it may be written in.
    """
    few = head.slice(0, 4)
    common = formats_that_read(few, COMMON_FORMATS)
    if common and np.isfinite(seconds_of_text(few, common, real=False)).all():
        return common
    plain = without_zone(bare_dates(few))[0]
    cells = [*plain.to_pylist(), *in_english(plain).to_pylist()]
    made = dict.fromkeys(f for cell in cells if cell for f in layouts(cell))
    serial = ["excel"] if pc.any(pc.match_substring_regex(few, _SERIAL)).as_py() else []
    return list(dict.fromkeys((*common, *formats_that_read(few, list(made)), *serial)))


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
    for scale, format in _WITH_TIME.items():
        if whole and low >= 19_000_101 * scale and high < 21_001_232 * scale and len(numbers) > 3:
            fields = [numbers // scale // 100 % 100, numbers // scale % 100]
            fields += [numbers // step % 100 for step in (1, 100, 10_000) if step < scale]
            limits = [(1, 12), (1, 31), (0, 59), (0, 59 if scale > 10_000 else 23), (0, 23)]
            if all(
                ((f >= least) & (f <= most)).all()
                for f, (least, most) in zip(fields, limits, strict=False)
            ):
                return format
    if whole and low >= 190_001 and high <= 210_012 and len(numbers) > 3:
        months = numbers % 100
        if _MONTH_NAME.search(name) and ((months >= 1) & (months <= 12)).all():
            return "%Y%m"
    if whole and low >= 1_900_001 and high <= 2_100_366 and len(numbers) > 3:
        days = numbers % 1_000
        if _DAY_NAME.search(name) and ((days >= 1) & (days <= 366)).all():
            return ORDINAL
    if _COUNTED_NAME.search(name):
        for format in ("epoch_s", "epoch_ms", "epoch_us", "epoch_ns"):
            unit, _ = NUMBER_FORMATS[format]
            if low / unit > 6.3e8 and high / unit < 4.1e9:  # 1990 to 2099
                return format
    if _DATE_NAME.search(name) and low >= 20_000 and high <= 60_000 and len(numbers) > 3:
        return "excel"  # 1954 to 2064
    return ""


def _flags(mask: pa.Array) -> NDArray[np.bool_]:
    return np.asarray(pc.fill_null(mask, False).to_numpy(zero_copy_only=False), np.bool_)
