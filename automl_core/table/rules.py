"""Parse rules from facts: numbers, booleans and dates that are written as text.

Each function returns None where the column cannot be read that way. Which of them a column
gets is decided in infer.py.
"""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from automl_core.table.cells import is_marked, numbers_of_text
from automl_core.table.dates import COMMON_FORMATS, EPOCH, ISO_FORMATS, seconds_of_text
from automl_core.table.facts import Facts
from automl_core.table.plain import is_moment, is_number, is_text
from automl_core.table.schema import ParseRule

MARKS = frozenset(
    (
        *("?", "??", "-", "--", "---", ".", "*", "#", "(null)", "(none)", "(blank)", "<na>"),
        *("n/a", "na", "n.a.", "n.a", "#n/a", "#na", "nan", "nat", "null", "nil", "none"),
        *("#null!", "#value!", "#div/0!", "#ref!", "inf", "-inf", "infinity", "-infinity"),
        *("missing", "unknown", "undefined", "unspecified", "void", "empty", "blank"),
        *("tbd", "tba", "no data", "not known", "not available", "not applicable"),
    )
)
"""Words that stand for "no value" where everything else is a number or a date."""

WORD_MARKS = frozenset(
    {"?", "??", "nan", "null", "n/a", "#n/a", "<na>", "nat", "(null)", "(blank)"}
)
"""The few of them that are missing among words too: "none" or "NA" may well be a value."""

YES_NO = (
    ("yes", "no"), ("y", "n"), ("true", "false"), ("t", "f"), ("on", "off"),
    ("ja", "nein"), ("oui", "non"), ("si", "no"), ("sí", "no"), ("sim", "não"), ("да", "нет"),
)  # fmt: skip

