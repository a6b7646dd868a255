"""Cells as text, on whole Arrow arrays; text as numbers is in numbers.py.

Callers pass distinct values where they can; nothing here loops over rows in Python but
for floats that are no whole numbers.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from automl_core.table.arrow_types import is_moment, is_text

NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
"""A number as programs write it."""

_WHOLE_LIMIT = 2.0**63
_NO_WIDTH = r"[\x{AD}\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}\x{2066}-\x{2069}\x{FEFF}]"
_UNUSUAL = rf"(?s)[^\P{{Nd}}0-9]|\d.*{_NO_WIDTH}|{_NO_WIDTH}.*\d"  # beside numbers
_DROPPED = re.compile("[\xad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


def trimmed(text: Any) -> Any:
    """Cells without white space at both ends, empty ones null."""
    if isinstance(text, pa.ChunkedArray):
        return pa.chunked_array([trimmed(chunk) for chunk in text.chunks], text.type)
    if text.type != pa.string() or _may_have_blank_ends(text):
        text = pc.utf8_trim_whitespace(text)
    empty = pc.equal(pc.binary_length(text), 0)
    if not pc.any(empty).as_py():
        return text
    return pc.if_else(empty, pa.scalar(None, pa.string()), text)


def _may_have_blank_ends(text: pa.StringArray) -> bool:
    """False if each cell begins and ends with a letter, digit or sign of ASCII.

    Looks at two bytes a cell, which costs a fraction of trimming all of them.
    """
    _, offsets, data = text.buffers()
    if data is None or not data.size:
        return False
    ends = np.frombuffer(offsets, np.int32)[text.offset : text.offset + len(text) + 1]
    filled = ends[1:] > ends[:-1]
    characters = np.frombuffer(data, np.uint8)
    for places in (ends[:-1][filled], ends[1:][filled] - 1):
        # Below "!" are blanks, and beyond ASCII are others.
        if ((characters[places] - np.uint8(0x21)) > 0x7E - 0x21).any():
            return True
    return False


def canonical_text(values: pa.Array) -> pa.Array:
    """One text for a value, whatever type it was stored in; null where there is none.

    1, 1.0, "1" and "1.0" all give "1"; True, "TRUE" and "true" give "true". Codes with
    leading zeros stay as they are.
    """
    kind = values.type
    if is_text(kind):
        return _canonical_strings(values)
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind):
        return values.cast(pa.string())
    if pa.types.is_floating(kind):
        return _canonical_floats(values)
    assert is_moment(kind), f"not a plain type: {kind}"
    text = values.cast(pa.string())
    text = pc.replace_substring_regex(text, r"(:\d\d)(?:\.0+)(Z?)$", r"\1\2")
    return pc.replace_substring_regex(text, r" 00:00:00$", "")


def _canonical_strings(values: pa.Array) -> pa.Array:
    text = trimmed(values)
    lower = pc.utf8_lower(text)
    text = pc.if_else(pc.is_in(lower, pa.array(["true", "false"])), lower, text)
    # Only numbers that a float holds exactly: longer digit strings are keys, not amounts.
    plain = pc.match_substring_regex(text, r"^-?(0|[1-9]\d{0,14})\.\d{1,15}$")
    if not pc.any(plain).as_py():
        return text
    short = pc.replace_substring_regex(text, r"\.?0+$", "")
    return pc.if_else(plain, pc.if_else(pc.equal(short, "-0"), "0", short), text)


def _canonical_floats(values: pa.Array) -> pa.Array:
    single = values.type == pa.float32()
    numbers = values.cast(pa.float64()).to_numpy(zero_copy_only=False)
    finite = np.isfinite(numbers)
    whole = finite & (np.abs(numbers) < _WHOLE_LIMIT)
    whole &= np.where(whole, numbers, 0.0) == np.trunc(np.where(whole, numbers, 0.0))
    integers = pa.array(np.where(whole, numbers, 0.0).astype(np.int64)).cast(pa.string())
    text = np.empty(len(numbers), dtype=object)
    for i in np.flatnonzero(finite & ~whole):
        text[i] = str(np.float32(numbers[i])) if single else repr(float(numbers[i]))
    return pc.if_else(pa.array(whole), integers, pa.array(text, pa.string()))


def with_ascii_digits(text: pa.Array, decimal: str = ".", thousands: str = ",") -> pa.Array:
    """The cells with 0 to 9 for the digits of any script, full-width signs as ASCII ones.

    `decimal` and `thousands` stand for the Arabic marks; signs that say which way text runs and
    have no width are left out. Cells without any of these are as they were.
    """
    if pc.all(pc.string_is_ascii(text)).as_py() is not False:
        return text
    unusual = pc.fill_null(pc.match_substring_regex(text, _UNUSUAL), False)
    if not pc.any(unusual).as_py():
        return text
    signs = {"\u066b": decimal, "\u066c": thousands, "\u060c": ",", "\u066a": "%"}
    written = [_with_ascii_digits(cell, signs) for cell in text.filter(unusual).to_pylist()]
    return pc.replace_with_mask(text, unusual, pa.array(written, text.type))


def _with_ascii_digits(cell: str, signs: dict[str, str]) -> str:
    usual = unicodedata.normalize("NFKC", _DROPPED.sub("", cell))
    return "".join(str(int(c)) if c.isdecimal() else signs.get(c, c) for c in usual)


def folded(text: Any) -> Any:
    """Texts as they compare where case, blanks and Unicode normal form do not count.

    Lower case, normal form KC, single blanks between words, none that has no width.
    """
    text = pc.utf8_normalize(text, "NFKC")
    text = pc.replace_substring_regex(text, _NO_WIDTH, "")
    text = pc.replace_substring_regex(text, r"[\s\x{A0}\x{1680}\x{2000}-\x{200A}\x{3000}]+", " ")
    # Lower case may take a letter apart: it is put together again.
    return pc.utf8_normalize(pc.utf8_lower(pc.utf8_trim_whitespace(text)), "NFKC")


def is_marked(text: pa.Array, marks: tuple[str, ...]) -> Any:
    """True (n,) for cells that are one of the marks, ends trimmed and case aside; null is False."""
    lowered = pc.utf8_lower(pc.utf8_trim_whitespace(text))
    return pc.is_in(lowered, pa.array([m.strip().lower() for m in marks], pa.string()))
