"""How a column's cells read as dates: formats, the order of day and month, counted time.

The order of day and month is decided on all cells and never mixed; where no cell can tell,
the reason says so.
"""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from automl_core.table import ParseRule, is_marked, is_moment, is_number, is_text, shown
from automl_core.table.inference.column_stats import ColumnStats
from automl_core.table.inference.missing_and_boolean import MARKS, marks_in
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
_MONTH_NAME = re.compile(r"month|period|date|yyyymm|yearmo|^ym$|monat|mois|fecha")


def datetime_rule(facts: ColumnStats) -> ParseRule | None:
    """Formats that read nearly every cell as a date, at most three of them; or None."""
    kind = facts.values.type
    if is_moment(kind):
        return ParseRule("datetime", formats=ISO_FORMATS)
    if is_number(kind):
        return _number_dates(facts)
    if not is_text(kind) or not len(facts.values):
        return None
    text = pc.drop_null(_without_marks(facts))
    if not len(text) or not _looks_dated(text):
        return None
    formats = _formats_of(text)
    return ParseRule("datetime", marks_in(facts, MARKS), formats=formats) if formats else None


def date_reason(facts: ColumnStats, rule: ParseRule) -> str:
    """Why the column holds dates and how they are read, in words for the user."""
    if is_moment(facts.values.type):
        return "dates"
    if is_number(facts.values.type):
        counted = next((f for f in rule.formats if f in NUMBER_FORMATS), None)
        units = {"epoch_s": "seconds", "epoch_ms": "milliseconds", "epoch_us": "microseconds"}
        if counted == "excel":
            return "numbers that count days as spreadsheets do, and the name says date"
        since = f": {units[counted]} since 1970" if counted else ""
        return "whole numbers that read as dates" + since
    text = pc.drop_null(_without_marks(facts))
    reason = f"dates such as {shown(str(text[0].as_py()))}" if len(text) else "dates"
    named = {QUARTER: "quarters", WEEK: "weeks"}
    reason += "".join(f", {named[f]} read as their first day" for f in rule.formats if f in named)
    return reason + _order_words(text, rule)


def mixed_order_reason(facts: ColumnStats) -> str:
    """Why dates in both orders of day and month are no dates, in words; "" where there are none."""
    text = pc.drop_null(_without_marks(facts)).slice(0, _HEAD)
    if not len(text) or not _looks_dated(text):
        return ""
    for format in COMMON_FORMATS:
        twin = other_day_order(format)
        if twin is None or not _reach(text.slice(0, 4), format):
            continue
        read = _reach(text, format), _reach(text, twin)
        both = int(np.isfinite(seconds_of_text(text, (format, twin))).sum())
        if both >= _ENOUGH * len(text) and both > max(read):
            return "dates with the day first in some cells and the month first in others"
    return ""


def day_order_rule(rule: ParseRule) -> ParseRule | None:
    """The rule with day and month exchanged; None where its formats have no other order."""
    turned = tuple(other_day_order(f) or f for f in rule.formats)
    if rule.kind != "datetime" or turned == rule.formats:
        return None
    return ParseRule("datetime", rule.missing, formats=turned)


def _order_words(text: pa.Array, rule: ParseRule) -> str:
    twins = [(f, other_day_order(f)) for f in rule.formats]
    for format, twin in twins:
        if twin is None:
            continue
        order = "day" if format.index("%d") < format.index("%m") else "month"
        here, there = _reach(text, format), _reach(text, twin)
        if there == here:
            return f", {order} first (no cell tells the order of day and month: please check)"
        return f", {order} first"
    return ""


def _without_marks(facts: ColumnStats) -> pa.Array:
    marked = is_marked(facts.text, tuple(MARKS))
    return pc.if_else(marked, pa.scalar(None, pa.string()), facts.text)


def _looks_dated(text: pa.Array) -> bool:
    """Whether nearly all of the first cells have the digits and separators that dates have."""
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
        twin = other_day_order(best)
        if twin in reach and _reach(left, twin) > _reach(left, best):
            best, twin = twin, best
        chosen.append(best)
        barred |= {best, twin}
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


def _number_dates(facts: ColumnStats) -> ParseRule | None:
    numbers = facts.values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    numbers = numbers[np.isfinite(numbers)]
    if not len(numbers):
        return None
    low, high, name = numbers.min(), numbers.max(), facts.name.lower()
    whole = bool((numbers == np.trunc(numbers)).all())
    if whole and low >= 19_000_101 and high <= 21_001_231 and len(numbers) > 3:
        months, days = numbers // 100 % 100, numbers % 100
        if ((months >= 1) & (months <= 12) & (days >= 1) & (days <= 31)).all():
            return ParseRule("datetime", formats=("%Y%m%d",))
    if whole and low >= 190_001 and high <= 210_012 and len(numbers) > 3:
        months = numbers % 100
        if _MONTH_NAME.search(name) and ((months >= 1) & (months <= 12)).all():
            return ParseRule("datetime", formats=("%Y%m",))
    if _COUNTED_NAME.search(name):
        for format in ("epoch_s", "epoch_ms", "epoch_us"):
            unit, _ = NUMBER_FORMATS[format]
            if low / unit > 6.3e8 and high / unit < 4.1e9:  # 1990 to 2099
                return ParseRule("datetime", formats=(format,))
    if _DATE_NAME.search(name) and low >= 20_000 and high <= 60_000 and len(numbers) > 3:
        return ParseRule("datetime", formats=("excel",))  # 1954 to 2064
    return None
