"""Dates and times as the model reads them: seconds since 1970, NaN where a cell is none.

Follows the rules of the model's metadata, with its patterns and words as `tables`; needs Python
alone.
"""

from __future__ import annotations

import math
import re
from calendar import isleap, monthrange
from collections.abc import Iterator
from datetime import date
from typing import Any

from automl_core.onnx_export.scorer.cells import (
    LONGEST_NUMBER,
    NAN,
    Plain,
    as_text,
    low,
    number,
    with_ascii_digits,
)

DAY = 86_400
FARTHEST = 8.5e9  # seconds; what is farther is no date but an accident
FIRST_YEAR, LAST_YEAR = 1700, 2239
LONGEST_DATE = 60  # characters of a date in words
_EPOCH = date(1970, 1, 1).toordinal()
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def seconds(cell: Any, rule: Plain) -> float:
    """Seconds since 1970 of a date or time; times without a zone count as UTC."""
    tables = rule["tables"]
    if "counted" in rule:
        unit, start = rule["counted"]
        return float((number(cell, rule) - start) / unit)
    text = as_text(cell).strip()
    if len(text) > LONGEST_NUMBER or low(text) in rule["missing"]:
        return NAN
    whole = with_ascii_digits(text).strip()
    bare = _bare(whole, tables)
    found = _first_that_fits(bare, rule, tables)
    return _first_that_fits(whole, rule, tables) if math.isnan(found) and whole != bare else found


def _bare(text: str, tables: Plain) -> str:
    """Without brackets, quotes, weekdays and names of zones."""
    for _ in range(2):
        if not (found := re.search(tables["around"], text)):
            break
        text = "".join(part or "" for part in found.groups()).strip()
    text = re.sub(tables["weekday"], " ", text).strip()
    text = re.sub(tables["named_zone"], r"\1\2", text)
    return re.sub(tables["day_in_zone"], r"\1", text)


def _first_that_fits(text: str, rule: Plain, tables: Plain) -> float:
    text, shift = _without_zone(text, tables)
    for form in rule["formats"]:
        for written in _spellings(text, form, tables):
            found = re.match(form["pattern"], written)
            value = _moment(found, form, rule["last_year"]) if found else NAN
            if not math.isnan(value):
                return value + shift
    return NAN


def _spellings(text: str, form: Plain, tables: Plain) -> Iterator[str]:
    """The cell as it stands, and then in English."""
    yield text
    lettered = form["english"] == "words" and re.search(r"[^\W\d_]{2}", text)
    if form["english"] == "always" or lettered:
        yield _in_english(text, tables)


def _without_zone(text: str, tables: Plain) -> tuple[str, float]:
    """Without parts of a second and zone, and the seconds to add for both."""
    shift = 0.0
    if found := re.search(tables["inside"], text):
        shift += float("0." + found["part"][1:])
        text = found["clock"] + (found["rest"] or "")
    if found := re.search(tables["before_year"], text):
        shift -= _ahead(found["zone"], tables)
        text = f"{found['clock']} {found['year']}"
    if found := re.search(tables["behind"], text):
        shift += float((found["part"] or "0").replace(",", "."))
        shift -= _ahead(found["zone"] or "", tables)
        text = found["clock"] + (found["half"] or "")
    return text, shift


def _ahead(zone: str, tables: Plain) -> float:
    """Seconds that a zone is ahead of UTC."""
    name = zone.lower()
    digits = name.removeprefix("utc").removeprefix("gmt").replace(":", "")
    if digits[:1] not in ("+", "-"):
        return 3600.0 * float(tables["zones"].get(name, 0))
    ahead = 3600.0 * int(digits[1:3]) + 60.0 * int(digits[3:5] or 0)
    return -ahead if digits[0] == "-" else ahead


def _in_english(text: str, tables: Plain) -> str:
    """With English months, and without weekdays and small words."""
    if len(text) > LONGEST_DATE:
        return text
    text = re.sub(tables["english_day"], "", re.sub(tables["half_day"], r"\1m", text))
    text = re.sub(tables["ordinal"], r"\1", text)
    known = tables["words"] | (tables["words_with_year"] if re.search(tables["year"], text) else {})

    def english(found: re.Match[str]) -> str:
        written = found.group().rstrip(".")
        return str(known.get(written.lower(), written))

    text = re.sub(tables["word"], english, text).strip(" ,.")
    return re.sub(r"\s+", " ", re.sub(tables["empty_brackets"], " ", text)).strip(" ,.")


def _moment(found: re.Match[str], form: Plain, last_year: int) -> float:
    """Seconds since 1970 of what a format's pattern found."""
    parts = {name[0]: part for name, part in found.groupdict().items() if part}
    if "c" in parts:
        unit, start = form["counted"]
        value = (float(parts["c"]) - start) / unit
        return value if abs(value) <= FARTHEST else NAN
    year = int(parts.get("Y", 0))
    if "y" in parts:
        year = int(parts["y"]) + (2000 if int(parts["y"]) < 69 else 1900)
    days = _days(year, parts)
    hours = int(parts["I"]) % 12 + 12 * (parts.get("p", "").lower() == "pm") if "I" in parts else 0
    clock = 3600 * (int(parts["H"]) if "H" in parts else hours)
    clock += 60 * int(parts.get("M", 0)) + int(parts.get("S", 0))
    if form["english"] != "no" and not abs(days * DAY + clock) <= FARTHEST:
        return NAN
    if last_year and "y" in parts:
        days = _days(year + (last_year - year) // 100 * 100, parts, real=False)
    return days * DAY + clock


def _days(year: int, parts: dict[str, str], real: bool = True) -> float:
    """Days since 1970, NaN where there is no such day."""
    month = int(parts.get("m", 1))
    if "b" in parts:
        month = _MONTHS.index(parts["b"][:3].lower()) + 1
    month = 3 * int(parts["q"]) - 2 if "q" in parts else month
    month = 6 * int(parts["h"]) - 5 if "h" in parts else month
    day = int(parts.get("j", parts.get("d", 1)))
    if not (1 <= year <= 9999 and 1 <= month <= 12 and day >= 1):
        return NAN
    if parts.keys() & {"w", "q", "h", "j"} and not FIRST_YEAR <= year <= LAST_YEAR:
        return NAN
    most = 365 + isleap(year) if "j" in parts else monthrange(year, month)[1]
    if real and day > most:
        return NAN
    first = date(year, month, 1).toordinal() - _EPOCH
    if "w" not in parts:
        return first + day - 1
    week, fourth = int(parts["w"]), first + 3  # the fourth of January is in the first week
    monday = fourth - (fourth + 3) % 7  # 1970-01-01 was a Thursday
    return monday + 7 * (week - 1) + int(parts.get("u", 1)) - 1 if 1 <= week <= 53 else NAN
