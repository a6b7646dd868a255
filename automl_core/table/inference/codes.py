"""Whole numbers that name things instead of measuring them: postal codes, type codes, ids.

Decided without the target, on the name and on the numbers together; neither is enough, and a
count or a rating of one to five stays a number.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from automl_core.table import name_words
from automl_core.table.inference.column_stats import ColumnStats
from automl_core.table.inference.identifiers import named_like_id

_POSTAL = frozenset(
    ("zip", "zipcode", "postal", "postcode", "postalcode", "postleitzahl", "plz", "pincode", "cep")
)
_CODE = frozenset(
    (
        *("code", "codes", "cod", "fips", "naics", "sic", "cpt", "sku", "ean", "upc", "isbn"),
        *("gtin", "hts", "nace", "ndc", "icd", "loinc"),
    )
)
_KIND = frozenset(
    (
        *("type", "class", "category", "subcategory", "kind", "region", "district"),
        *("territory", "province", "county", "department", "dept", "cluster", "segment", "zone"),
        *("branch", "store", "shop", "warehouse"),
    )
)
_NOT_KEYS = re.compile(r"(index|idx|key|rownames?)$")  # an index may well be a measure
_MIN_DISTINCT = 3
_FEW = 60  # different values at most of a type or a region
_FILLED = 0.7  # of the whole numbers between least and most that occur: more is a scale


def code_reason(stats: ColumnStats, numbers: NDArray[np.float64]) -> str:
    """The reason in words why whole numbers are a category; "" where they are numbers.

    `numbers` (k,) are the distinct values as numbers, NaN where missing.
    """
    kind = _named_kind(stats.name)
    if not kind:
        return ""
    known = np.unique(numbers[~np.isnan(numbers)])
    if len(known) < _MIN_DISTINCT or (known != np.trunc(known)).any() or known[0] < 0:
        return ""
    if kind == "postal":
        return "whole numbers that name places: postal codes" if _one_length(known) else ""
    if stats.present < 2 * len(known):
        return ""
    if kind == "id":
        return f"whole numbers that name something: an id with {len(known):,} different values"
    if not _has_gaps(known):
        return ""
    if kind == "code":
        return f"whole numbers that are codes: {len(known):,} different values with gaps"
    if len(known) <= _FEW and stats.present >= 10 * len(known):
        return f"whole numbers that name kinds: {len(known):,} different values with gaps"
    return ""


def _named_kind(name: str) -> str:
    """postal, code, kind or id, by the last word of the name; "" for any other."""
    words = name_words(name)
    if named_like_id(name) and not _NOT_KEYS.search(name.lower()):
        return "id"
    if not words:
        return ""
    if words[-1] in _POSTAL or (words[-1] in _CODE and words[-2:-1] and words[-2] in _POSTAL):
        return "postal"
    return "code" if words[-1] in _CODE else "kind" if words[-1] in _KIND else ""


def _one_length(known: NDArray[np.float64]) -> bool:
    """Four to nine digits; leading zeros may be lost."""
    digits = np.floor(np.log10(np.maximum(known, 1))) + 1
    return bool(((digits >= 4) & (digits <= 9)).mean() >= 0.9)


def _has_gaps(known: NDArray[np.float64]) -> bool:
    """True if the values are neither a run of whole numbers nor evenly spaced."""
    steps = np.diff(known)
    if len(known) < 5 or (steps == steps[0]).all():
        return False
    return bool(len(known) / (known[-1] - known[0] + 1) < _FILLED)