_STYLES = (  # decimal mark, thousands mark, what a cell must look like
    (".", "", r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"),
    (".", ",", r"^[+-]?\d{1,3}(,\d{3})*(\.\d*)?$"),
    (",", "", r"^[+-]?\d+,\d+$|^[+-]?\d+$"),
    (",", ".", r"^[+-]?\d{1,3}(\.\d{3})*(,\d*)?$"),
    (".", " ", r"^[+-]?\d{1,3}([\s\x{A0}\x{202F}]\d{3})*(\.\d*)?$"),
    (",", " ", r"^[+-]?\d{1,3}([\s\x{A0}\x{202F}]\d{3})*(,\d*)?$"),
    (".", "'", r"^[+-]?\d{1,3}('\d{3})*(\.\d*)?$"),
)
_MIN_NUMERIC = 0.98  # share of the rows that must be numbers for other words to be taken as gaps
_MAX_STRAYS = 3


def number_rule(facts: Facts) -> ParseRule | None:
    """How text reads as numbers; marks of gaps included. Types that are numbers need nothing."""
    if is_number(facts.values.type) or pa.types.is_boolean(facts.values.type):
        return ParseRule("number")
    if not is_text(facts.values.type) or not len(facts.values):
        return None
    marked = _filled(is_marked(facts.text, tuple(MARKS)))
    for decimal, thousands, _ in _styles_seen(facts, marked):
        numbers = numbers_of_text(facts.values, decimal, thousands)
        strays = np.flatnonzero(np.isnan(numbers) & ~_filled(pc.is_null(facts.text)))
        unknown = [int(i) for i in strays if not marked[i]]
        if len(strays) == len(numbers) or not _few_strays(facts, unknown):
            continue
        marks = tuple(str(facts.text[int(i)].as_py()).lower() for i in strays[:20])
        return ParseRule("number", marks, decimal, thousands)
    return None


def _styles_seen(facts: Facts, marked: np.ndarray) -> list[tuple[str, str, str]]:
    """Ways of writing numbers that fit nearly all cells, the plainest first."""
    head = facts.text.filter(pa.array(~marked)).slice(0, 2_000)
    bare = pc.replace_substring_regex(pc.drop_null(head), r"^([+-]?)\s*[$€£¥₹]\s*", r"\1")
    bare = pc.replace_substring_regex(bare, r"(\d[.,]?)\s*[$€£¥₹%+]$", r"\1")
    bare = pc.replace_substring(bare, "\u2212", "-")
    if not len(bare):
        return []
    shares = [(s, pc.mean(pc.match_substring_regex(bare, s[2])).as_py() or 0.0) for s in _STYLES]
    best = max(share for _, share in shares)
    return [s for s, share in shares if share == best and share > 0.5]


def _few_strays(facts: Facts, unknown: list[int]) -> bool:
    if not unknown:
        return True
    share = facts.counts[unknown].sum() / max(1, facts.present)
    # A column of few codes such as 1, 2, 3, S is one of words, not of numbers with gaps.
    many = len(facts.values) >= 20
    return many and len(unknown) <= _MAX_STRAYS and bool(share <= 1 - _MIN_NUMERIC)


def leading_zeros(facts: Facts) -> bool:
    """Whether cells look like codes of fixed form ("007"), which numbers would damage."""
    if not is_text(facts.values.type):
        return False
    coded = pc.match_substring_regex(facts.text, r"^0\d+$")
    return bool(pc.any(coded).as_py())


def boolean_rule(facts: Facts) -> ParseRule | None:
    """Yes and no in words of a few languages, or a boolean type."""
    if pa.types.is_boolean(facts.values.type):
        return ParseRule("boolean")
    if not is_text(facts.values.type):
        return None
    words = set(facts.lower) - MARKS
    marks = tuple(sorted(set(facts.lower) & MARKS))
    for yes, no in YES_NO:
        if words == {yes, no}:
            return ParseRule("boolean", marks, true=(yes,), false=(no,))
    return None


def datetime_rule(facts: Facts) -> ParseRule | None:
    """Formats that read nearly every cell as a date; at most three of them."""
    kind = facts.values.type
    if is_moment(kind):
        return ParseRule("datetime", formats=ISO_FORMATS)
    if pa.types.is_integer(kind):
        return _integer_dates(facts)
    if not is_text(kind) or not len(facts.values):
        return None
    text = facts.text.filter(pc.invert(is_marked(facts.text, tuple(MARKS))))
    text = pc.drop_null(text)
    if not len(text) or not _looks_dated(text):
        return None
    formats = _formats_of(text)
    if not formats:
        return None
    marks = tuple(sorted({w for w in facts.lower if w in MARKS}))
    return ParseRule("datetime", marks, formats=formats)


def _looks_dated(text: pa.Array) -> bool:
    # Digits, one of the separators dates have, and no longer than a date with time and zone.
    pattern = r"^[\p{L}.,]{0,12}\s*\d{1,4}([-/.]|\s|\p{L}{3}|, |T).{2,34}$|^\d{4}[01]\d[0-3]\d$"
    return bool(pc.all(pc.match_substring_regex(text.slice(0, 100), pattern)).as_py())


def _formats_of(text: pa.Array) -> tuple[str, ...]:
    head = text.slice(0, 500)
    chosen: list[str] = []
    for _ in range(3):
        reach = {f: int(np.isfinite(seconds_of_text(head, (f,))).sum()) for f in _tried(head)}
        best = max(reach, key=lambda f: reach[f], default="")  # the first of equal ones
        if not best or not reach[best]:
            return ()
        chosen.append(best)
        done = np.isfinite(seconds_of_text(text, chosen))
        if done.mean() >= 0.99:
            return tuple(chosen)
        rest = text.filter(pa.array(~done))
        head = rest.slice(0, 500)
    return ()


def _tried(head: pa.Array) -> list[str]:
    """Formats that read the first cell or two: most are out of the question at once."""
    few = head.slice(0, 2)
    return [f for f in COMMON_FORMATS if np.isfinite(seconds_of_text(few, (f,))).any()]


def _integer_dates(facts: Facts) -> ParseRule | None:
    numbers = facts.values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    if not len(numbers):
        return None
    low, high = numbers.min(), numbers.max()
    if low >= 19_000_101 and high <= 21_001_231 and len(numbers) > 3:
        months, days = numbers // 100 % 100, numbers % 100
        if ((months >= 1) & (months <= 12) & (days >= 1) & (days <= 31)).all():
            return ParseRule("datetime", formats=("%Y%m%d",))
    if re.search(r"time|date|epoch|_at$|_ts$|^ts$", facts.name.lower()):
        for format, unit in EPOCH.items():
            if low / unit > 6.3e8 and high / unit < 4.1e9:  # 1990 to 2099
                return ParseRule("datetime", formats=(format,))
    return None


def word_marks(facts: Facts) -> tuple[str, ...]:
    """Marks of gaps that occur among words."""
    return tuple(sorted(set(facts.lower) & WORD_MARKS))


def _filled(mask: pa.Array) -> np.ndarray:
    return np.asarray(pc.fill_null(mask, False).to_numpy(zero_copy_only=False), np.bool_)
