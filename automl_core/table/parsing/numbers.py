"""Numbers as people write them, to floats, on whole Arrow arrays.

Understands what a ParseRule says and a few spellings that mean the same everywhere: signs of
money before or behind a number, percent, brackets or a minus behind for negative numbers.
Callers pass distinct values where they can.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from automl_core.table import NUMBER, ParseRule, is_marked, with_ascii_digits

Numbers = NDArray[np.float64]

PERCENT = r"[%٪％]\s*\)?$"
"""A number in percent."""

FOOTNOTE = (
    r"(?:\([\p{L}\d*]{1,2}\)|\(\p{L}[\p{L}.\s]{0,19}\)|\[[\p{L}\d*]{1,3}\]|\[\p{L}[^\[\]]{0,19}\]"
    r"|[*†‡§¶#!?^¹²³⁴⁵⁶⁷⁸⁹]+)"
)
BEFORE = r"(?:[<>≤≥]=?|[*†‡§¶#^])"
"""Marks behind and before a number that tell something about it."""

CLOCK = "clock"
"""The format of times of day and of hours with minutes: 13:30 is 13.5."""

_SIGN = r"[$€£¥₹₽₩₺₪฿₫₴₦₱]"
_CODES = (
    "usd|eur|gbp|jpy|cny|rmb|inr|chf|cad|aud|nzd|sek|nok|dkk|pln|czk|huf|ron|brl|mxn|zar|try"
    "|krw|sgd|hkd|thb|ils|aed"
)
_MONEY = (
    rf"(?:(?:US|CA|AU|NZ|HK|[CASR])?{_SIGN}|(?i:{_CODES})\b|Rs\b\.?|kr\b\.?|zł|Kč|руб\.?|円|元)"
)
_FRONT = rf"^([+-]?)\s*{_MONEY}\s*([+-]?[\d.])"
_BACK = rf"([\d.,])\s*(?:{_MONEY}|[%٪％‰+])$"
_BACK_OF_WORD = rf"(\p{{L}})\s*{_SIGN}$"  # 1.5M €
_ABOUT = (
    r"^(?i:[~≈∼]|approximately|approx\.?|about|around|roughly|circa|ca\.|c\.|ca\b|etwa|environ)"
    rf"\s*([+-]?(?:{_SIGN})?\s?[.\d])"
)
_BRACKETS = r"^([^\d(]{0,5})\(([^()]*\d[^()]*)\)$"
_MINUS_BEHIND = r"^(\d[\d.,'\s]*)-$"
_SUFFIX = (
    r"^(?P<number>[+-]?\s?[\d.,'’\s\x{A0}\x{202F}]*\d[.,]?)\s*"
    r"(?P<unit>[\p{L}°µ%\"'′″/][^\d]{0,18}?[23]?|(?:/|out of|von)\s?\d{1,4}\D{0,12})$"
)
_CLOCK = (
    r"^(?P<h>\d{1,3}):(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d(?:\.\d+)?))?"
    r"\s*(?P<half>[AaPp])?\.?(?:[Mm]\.?)?$"
)
_RANGE = (
    r"^(?P<low>[^\d–—-]{0,4}\d[^–—-]*?)\s*(?:-|–|—|\bto\b|\bbis\b)\s*"
    r"(?P<high>[^\d–—-]{0,4}\d[^–—-]*)$"
)
_BELOW = (
    r"^(?i:<=?|≤|under|below|up to|less than|unter|moins de)\s*(?P<before>.*\d.*)$"
    r"|^(?P<after>.*\d.*)\s(?i:(?:or|and) (?:less|under|below|younger|fewer))$"
)
_ABOVE = r"^(?i:>=?|≥|over|above|more than|über|plus de)\s*"
_ABOVE_BEHIND = r"\s(?i:(?:or|and) (?:more|over|above|older|up))$|\+$"
_PLUS = r"(\d)\s?\+(\s|$)"
_INCHES = r"^(\d['′]\s?\d{1,2})$"  # 5'11
_COMPOUND = r"^(\d[\d.,]*\s*(?:\p{L}+\.?|['\"′″])\s*){2,4}$"
_PART = re.compile(r"([\d.,]+)\s*([^\W\d_]+|['\"′″])\.?\s*")

NUMBER_PATTERNS = {
    "percent": PERCENT,
    "about": _ABOUT,
    "minus": "\u2212",
    "brackets": _BRACKETS,
    "minus_behind": _MINUS_BEHIND,
    "front": _FRONT,
    "back": _BACK,
    "back_of_word": _BACK_OF_WORD,
    "clock": _CLOCK,
    "range": _RANGE,
    "below": _BELOW,
    "above": _ABOVE,
    "above_behind": _ABOVE_BEHIND,
    "plus": _PLUS,
    "inches": _INCHES,
    "compound": _COMPOUND,
    "part": _PART.pattern,
    "number": NUMBER,
}
"""The patterns by which cells are read, in the syntax of RE2, for readers elsewhere."""


@dataclass(frozen=True, eq=False)
class Amounts:
    """Cells (n,) read as numbers by one rule; `low` and `high` differ where a cell is a range."""

    numbers: Numbers  # (n,) NaN where a cell is no number; the middle of a range
    low: Numbers  # (n,) lower end, or the only one
    high: Numbers  # (n,) upper end, NaN where there is none
    spread: NDArray[np.bool_]  # (n,) whether the cell has two ends
    unitless: NDArray[np.bool_]  # (n,) whether it is a number without any of the rule's units


def numbers_of_text(text: pa.Array, rule: ParseRule) -> Numbers:
    """The cells (n,) as float64, NaN where a cell is no number to this rule.

    "$4.99" is 4.99, "12 %" is 12, "(1,200)" is -1200 and "10,000+" is 10000 with thousands
    ","; "~12" is 12; with units "1.5M" is 1500000, and with ranges "10-20" is 15 and "<10" is 5.
    """
    return amounts_of_text(text, rule).numbers


def amounts_of_text(text: pa.Array, rule: ParseRule) -> Amounts:
    """The cells (n,) as `numbers_of_text` reads them, with the ends of ranges."""
    text = with_ascii_digits(text, rule.decimal, rule.thousands)
    text = without_flags(pc.utf8_trim_whitespace(text), rule.flags)
    none = np.full(len(text), np.nan)
    if CLOCK in rule.formats:
        hours = _hours(text)
        found = Amounts(hours, hours, none, none > 0, ~np.isnan(hours))
    elif rule.ranges:
        found = _ranges(text, rule)
    else:
        numbers, _, unitless = _amounts(text, rule)
        numbers = in_percent(numbers, rule, _flags(pc.match_substring_regex(text, PERCENT)))
        found = Amounts(numbers, numbers, none, none > 0, unitless)
    if not rule.zero:
        return found
    zero = _flags(is_marked(text, rule.zero))
    return replace(
        found,
        numbers=np.where(zero, 0.0, found.numbers),
        unitless=found.unitless & ~zero,
    )


def without_flags(text: pa.Array, flags: tuple[str, ...]) -> pa.Array:
    """The cells without these marks, nor other footnote marks, before and behind numbers.

    What is left of "n/a (2)" is "n/a".
    """
    for pattern in flag_patterns(flags):
        text = pc.replace_substring_regex(text, pattern, r"\1")
    return text


def flag_patterns(flags: tuple[str, ...]) -> tuple[str, ...]:
    """What stands before numbers and behind them; group 1 of each is what is left."""
    if not flags:
        return ()
    words = sorted((flag for flag in flags if flag[0].isalpha()), key=len, reverse=True)
    letters = "|".join(map(re.escape, words))
    behind = rf"\s?{FOOTNOTE}|\s?(?i:{letters})" if letters else rf"\s?{FOOTNOTE}"
    return rf"^{BEFORE}\s?([+-]?[.\d])", rf"^(.*?[\d.\p{{L}}])(?:{behind})+$"


def in_percent(numbers: Numbers, rule: ParseRule, signed: NDArray[np.bool_]) -> Numbers:
    """The numbers in the rule's unit of percent; `signed` (n,) had the sign."""
    if rule.percent == "share":
        return np.where(signed, numbers / 100, numbers)
    if rule.percent == "percent":
        return np.where(~signed & (np.abs(numbers) <= 1), numbers * 100, numbers)
    return numbers


