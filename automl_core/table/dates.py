"""Dates written as text to seconds since 1970, on whole Arrow arrays.

Times without a zone count as UTC. Knows nothing of columns or roles.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

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
)  # fmt: skip
_TIMES = ("", " %H:%M:%S", "T%H:%M:%S", " %H:%M", "T%H:%M", " %I:%M:%S %p", " %I:%M %p")
COMMON_FORMATS = (*(day + time for day in _DAYS for time in _TIMES), "%Y-%m", "%Y%m%d")
"""Formats that are tried on text, in this order: of two that fit, month first wins."""

EPOCH = {"epoch_s": 1.0, "epoch_ms": 1e3}
"""Formats of numbers that count seconds or milliseconds since 1970, and their unit."""

_FIRST, _LAST = -8.5e9, 8.5e9  # years 1700 to 2239: anything else is no date but an accident
_CLOCK = (
    r"^(?P<clock>.*?\d:\d\d(?::\d\d)?)(?P<part>[.,]\d+)?\s*(?P<zone>[Zz]|UTC|GMT|[+-]\d\d:?\d\d)?$"
)


def seconds_of_text(text: pa.Array, formats: Sequence[str]) -> NDArray[np.float64]:
    """The cells as seconds since 1970, NaN where no format fits; the first that fits wins.

    Parts of a second and a zone behind the time ("Z", "+02:00") are understood with any format.
    """
    text = pc.utf8_trim_whitespace(text)
    text, shift = _without_zone(text)
    seconds = np.full(len(text), np.nan)
    left = np.flatnonzero(pc.is_valid(text).to_numpy(zero_copy_only=False))
    for format in formats:
        if not len(left):
            break
        found = _strptime(text.take(pa.array(left)), format)
        seconds[left] = found
        left = left[np.isnan(found)]
    return seconds + shift


def _strptime(text: pa.Array, format: str) -> NDArray[np.float64]:
    try:
        parsed = pc.strptime(text, format=format, unit="s", error_is_null=True)
    except pa.ArrowInvalid:  # not a format at all: nothing fits it
        return np.full(len(text), np.nan)
    seconds = parsed.cast(pa.int64()).cast(pa.float64()).to_numpy(zero_copy_only=False)
    plausible = (seconds >= _FIRST) & (seconds <= _LAST)
    return np.where(plausible, seconds, np.nan)


def _without_zone(text: pa.Array) -> tuple[pa.Array, NDArray[np.float64]]:
    """Text without parts of a second and zone, and the seconds to add for both."""
    shift = np.zeros(len(text))
    parts = pc.extract_regex(text, _CLOCK)
    if parts.null_count == len(text):
        return text, shift
    clock, part, zone = (pc.struct_field(parts, i) for i in range(3))
    fraction = pc.replace_substring(part, ",", ".")
    fraction = pc.if_else(pc.equal(fraction, ""), "0", fraction).cast(pa.float64())
    shift += np.nan_to_num(fraction.to_numpy(zero_copy_only=False))
    shift -= _zone_seconds(zone)
    return pc.coalesce(clock, text), shift


def _zone_seconds(zone: Any) -> NDArray[np.float64]:
    digits = pc.replace_substring(zone, ":", "")
    named = pc.invert(pc.fill_null(pc.match_substring_regex(digits, r"^[+-]\d{4}$"), False))
    digits = pc.if_else(named, "+0000", digits)
    hours = pc.utf8_slice_codeunits(digits, 1, 3).cast(pa.float64())
    minutes = pc.utf8_slice_codeunits(digits, 3, 5).cast(pa.float64())
    sign = pc.if_else(pc.starts_with(digits, "-"), -1.0, 1.0)
    total = pc.multiply(sign, pc.add(pc.multiply(hours, 3600.0), pc.multiply(minutes, 60.0)))
    return np.asarray(total.to_numpy(zero_copy_only=False), dtype=np.float64)
