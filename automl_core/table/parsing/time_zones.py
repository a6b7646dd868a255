"""Zones of times written as text: "Z", "+02:00", "UTC", "EST", behind the time or before the year.

Only names that mean one zone nearly everywhere are known. Knows nothing of dates.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

ZONE_HOURS = {
    "z": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "mez": 1, "cest": 2,
    "mesz": 2, "eet": 2, "eest": 3, "msk": 3, "jst": 9, "kst": 9, "aest": 10, "aedt": 11,
    "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
    "akst": -9, "akdt": -8, "hst": -10,
}  # fmt: skip
"""Hours that named zones are ahead of UTC."""

_NAMES = "|".join(sorted(ZONE_HOURS, key=lambda name: -len(name)))
_ZONE = rf"(?i:{_NAMES})|(?:UTC|GMT)?[+-]\d\d(?::?\d\d)?"
_BEHIND = (
    r"^(?P<clock>.*?\d:\d\d(?::\d\d)?|\d{8}T?\d{4,6})(?P<part>[.,]\d+)?(?P<half>\s?[AaPp]\.?[Mm]\.?)?"
    rf"\s*\(?(?P<zone>{_ZONE})?\)?$"
)
# A part of a second before the year, a date or AM, and behind times that are written with points.
_INSIDE = (
    r"^(?P<clock>.*?(?:\d:\d\d:\d\d|[-\sT]\d{1,2}\.\d\d\.\d\d))(?P<part>[.,]\d+|:\d{3,})"
    r"(?P<rest>(?:\s.*|\s?[AaPp]\.?[Mm]\.?)?)$"
)
_BEFORE_YEAR = rf"^(?P<clock>.*\d:\d\d)\s(?P<zone>{_ZONE})\s(?P<year>\d{{4}})$"

ZONE_PATTERNS = {"inside": _INSIDE, "before_year": _BEFORE_YEAR, "behind": _BEHIND}
"""The patterns of zones and parts of a second, in the syntax of RE2, for readers elsewhere."""


def without_zone(text: pa.Array) -> tuple[pa.Array, NDArray[np.float64]]:
    """Text without parts of a second and zone, and the seconds to add for both."""
    text, shift = _without_inner_part(text)
    inner = pc.extract_regex(text, _BEFORE_YEAR)
    if inner.null_count < len(text):
        clock, zone, year = (pc.struct_field(inner, i) for i in range(3))
        shift -= _zone_seconds(zone)
        text = pc.coalesce(pc.binary_join_element_wise(clock, year, " "), text)
    parts = pc.extract_regex(text, _BEHIND)
    if parts.null_count == len(text):
        return text, shift
    clock, part, half, zone = (pc.struct_field(parts, i) for i in range(4))
    fraction = pc.replace_substring(part, ",", ".")
    fraction = pc.if_else(pc.equal(fraction, ""), "0", fraction).cast(pa.float64())
    shift += np.nan_to_num(fraction.to_numpy(zero_copy_only=False))
    shift -= _zone_seconds(zone)
    return pc.coalesce(pc.binary_join_element_wise(clock, half, ""), text), shift


def _without_inner_part(text: pa.Array) -> tuple[pa.Array, NDArray[np.float64]]:
    found = pc.extract_regex(text, _INSIDE)
    if found.null_count == len(text):
        return text, np.zeros(len(text))
    clock, part, rest = (pc.struct_field(found, i) for i in range(3))
    part = pc.binary_join_element_wise("0.", pc.utf8_slice_codeunits(part, 1), "")
    seconds = part.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return pc.coalesce(pc.binary_join_element_wise(clock, rest, ""), text), np.nan_to_num(seconds)


def _zone_seconds(zone: pa.Array) -> NDArray[np.float64]:
    """Seconds (n,) that the zones are ahead of UTC, 0 where there is none."""
    named = zone.dictionary_encode()
    seconds = [_offset(name) for name in named.dictionary.to_pylist()]
    known = pc.fill_null(named.indices, len(seconds)).to_numpy(zero_copy_only=False)
    shifts: NDArray[np.float64] = np.asarray([*seconds, 0.0])[known]
    return shifts


def _offset(name: str) -> float:
    digits = name.lower().removeprefix("utc").removeprefix("gmt").replace(":", "")
    if digits[:1] not in ("+", "-"):
        return 3600.0 * ZONE_HOURS.get(name.lower(), 0)
    seconds = 3600.0 * int(digits[1:3]) + 60.0 * int(digits[3:5] or 0)
    return -seconds if digits[0] == "-" else seconds
