"""Dates written as text or numbers to seconds since 1970, on whole Arrow arrays.

A format is one of strptime's, or one of the names below. Times without a zone count as UTC.
Knows nothing of columns or roles.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from automl_core.table import with_ascii_digits
from automl_core.table.parsing.bare_dates import bare_dates
from automl_core.table.parsing.date_words import in_english
from automl_core.table.parsing.time_zones import without_zone

ISO_FORMATS = (
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M",
)
_DAYS = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y",
    "%m-%d-%Y", "%m/%d/%y", "%d/%m/%y", "%d.%m.%y", "%d-%m-%y", "%d-%b-%Y", "%d-%b-%y",
    "%d %b %Y", "%b %d, %Y", "%b %d %Y", "%a, %d %b %Y", "%A, %B %d, %Y", "%Y %b %d",
    "%d %b %y", "%d/%b/%Y", "%d.%b.%Y", "%d%b%Y", "%Y-%b-%d", "%b-%d-%Y", "%d %b, %Y",
    "%Y年%m月%d日", "%Y년 %m월 %d일",
)  # fmt: skip
_TIMES = ("", " %H:%M:%S", "T%H:%M:%S", " %H:%M", "T%H:%M", " %I:%M:%S %p", " %I:%M %p")
_OTHERS = (
    "%Y-%m", "%Y%m%d", "%Y/%m", "%m/%Y", "%m-%Y", "%b %Y", "%b-%Y", "%b, %Y", "%b/%Y", "%Y-%b",
    "%Y %b", "%b-%y", "%Y%m%dT%H%M%S", "%Y%m%d%H%M%S", "%Y%m%d%H%M", "%Y%m%d %H:%M:%S",
    "%d/%b/%Y:%H:%M:%S",
    "%a %b %d %H:%M:%S %Y", "%a %d %b %Y", "%Y-%m-%d-%H.%M.%S",
)  # fmt: skip
QUARTER, HALF, WEEK, ORDINAL = "quarter", "half", "week", "ordinal"
"""Formats of 2018-Q1 or Q1 2018, of half years such as 2018H2, and of ISO weeks such as
2018-W05, read as their first day; and of days of a year: 2018-365."""

COMMON_FORMATS = (
    *(day + time for day in _DAYS for time in _TIMES), *_OTHERS, QUARTER, HALF, WEEK, ORDINAL
)  # fmt: skip
"""Formats that are tried on text, in this order: of two that fit, month first wins."""

NUMBER_FORMATS = {
    "epoch_s": (1.0, 0.0),
    "epoch_ms": (1e3, 0.0),
    "epoch_us": (1e6, 0.0),
    "epoch_ns": (1e9, 0.0),
    "excel": (1 / 86_400, 25_569.0),  # days since 1899-12-30, as spreadsheets count them
}
"""Formats of numbers that count time: how many make a second, and what 1970 is in them."""

_QUARTER = (
    r"^(?:(?P<year>\d{4})\s?[-/ ]?\s?(?i:q|t|k|qtr|quarter)\s?(?P<part>[1-4])"
    r"|(?i:q|t|k|qtr|quarter)\s?(?P<first>[1-4])\s?[-/ ',]*\s?(?P<last>\d{4})"
    r"|(?P<one>[1-4])\.?\s?(?i:q|t|k|qtr|quartal|trimestre|(?:st|nd|rd|th) quarter)"
    r"\s?[-/ ',]*\s?(?P<end>\d{4}))$"
)
_HALF = (
    r"^(?:(?P<year>\d{4})\s?[-/ ]?\s?[HhSs](?P<part>[12])"
    r"|[HhSs](?P<first>[12])\s?[-/ ']?\s?(?P<last>\d{4}))$"
)
_WEEK = (
    r"^(?:(?P<year>\d{4})\s?[-/ ]?\s?(?i:w|kw|cw|wk|week)\s?(?P<week>\d{1,2})(?:-?(?P<day>[1-7]))?"
    r"|(?i:w|kw|cw|wk|week)\.?\s?(?P<first>\d{1,2})[-/ ,]+(?P<last>\d{4}))$"
)
_ORDINAL = r"^(?P<year>\d{4})[-/. ]?(?P<day>\d{3})$"
PART_PATTERNS = {QUARTER: _QUARTER, HALF: _HALF, WEEK: _WEEK, ORDINAL: _ORDINAL}
"""The patterns of such formats, in the syntax of RE2, for readers elsewhere."""

_PLAIN = {"%Y-%m-%d": 10, "%Y-%m-%d %H:%M:%S": 19, "%Y-%m-%dT%H:%M:%S": 19}
"""Formats that Arrow reads without strptime, and how long their cells are."""
_LETTERED = frozenset(("%b", "%B", "%a", "%A", "%p"))
_FIRST, _LAST = -8.5e9, 8.5e9  # years 1700 to 2239: anything else is no date but an accident


def seconds_of_text(
    text: pa.Array, formats: Sequence[str], real: bool = True, last_year: int = 0
) -> NDArray[np.float64]:
    """The cells as seconds since 1970, NaN where no format fits; the first that fits wins.

    Parts of a second, a zone (time_zones.py), and what stands around a date (bare_dates.py) are
    understood with any format.
    Days that no month has, such as 31/02/2021, are NaN too, unless `real` is False: then they
    are days of the next month, and only tell how the others are written. Years of two digits
    are of the hundred years that end with `last_year`; 0: with 2068.
    """
    plain = _all_plain(pc.utf8_trim_whitespace(text), formats[0]) if formats else None
    if plain is not None:
        return plain
    bare = bare_dates(text)
    seconds = _first_that_fits(bare, formats, real, last_year)
    # A format may name what stands around the date.
    whole = pc.utf8_trim_whitespace(with_ascii_digits(text))
    other = _known(pc.not_equal(whole, bare)) & np.isnan(seconds)
    if other.any():
        cells = whole.filter(pa.array(other))
        seconds[other] = _first_that_fits(cells, formats, real, last_year)
    return seconds


def _first_that_fits(
    text: pa.Array, formats: Sequence[str], real: bool, last_year: int
) -> NDArray[np.float64]:
    text, shift = without_zone(text)
    seconds = np.full(len(text), np.nan)
    left = np.flatnonzero(_known(pc.is_valid(text)))
    for format in formats:
        if not len(left):
            break
        found = _read(text.take(pa.array(left)), format, real)
        if last_year and "%y" in format:
            found = _in_hundred(found, last_year)
        seconds[left] = found
        left = left[np.isnan(found)]
    return seconds + shift


def _all_plain(text: pa.Array, format: str) -> NDArray[np.float64] | None:
    """The seconds where each cell has exactly this format of ISO's; None where one has not.

    A cell of this length without a zone, which Arrow refuses here, has no other format.
    """
    length = _PLAIN.get(format)
    if length is None or not pc.all(pc.equal(pc.binary_length(text), length)).as_py():
        return None
    if length > 10:
        between = pc.binary_slice(text.cast(pa.binary()), 10, 11)
        if not pc.all(pc.equal(between, format[8].encode())).as_py():
            return None
    try:
        moments = text.cast(pa.timestamp("s"))
    except pa.ArrowInvalid:
        return None
    seconds = moments.cast(pa.int64()).cast(pa.float64()).to_numpy(zero_copy_only=False)
    return None if (seconds < _FIRST).any() or (seconds > _LAST).any() else np.array(seconds)


def formats_that_read(text: pa.Array, formats: Sequence[str]) -> list[str]:
    """Those of the formats that read one of a few cells at least, in their order."""
    text = without_zone(bare_dates(text))[0]
    lettered = pc.any(pc.match_substring_regex(text, r"\p{L}")).as_py()
    cells = pa.concat_arrays([pc.cast(text, pa.string()), in_english(text)]) if lettered else text
    found = []
    for format in formats:
        special = _SPECIAL.get(format)
        seconds = special(cells) if special else _strptime(cells, format, real=False)
        if np.isfinite(seconds).any():
            found.append(format)
    return found


def other_day_order(format: str) -> str | None:
    """The format with day and month exchanged; None where nobody writes it so."""
    turned = format.replace("%d", "\0").replace("%m", "%d").replace("\0", "%m")
    if turned == format or "%d" not in format or "%m" not in format:
        return None
    if format in COMMON_FORMATS:
        return turned if turned in COMMON_FORMATS else None
    year = format.lower().find("%y")
    return None if 0 <= year < min(format.index("%d"), format.index("%m")) else turned


def _in_hundred(seconds: NDArray[np.float64], last_year: int) -> NDArray[np.float64]:
    """The same days in the hundred years that end with `last_year`."""
    known = np.isfinite(seconds)
    moments = np.where(known, seconds, 0).astype("datetime64[s]")
    months = moments.astype("datetime64[M]")
    hundreds = (last_year - months.astype("datetime64[Y]").astype(np.int64) - 1970) // 100
    moved = (months + 1_200 * hundreds).astype("datetime64[s]") + (
        moments - months.astype("datetime64[s]")
    )
    return np.where(known, moved.astype(np.float64), np.nan)


def _read(text: pa.Array, format: str, real: bool) -> NDArray[np.float64]:
    special = _SPECIAL.get(format)
    if special is not None:
        return special(text)
    if format in NUMBER_FORMATS:
        return _counted(text, format)
    seconds = _strptime(text, format, real)
    unread = np.isnan(seconds)
    if unread.any() and not _LETTERED.intersection(format[i : i + 2] for i in range(len(format))):
        unread &= _known(pc.match_substring_regex(text, r"\p{L}{2}"))  # a weekday
    left = np.flatnonzero(unread)
    if len(left):  # months in other languages, 7th, weekdays and the like
        seconds[left] = _strptime(in_english(text.take(pa.array(left))), format, real)
    return seconds


def _counted(text: pa.Array, format: str) -> NDArray[np.float64]:
    unit, start = NUMBER_FORMATS[format]
    number = pc.match_substring_regex(text, r"^\d{1,19}(\.\d+)?$")
    numbers = pc.if_else(number, text, pa.scalar(None, pa.string())).cast(pa.float64())
    seconds = (np.asarray(numbers.to_numpy(zero_copy_only=False), np.float64) - start) / unit
    return np.where((seconds >= _FIRST) & (seconds <= _LAST), seconds, np.nan)


def _quarters(text: pa.Array) -> NDArray[np.float64]:
    parts = pc.extract_regex(text, _QUARTER)
    year, part, first, last, one, end = (_whole(pc.struct_field(parts, i)) for i in range(6))
    year, part = np.fmax(np.fmax(year, last), end), np.fmax(np.fmax(part, first), one)
    return _start_of_month(year, 3 * part - 2)


def _halves(text: pa.Array) -> NDArray[np.float64]:
    parts = pc.extract_regex(text, _HALF)
    year, part, first, last = (_whole(pc.struct_field(parts, i)) for i in range(4))
    return _start_of_month(np.fmax(year, last), 6 * np.fmax(part, first) - 5)


def _weeks(text: pa.Array) -> NDArray[np.float64]:
    parts = pc.extract_regex(text, _WEEK)
    year, week, day, first, last = (_whole(pc.struct_field(parts, i)) for i in range(5))
    year, week = np.fmax(year, last), np.fmax(week, first)
    fourth = _start_of_month(year, np.ones(len(text))) / 86_400 + 3  # is in the year's first week
    monday = fourth - (fourth + 3) % 7  # 1970-01-01 was a Thursday
    days = monday + 7 * (week - 1) + np.where(np.isnan(day), 1, day) - 1
    return np.where((week >= 1) & (week <= 53), days * 86_400, np.nan)


def _ordinals(text: pa.Array) -> NDArray[np.float64]:
    parts = pc.extract_regex(text, _ORDINAL)
    year, day = (_whole(pc.struct_field(parts, i)) for i in range(2))
    first = np.ones(len(text))
    start, end = _start_of_month(year, first), _start_of_month(year + 1, first)
    seconds = start + (day - 1) * 86_400
    return np.where((day >= 1) & (seconds < end), seconds, np.nan)


_SPECIAL = {QUARTER: _quarters, HALF: _halves, WEEK: _weeks, ORDINAL: _ordinals}


def _start_of_month(year: NDArray[np.float64], month: NDArray[np.float64]) -> NDArray[np.float64]:
    good = (year >= 1700) & (year <= 2239) & (month >= 1) & (month <= 12)
    months = np.where(good, (year - 1970) * 12 + month - 1, 0).astype("datetime64[M]")
    return np.where(good, months.astype("datetime64[s]").astype(np.float64), np.nan)


def _known(mask: pa.Array) -> NDArray[np.bool_]:
    return np.asarray(pc.fill_null(mask, False).to_numpy(zero_copy_only=False), np.bool_)


def _whole(text: pa.Array) -> NDArray[np.float64]:
    digits = pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
    return np.asarray(digits.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)


def _strptime(text: pa.Array, format: str, real: bool) -> NDArray[np.float64]:
    try:
        parsed = pc.strptime(text, format=format, unit="s", error_is_null=True)
    except pa.ArrowInvalid:  # not a format at all: nothing fits it
        return np.full(len(text), np.nan)
    seconds = parsed.cast(pa.int64()).cast(pa.float64()).to_numpy(zero_copy_only=False)
    plausible = (seconds >= _FIRST) & (seconds <= _LAST)
    seconds = np.where(plausible, seconds, np.nan)
    if real and "%d" in format:
        seconds[_carried(text, seconds, format)] = np.nan
    return seconds


def _carried(text: pa.Array, seconds: NDArray[np.float64], format: str) -> NDArray[np.int64]:
    """Cells whose day the C library carried into the next month, as their own has fewer."""
    days = np.where(np.isfinite(seconds), seconds // 86_400, 0).astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    early = (days - months.astype("datetime64[D]")).astype(np.int64) < 3
    after_short = np.isin(months.astype(np.int64) % 12, (2, 4, 6, 9, 11))
    # Few are left: the first days of a month after a short one, not written like that.
    few = np.flatnonzero(np.isfinite(seconds) & early & after_short)
    written = _without_zeros(pc.strftime(_moments(seconds[few]), format=format))
    same = pc.equal(written, _without_zeros(text.take(pa.array(few))))
    few = few[~same.to_numpy(zero_copy_only=False)]
    return np.asarray([i for i in few if not _exists(str(text[int(i)].as_py()), format)], np.int64)


def _moments(seconds: NDArray[np.float64]) -> pa.Array:
    return pa.array(seconds.astype(np.int64), pa.timestamp("s"))


def _without_zeros(text: pa.Array) -> pa.Array:
    """Dates as text without the zeros in front of a day or month, which many leave out."""
    return pc.replace_substring_regex(text, r"\b0+(\d)", r"\1")


def _exists(text: str, format: str) -> bool:
    try:
        dt.datetime.strptime(text, format)
    except ValueError as error:
        return "day is out of range" not in str(error)
    return True
