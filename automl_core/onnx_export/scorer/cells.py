"""Cells as the model reads them: words, lists, texts with their signals, numbers, yes or no.

Follows the rules of the model's metadata, with its patterns as `tables`; needs Python alone.
"""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Any

Plain = dict[str, Any]

LONGEST_NUMBER = 500
"""Characters; a longer cell is no number and no date."""

SIGNALS = 7  # of a text, beside its words
NAN = math.nan
_NO_WIDTH = re.compile("[\xad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_BLANKS = re.compile("[\t\n\f\r \xa0\u1680\u2000-\u200a\u3000]+")
_SHORT_BLANKS = re.compile("[\t\n\f\r ]+")
_ITEM = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|[^,]+')
_LINK = re.compile(r"(?i)https?://|www\.")
_DOMAIN = re.compile(r"(?is)(?<=.)\.[a-z]")


def as_text(cell: Any) -> str:
    """A text, number, Boolean or nothing as a file would have it; 3.0 is 3."""
    if isinstance(cell, str):
        return cell
    if cell is None or (isinstance(cell, float) and not math.isfinite(cell)):
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    whole = isinstance(cell, int) or (cell == int(cell) and abs(cell) < 2.0**63)
    return str(int(cell)) if whole else repr(float(cell))


def low(text: str) -> str:
    """Lower case, letter by letter."""
    return text.replace("\u0130", "i").replace("\u03a3", "\u03c3").lower()


def folded(text: str) -> str:
    """The text without regard to case, blanks and Unicode form."""
    text = _BLANKS.sub(" ", _NO_WIDTH.sub("", unicodedata.normalize("NFKC", text)))
    return unicodedata.normalize("NFKC", low(text.strip()))


def with_ascii_digits(text: str, decimal: str = ".", thousands: str = ",") -> str:
    """The text with 0 to 9 for the digits of any script, and ASCII signs beside them."""
    hidden = _NO_WIDTH.search(text) and re.search("[0-9]", text)
    if text.isascii() or not (hidden or any(c.isdecimal() and c > "9" for c in text)):
        return text
    signs = {"\u066b": decimal, "\u066c": thousands, "\u060c": ",", "\u066a": "%"}
    usual = unicodedata.normalize("NFKC", _NO_WIDTH.sub("", text))
    return "".join(str(int(c)) if c.isdecimal() else signs.get(c, c) for c in usual)


def canonical(text: str) -> str:
    """The trimmed text; 1.0 is 1, and TRUE is true."""
    text = text.strip()
    if low(text) in ("true", "false"):
        return low(text)
    if not re.fullmatch(r"-?(0|[1-9][0-9]{0,14})\.[0-9]{1,15}", text):
        return text
    text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def word(cell: Any, rule: Plain) -> str:
    """A category; "" where there is none."""
    text = as_text(cell)
    text = text.strip() if rule["exact"] else canonical(text)
    if low(text) in rule["missing"]:
        return ""
    if rule["mend"] and not text.isascii():
        text = _mended(text)
    return str(rule["spellings"].get(folded(text), text)) if rule["spellings"] else text


def items(cell: Any, rule: Plain) -> str:
    """The different items of a list with U+001F between them; "" where there is none."""
    text = word(cell, rule).strip()
    if text[:1] + text[-1:] in ("[]", "{}"):
        parts = [part.strip() for part in _ITEM.findall(text[1:-1])]
        parts = [p[1:-1] if len(p) > 1 and p[0] == p[-1] and p[0] in "\"'" else p for p in parts]
    else:
        parts = text.split(rule["separator"]) if rule["separator"] else [text]
    return "\x1f".join(dict.fromkeys(p for part in parts if (p := part.strip().lower())))


def words(cell: Any, rule: Plain) -> tuple[str, tuple[float, ...]]:
    """A text in lower case with single blanks between its words, and its signals."""
    text = word(cell, rule)
    kinds = [unicodedata.category(c) for c in text]
    lower = [c if unicodedata.category(c)[0] in "LMN" else " " for c in low(text)]
    signs = sum(
        k[0] not in "LMN" and c not in "\t\n\f\r " for c, k in zip(text, kinds, strict=True)
    )
    shares = (sum(k[0] == "N" for k in kinds), kinds.count("Lu"), signs)
    long = re.findall("N{5,}", "".join("N" if k[0] == "N" else " " for k in kinds))
    counts = (kinds.count("Sc"), len(long), _links(text))
    length = max(len(text), 1)
    signals = (math.log1p(len(text)), *(s / length for s in shares), *map(math.log1p, counts))
    return " ".join("".join(lower).split()), signals


def boolean(cell: Any, rule: Plain) -> float:
    """1 for yes, 0 for no, else NaN."""
    text = with_ascii_digits(canonical(as_text(cell)))
    known = {**dict.fromkeys(rule["true"], 1.0), **dict.fromkeys(rule["false"], 0.0)}
    return NAN if low(text.strip()) in rule["missing"] else known.get(folded(text), NAN)


def is_given(cell: Any, rule: Plain) -> bool:
    """True where a cell holds something, be it readable or not."""
    text = canonical(as_text(cell))
    return bool(text) and low(text) not in rule["missing"]


def number(cell: Any, rule: Plain) -> float:
    """A number, NaN where the cell is none."""
    tables = rule["tables"]
    if not isinstance(cell, str):
        return _of_number(cell, rule)
    if len(cell) > LONGEST_NUMBER or low(cell.strip()) in rule["missing"]:
        return NAN
    text = with_ascii_digits(cell, rule["decimal"], rule["thousands"]).strip()
    for pattern in rule["flags"]:
        text = re.sub(pattern, r"\1", text)
    if low(text) in rule["zero"]:
        value = 0.0
    elif rule["clock"]:
        value = _hours(text, tables)
    elif rule["ranges"]:
        value = _middle(text, rule, tables)
    else:
        value = _amount(text, rule, tables)[0]
        signed = re.search(tables["percent"], text)
        if rule["percent"] == "share" and signed:
            value /= 100
        elif rule["percent"] == "percent" and not signed and abs(value) <= 1:
            value *= 100
    return value if math.isfinite(value) and value not in rule["marks"] else NAN


def _of_number(cell: Any, rule: Plain) -> float:
    """What came as a number is not read as a text is: it has no marks of its own."""
    value = NAN if cell is None else float(cell)
    if rule["percent"] == "percent" and abs(value) <= 1:
        value *= 100
    return value if math.isfinite(value) and value not in rule["marks"] else NAN


def _mended(text: str) -> str:
    """The text as it was before its UTF-8 was read as Windows-1252."""
    try:
        return bytes(ord(c) if ord(c) < 256 else c.encode("cp1252")[0] for c in text).decode()
    except ValueError:
        return text


def _links(text: str) -> int:
    """How often `https?://`, `www.` and `name@host.x` are in a text; in linear time."""
    found = 0
    for chunk in _SHORT_BLANKS.split(text):
        parts, start = chunk.split("@"), 0
        for i, part in enumerate(parts):
            rest = part[start:]
            while link := _LINK.match(rest):
                found, rest = found + 1, rest[link.end() :]
            host = parts[i + 1] if i + 1 < len(parts) else ""
            start = max((m.end() for m in _DOMAIN.finditer(host)), default=0) if rest else 0
            found += 1 if start else len(_LINK.findall(rest))
    return found


def _amount(text: str, rule: Plain, tables: Plain) -> tuple[float, float]:
    """A number, and the factor of the unit behind it, NaN without one."""
    text = text.strip()
    for pattern, left in tables["signs"]:
        text = re.sub(pattern, left, text)
    bare, factor = text, NAN
    if rule["units"]:
        bare = low(_SHORT_BLANKS.sub(" ", text))
        for unit, size in rule["units"]:
            if bare.endswith(unit):
                bare, factor = bare[: len(bare) - len(unit)], size
                break
    value = _spelled(bare.strip() if rule["units"] else bare, rule, tables)
    value = value if math.isnan(factor) else value * factor
    if math.isnan(value) and rule["units"]:
        value = _sum(re.sub(tables["inches"], r'\1"', text), dict(rule["units"]), tables)
    return value, factor


def _sum(text: str, units: dict[str, float], tables: Plain) -> float:
    """A sum such as "2h 50m"."""
    parts = re.findall(tables["part"], text.lower()) if re.search(tables["compound"], text) else []
    try:
        return sum(float(size) * units[unit] for size, unit in parts) if parts else NAN
    except (KeyError, ValueError):
        return NAN


def _spelled(text: str, rule: Plain, tables: Plain) -> float:
    if rule["thousands"] and re.search(rule["grouped"], text):
        text = re.sub(rule["mark"], "", text)
    if rule["decimal"] != ".":
        text = "" if "." in text else text.replace(rule["decimal"], ".")
    return float(text) if re.search(tables["number"], text) else NAN


def _middle(text: str, rule: Plain, tables: Plain) -> float:
    """The middle of a range, or the number alone; "<10" is from 0 to 10."""
    text = text.strip().replace("\u2212", "-")
    ends, below = re.search(tables["range"], text), re.search(tables["below"], text)
    alone = text
    for name, left in (("above", ""), ("above_behind", ""), ("plus", r"\1\2")):
        alone = re.sub(tables[name], left, alone)
    lower = "0" if below else ends["low"] if ends else alone
    upper = (below["before"] or "") + (below["after"] or "") if below else ends and ends["high"]
    value, unit = _amount(lower, rule, tables)
    if upper is None:
        return value
    other, other_unit = _amount(upper, rule, tables)
    if math.isnan(unit) and not math.isnan(other_unit):
        value *= other_unit
    return (value + other) / 2


def _hours(text: str, tables: Plain) -> float:
    found = re.search(tables["clock"], text)
    if not found:
        return NAN
    hours, half = float(found["h"]), (found["half"] or "").lower()
    if half and hours <= 12:
        hours %= 12
    late = 12.0 * (half == "p")
    return hours + late + float(found["m"]) / 60 + float(found["s"] or 0) / 3600
