"""Dates without what stands around them: brackets, quotes, weekdays, the name of a zone.

`[01/Jan/2020:10:00:00 +0000]` of a server's log, `2020-01-01 (Wed)` and `ISODate("2020-01-01")` are
dates as much as what is in them. Knows nothing of formats.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from automl_core.table import with_ascii_digits

_QUOTE = "[\"'`“”„‘’‚«»‹›「」]"
_AROUND = (
    rf"^(?:\[(?P<a>[^\[\]]*)\]|\((?P<b>[^()]*)\)|\{{(?P<c>[^{{}}]*)\}}|<(?P<d>[^<>]*)>"
    rf"|(?:\p{{L}}[\w.]*\s*\(?\s*)?{_QUOTE}(?P<e>[^\"'`“”„‘’‚«»‹›「」]*){_QUOTE}\s*\)?)$"
)
_MOST_AROUND = 2  # brackets within quotes, or the other way round
_WEEKDAY = (
    r"(?i)[,\s]*[(\[]?\b(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b"
    r"\.?[)\]]?,?\s*"
)
_OFFSET = r"\d:\d\d\s?(?:GMT|UTC)?[+-]\d\d:?\d\d|\d[Zz]"
_NAMED_ZONE = (
    rf"({_OFFSET}|\d)\s*\[[A-Za-z_]+(?:/[A-Za-z_+-]+)*\]$|({_OFFSET})\s*\(\p{{L}}[\p{{L}}\s.]+\)$"
)
_DAY_IN_ZONE = r"^(\d{4}-\d\d-\d\d)(?:[Zz]|[+-]\d\d:\d\d)$"

AROUND_DATES = {
    "around": _AROUND,
    "weekday": _WEEKDAY,
    "named_zone": _NAMED_ZONE,
    "day_in_zone": _DAY_IN_ZONE,
}
"""The patterns of what stands around dates, in the syntax of RE2, for readers elsewhere."""


def bare_dates(text: pa.Array) -> pa.Array:
    """The cells without brackets, quotes, weekdays and named zones; the digits are 0 to 9.

    An offset such as +01:00 stays, and so does what is no part of a date.
    """
    text = pc.utf8_trim_whitespace(with_ascii_digits(text))
    for _ in range(_MOST_AROUND):
        inner = pc.extract_regex(text, _AROUND)
        if inner.null_count == len(text):
            break
        parts = [pc.struct_field(inner, i) for i in range(5)]
        text = pc.coalesce(pc.utf8_trim_whitespace(pc.binary_join_element_wise(*parts, "")), text)
    if pc.any(pc.match_substring_regex(text, r"\p{L}{2}")).as_py():
        text = pc.utf8_trim_whitespace(pc.replace_substring_regex(text, _WEEKDAY, " "))
        text = pc.replace_substring_regex(text, _NAMED_ZONE, r"\1\2")
    return pc.replace_substring_regex(text, _DAY_IN_ZONE, r"\1")