def _ranges(text: pa.Array, rule: ParseRule) -> Amounts:
    lower, upper = range_ends(text)
    low, low_unit, low_bare = _amounts(lower, rule)
    high, high_unit, high_bare = _amounts(upper, rule)
    spread = _flags(pc.is_valid(upper))
    borrowed = spread & np.isnan(low_unit) & ~np.isnan(high_unit)  # 10-20k
    low = np.where(borrowed, low * high_unit, low)
    unitless = low_bare & (high_bare | ~spread)
    return Amounts(np.where(spread, (low + high) / 2, low), low, high, spread, unitless)


def range_ends(text: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Both ends of each cell as text, the second null where there is one; "<10" is 0 to 10."""
    text = pc.replace_substring(pc.utf8_trim_whitespace(text), "\u2212", "-")
    parts, below = pc.extract_regex(text, _RANGE), pc.extract_regex(text, _BELOW)
    zero = pc.if_else(pc.is_valid(below), "0", pa.scalar(None, pa.string()))
    under = pc.binary_join_element_wise(pc.struct_field(below, 0), pc.struct_field(below, 1), "")
    alone = pc.replace_substring_regex(text, _ABOVE, "")
    alone = pc.replace_substring_regex(alone, _ABOVE_BEHIND, "")
    alone = pc.replace_substring_regex(alone, _PLUS, r"\1\2")
    low = pc.coalesce(zero, pc.struct_field(parts, 0), alone)
    return low, pc.coalesce(under, pc.struct_field(parts, 1))


def plain_signs(text: pa.Array) -> pa.Array:
    """Trimmed cells with an ASCII minus in front, without signs of money, percent, plus, about."""
    text = pc.utf8_trim_whitespace(text)
    if _any(text, _ABOUT):
        text = pc.replace_substring_regex(text, _ABOUT, r"\1")
    text = pc.replace_substring(text, "\u2212", "-")
    if _any(text, r"[()-]$"):
        text = pc.replace_substring_regex(text, _BRACKETS, r"-\1\2")
        text = pc.replace_substring_regex(text, _MINUS_BEHIND, r"-\1")
    if _any(text, rf"{_MONEY}|[%٪％‰+]"):
        text = pc.replace_substring_regex(text, _FRONT, r"\1\2")
        text = pc.replace_substring_regex(text, _BACK, r"\1")
        text = pc.replace_substring_regex(text, _BACK_OF_WORD, r"\1")
    return text


def money_signs(text: pa.Array) -> pa.Array:
    """The sign or code of money of each cell in lower case, null where it has none."""
    found = pc.extract_regex(text, rf"^[+(-]*\s*(?P<front>{_MONEY})\s*[+-]?[\d.]")
    behind = pc.extract_regex(text, rf"[\d\p{{L}}.,]\s*(?P<back>{_MONEY})\)?$")
    sign = pc.coalesce(pc.struct_field(found, 0), pc.struct_field(behind, 0))
    return pc.utf8_lower(sign)


def split_units(text: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Number and suffix of cells such as "1,248 CC"; both null where a cell is none."""
    parts = pc.extract_regex(text, _SUFFIX)
    unit = pc.replace_substring_regex(pc.struct_field(parts, 1), r"\s+", " ")
    return pc.struct_field(parts, 0), pc.utf8_trim_whitespace(unit)


def compounds(text: pa.Array) -> dict[int, list[tuple[str, str]]]:
    """Numbers and units, both as lower-case text, of the cells that are sums such as "2h 50m"."""
    text = pc.replace_substring_regex(text, _INCHES, r'\1"')
    several = np.flatnonzero(_flags(pc.match_substring_regex(text, _COMPOUND)))
    return {int(i): _PART.findall(text[int(i)].as_py().lower()) for i in several}


def _amounts(text: pa.Array, rule: ParseRule) -> tuple[Numbers, Numbers, NDArray[np.bool_]]:
    """Numbers (n,), the factor (n,) of the unit behind each, NaN without one, and numbers alone.

    The last are the cells (n,) that are one number without a unit.
    """
    text = plain_signs(text)
    factors = np.full(len(text), np.nan)
    if not rule.units:
        numbers = _spelled(text, rule.decimal, rule.thousands)
        return numbers, factors, ~np.isnan(numbers)
    lower = pc.utf8_lower(pc.replace_substring_regex(text, r"\s+", " "))
    bare = lower
    for unit, factor in sorted(rule.units, key=lambda item: -len(item[0])):  # "kg" before "g"
        ends = _flags(pc.ends_with(lower, unit)) & np.isnan(factors)
        factors[ends] = factor
        bare = pc.if_else(pa.array(ends), pc.utf8_slice_codeunits(lower, 0, -len(unit)), bare)
    bare = pc.utf8_trim_whitespace(bare)
    numbers = _spelled(bare, rule.decimal, rule.thousands) * np.nan_to_num(factors, nan=1.0)
    alone = np.isnan(factors) & ~np.isnan(numbers)
    if np.isnan(numbers).any():
        _add_compounds(text, numbers, dict(rule.units))
    return numbers, factors, alone


def _add_compounds(text: pa.Array, numbers: Numbers, units: dict[str, float]) -> None:
    """Sums such as "2h 50m", in place, where a cell is no number yet."""
    for i, parts in compounds(text).items():
        try:
            numbers[i] = sum(float(number) * units[unit] for number, unit in parts)
        except (KeyError, ValueError):  # an unknown unit, or "1.2.3 h": no number
            continue


def _spelled(text: pa.Array, decimal: str, thousands: str) -> Numbers:
    if thousands:
        mark, grouped = group_patterns(decimal, thousands)
        bare = pc.replace_substring_regex(text, mark, "")
        text = pc.if_else(pc.match_substring_regex(text, grouped), bare, text)
    if decimal != ".":
        dotted = pc.match_substring(text, ".")
        text = pc.if_else(dotted, "", pc.replace_substring(text, decimal, "."))
    good = pc.fill_null(pc.match_substring_regex(text, NUMBER), False)
    numbers = pc.if_else(good, text, pa.scalar(None, pa.string())).cast(pa.float64())
    return np.array(numbers.to_numpy(zero_copy_only=False), dtype=np.float64)


def group_patterns(decimal: str, thousands: str) -> tuple[str, str]:
    """The mark between groups of digits, and numbers that have it where groups end: of three
    digits, or as in India of two before the last three."""
    mark = {" ": r"[\s\x{A0}\x{202F}\x{2009}]", "'": "['’]"}.get(thousands, f"[{thousands}]")
    return mark, (
        rf"^[+-]?(\d+({mark}\d{{3}})+|\d{{1,2}}({mark}\d{{2}})+{mark}\d{{3}})($|[{decimal}eE])"
    )


def _hours(text: pa.Array) -> Numbers:
    parts = pc.extract_regex(text, _CLOCK)
    hours, minutes, seconds = (_spelled(pc.struct_field(parts, i), ".", "") for i in range(3))
    half = pc.utf8_lower(pc.struct_field(parts, 3))
    late, early = _flags(pc.equal(half, "p")), _flags(pc.equal(half, "a"))
    hours = np.where((late | early) & (hours <= 12), hours % 12, hours) + 12.0 * late
    return np.asarray(hours + minutes / 60 + np.nan_to_num(seconds) / 3600)


def _any(text: pa.Array, pattern: str) -> bool:
    return bool(pc.any(pc.match_substring_regex(text, pattern)).as_py())


def _flags(mask: Any) -> NDArray[np.bool_]:
    return np.asarray(pc.fill_null(mask, False).to_numpy(zero_copy_only=False), dtype=np.bool_)
