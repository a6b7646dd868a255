"""Columns that identify rows rather than describe them: keys, row numbers, addresses.

Reasons are in words for the user; "" says that a column is no key. A float or a sentence is
never one, whatever it is called.
"""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from automl_core.table import is_number
from automl_core.table.inference.column_stats import ColumnStats
from automl_core.table.inference.free_text import SENTENCE, is_unspaced

_ID_NAME = re.compile(
    r"(^|[\s_.\-])(id|ids|uuid|guid|key|index|idx|rownames?)$|^(id|unnamed)[\s_:.\-]"
)
_ID_TAIL = re.compile(r"(?<=[a-z])I[dD]s?$|^P?ID$")
_REGISTERED = re.compile(
    r"(^|[\s_.\-])(isbn|issn|ean|upc|gtin|imei|iban|vin|ssn|barcode|phone|mobile|telephone|fax)"
    r"([\s_.\-]?(number|num|no|nr))?$"
)
_NUMBERED = re.compile(r"([\s_.\-]|(?<=[a-z]))(number|num|no|nr)\.?$", re.IGNORECASE)
_PATTERNS = (  # what a cell is, and what it looks like
    (
        "UUIDs",
        r"^\{?[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\}?$",
    ),
    ("hashes", r"^(?:0x)?(?:[0-9a-fA-F]{24}|[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{56,128})$"),
    ("e-mail addresses", r"^[^\s@,;]+@[^\s@,;]+\.[A-Za-z]{2,}$"),
    ("web addresses", r"^(?i:https?://|ftp://|www\.)\S+$"),
    ("phone numbers", r"^\+\d[\d\s().\-/]{6,17}\d$|^\(\d{2,5}\)\s?\d[\d\s.\-/]{4,12}\d$"),
    ("IP addresses", r"^(?:\d{1,3}\.){3}\d{1,3}$"),
)
_NAMED = "a key: named like one, and nearly every row has its own"
_MIN_ROWS = 20  # fewer rows say nothing about uniqueness
_MIN_SHUFFLED = 50  # from so many rows on, 1 to n in any order is no accident
_NEAR = 0.95  # different values a row, from which a column with other evidence is a key
_UNIQUE = 0.99  # and from which text without spaces is one without other evidence
_HEAD = 2_000


def named_like_id(name: str) -> bool:
    """True if the name says that the column identifies something."""
    return bool(_ID_NAME.search(name.lower()) or _ID_TAIL.search(name))


def pattern_key(stats: ColumnStats) -> str:
    """Text of a kind that is made to be unique, such as UUIDs and e-mail addresses."""
    if not near_unique(stats):
        return ""
    head = pc.drop_null(stats.text.slice(0, _HEAD))
    if not len(head):
        return ""
    if named_like_id(stats.name) and pc.all(pc.match_substring_regex(head, r"^\d+$")).as_py():
        return _NAMED
    for kind, pattern in _PATTERNS:
        if pc.mean(pc.match_substring_regex(head, pattern)).as_py() >= 0.98:
            return f"a key: {kind}, and nearly every row has its own"
    return ""


def text_key(stats: ColumnStats) -> str:
    """Text that hardly repeats and is no sentence; numbers and dates are for others."""
    if not near_unique(stats):
        return ""
    head = pc.drop_null(stats.text.slice(0, _HEAD))
    if not len(head) or pc.mean(pc.match_substring_regex(head, r"\s")).as_py() > 0.5:
        return ""
    if is_unspaced(head) and pc.mean(pc.utf8_length(head)).as_py() >= SENTENCE:
        return ""
    if stats.share >= _UNIQUE or named_like_id(stats.name) or _one_form(head):
        return "a key: nearly every row has its own"
    return ""


def number_key(stats: ColumnStats) -> str:
    """Whole numbers that count the rows, or are called ids and hardly repeat."""
    name = stats.name
    named = named_like_id(name) or bool(_REGISTERED.search(name.lower()))
    kind = stats.values.type
    if not near_unique(stats) or not (pa.types.is_integer(kind) or (is_number(kind) and named)):
        return ""
    numbers = stats.values.to_numpy(zero_copy_only=False)
    if not np.isfinite(numbers).all() or (numbers != np.trunc(numbers)).any():
        return ""
    low, high = int(numbers.min()), int(numbers.max())
    start = low in (0, 1)
    if stats.counting and (start or named):
        return "counts the rows"
    complete = stats.share == 1 and not stats.nulls and not stats.sampled
    shuffled = complete and high - low + 1 == len(numbers) >= _MIN_SHUFFLED
    if shuffled and (start or named):
        return "counts the rows"
    if named or (_NUMBERED.search(name) and _one_length(numbers)):
        return _NAMED
    return ""


def near_unique(stats: ColumnStats) -> bool:
    """True if nearly every row has a value of its own, in a table of more than a few rows."""
    return (
        stats.rows >= _MIN_ROWS and stats.share >= _NEAR and stats.nulls <= (1 - _NEAR) * stats.rows
    )


def _one_form(head: pa.Array) -> bool:
    """Letters and digits always in the same places, at least three digits: C-000123."""
    form = pc.replace_substring_regex(pc.replace_substring_regex(head, r"\d", "0"), r"\p{L}", "a")
    counts = pc.value_counts(form).field("counts")
    digits = pc.mean(pc.match_substring_regex(head, r"\d\D?\d\D?\d")).as_py()
    return bool(pc.max(counts).as_py() >= 0.9 * len(head) and digits > 0.9)


def _one_length(numbers: np.ndarray) -> bool:
    """Five digits or more, and nearly all the same number of them."""
    digits = np.floor(np.log10(np.maximum(np.abs(numbers.astype(np.float64)), 1))) + 1
    most = np.bincount(digits.astype(int)).max()
    return bool(np.median(digits) >= 5 and most >= 0.95 * len(numbers))
