"""Parse rules as plain data that a small reader in any language can follow.

What the files beside this one do on Arrow arrays is told as patterns in Python's syntax, tables of
words and a few flags; `onnx_export/scorer` is such a reader. Cells are taken as text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from automl_core.errors import ModelError
from automl_core.table import ParseRule, folded
from automl_core.table.parsing.bare_dates import AROUND_DATES
from automl_core.table.parsing.date_words import ENGLISH_PATTERNS, words_in_english
from automl_core.table.parsing.dates import (
    HALF,
    ISO_FORMATS,
    NUMBER_FORMATS,
    ORDINAL,
    PART_PATTERNS,
    QUARTER,
    WEEK,
)
from automl_core.table.parsing.numbers import (
    CLOCK,
    NUMBER_PATTERNS,
    flag_patterns,
    group_patterns,
)
from automl_core.table.parsing.time_zones import ZONE_HOURS, ZONE_PATTERNS

Plain = dict[str, Any]

_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december", "jan", "feb", "mar", "apr", "jun", "jul", "aug"),
    *("sep", "oct", "nov", "dec"),
)
_WEEKDAYS = (
    *("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"),
    *("sun", "mon", "tue", "wed", "thu", "fri", "sat"),
)
# As the C library reads them: blanks in front of numbers, no more digits than can be meant, and
# what is read is not given back.
_DIRECTIVES = {
    "Y": r"\s*(?P<Y>(?>[0-9]{1,4}))",
    "y": r"\s*(?P<y>(?>[0-9]{1,2}))",
    "m": r"\s*(?P<m>(?>1[0-2]|0[0-9]|[0-9]))",
    "d": r"\s*(?P<d>(?>[12][0-9]|3[01]|0[0-9]|[0-9]))",
    "H": r"\s*(?P<H>(?>1[0-9]|2[0-3]|0[0-9]|[0-9]))",
    "I": r"\s*(?P<I>(?>1[0-2]|0[0-9]|[0-9]))",
    "M": r"\s*(?P<M>(?>[0-5][0-9]|[0-9]))",
    "S": r"\s*(?P<S>(?>[0-5][0-9]|6[01]|[0-9]))",
    "b": rf"(?P<b>(?>(?i:{'|'.join(_MONTHS)})))",
    "a": rf"(?>(?i:{'|'.join(_WEEKDAYS)}))",
    "p": r"(?P<p>(?i:am|pm))",
    "%": "%",
}
_DIRECTIVES |= {"B": _DIRECTIVES["b"], "A": _DIRECTIVES["a"], "e": _DIRECTIVES["d"]}
_LETTERED = "bBaAp"
_SIGNS = (
    *(("about", r"\1"), ("minus", "-"), ("brackets", r"-\1\2"), ("minus_behind", r"-\1")),
    *(("front", r"\1\2"), ("back", r"\1"), ("back_of_word", r"\1")),
)
"""What is done in turn to the signs of a number, and what is left of each."""

_GROUPS = {
    QUARTER: {"year": "Y", "last": "Y2", "end": "Y3", "part": "q", "first": "q2", "one": "q3"},
    HALF: {"year": "Y", "last": "Y2", "part": "h", "first": "h2"},
    WEEK: {"year": "Y", "last": "Y2", "week": "w", "first": "w2", "day": "u"},
    ORDINAL: {"year": "Y", "day": "j"},
}
"""Groups of patterns of dates by what they hold: letters as strptime has them, and q and h."""

_CLASSES = {"d": "0-9", "s": r"\t\n\f\r "}


def portable_rule(name: str, rule: ParseRule) -> Plain:
    """The rule of a column of this name as JSON data.

    Raises ModelError, with the name, where it has a form of dates that cannot be told so.
    """
    plain: Plain = {"missing": [mark.strip().lower() for mark in rule.missing]}
    if rule.kind in ("string", "text", "list"):
        return plain | {
            "exact": rule.exact,
            "mend": rule.mend,
            "spellings": dict(rule.spellings),
            "separator": rule.separator,
        }
    if rule.kind == "boolean":
        yes, no = (
            set(folded(pa.array(words, pa.string())).to_pylist())
            for words in (rule.true, rule.false)
        )
        yes, no = {*yes, "true", "1"} - no, {*no, "false", "0"} - yes
        return plain | {"true": sorted(yes), "false": sorted(no)}
    counted = NUMBER_FORMATS.get(rule.formats[0]) if rule.formats else None
    if rule.kind == "number":
        return plain | _number_rule(rule)
    if counted is not None:
        return plain | _number_rule(ParseRule("number", rule.missing)) | {"counted": list(counted)}
    formats = dict.fromkeys((*rule.formats, *ISO_FORMATS))
    found = [portable_format(name, format) for format in formats]
    return plain | {"formats": found, "last_year": rule.last_year}


def portable_tables(kinds: Iterable[str]) -> Plain:
    """Patterns and words that the rules of columns of these kinds need, as JSON data."""
    kinds = set(kinds)
    tables: Plain = {}
    if {"number", "datetime"} & kinds:
        tables |= {name: in_python(pattern) for name, pattern in NUMBER_PATTERNS.items()}
        tables["signs"] = [[tables.pop(name), left] for name, left in _SIGNS]
    if "datetime" in kinds:
        patterns = AROUND_DATES | ZONE_PATTERNS
        tables |= {name: in_python(pattern) for name, pattern in patterns.items()}
        for name, found in ENGLISH_PATTERNS.items():
            tables[name] = f"(?i){found.pattern}" if found.flags & re.IGNORECASE else found.pattern
        tables["words"], tables["words_with_year"] = words_in_english()
        tables["zones"] = ZONE_HOURS
    return tables


def portable_format(name: str, format: str) -> Plain:
    """A format of dates: its pattern, and whether months and weekdays may be in other languages.

    Groups are called as the directives of strptime, q and h are quarter and half of a year; a
    digit behind a letter means nothing.
    """
    if format in PART_PATTERNS:
        pattern = in_python(PART_PATTERNS[format])
        for group, letter in _GROUPS[format].items():
            pattern = pattern.replace(f"(?P<{group}>", f"(?P<{letter}>")
        return {"pattern": pattern, "english": "no"}
    if format in NUMBER_FORMATS:
        pattern = r"(?P<c>[0-9]{1,19}(?:\.[0-9]+)?)\Z"
        return {"pattern": pattern, "english": "no", "counted": list(NUMBER_FORMATS[format])}
    parts, lettered = [], False
    for part in re.findall(r"%.|[^%]+|%", format):
        if part[0] != "%":
            parts.append(re.sub(r"(?:\\\s)+|\s+", r"\\s*", re.escape(part)))
            continue
        if part[1:] not in _DIRECTIVES or part[1:] == "":
            raise ModelError(
                f"The model cannot be written with its own scorer: the dates of the column "
                f"{name!r} are read by the format {format!r}.",
                "Export the model as a bundle, or give the column another format and train again.",
            )
        parts.append(_DIRECTIVES[part[1:]])
        lettered = lettered or part[1:] in _LETTERED
    return {"pattern": "".join(parts) + r"\Z", "english": "always" if lettered else "words"}


def in_python(pattern: str) -> str:
    r"""A pattern of RE2 in Python's syntax, where \d, \s and \b are of ASCII alone, as there.

    Letters, \p{L}, are those of Python, which has a few signs such as ² among them.
    """
    out, inside, rest = [], False, ""
    tokens = re.findall(r"\\[pP]\{\w+\}|\\x\{[0-9A-F]+\}|\\.|\[\^?|\]|.", pattern, re.DOTALL)
    letters = False
    for token in tokens:
        if inside:
            if token == "]":
                inside = False
                own = rest + "]"
                bare = own.removeprefix("[").removesuffix("]")
                letter = r"[^\W\d_]"
                out.append((f"(?:{letter}|{own})" if bare else letter) if letters else own)
            elif token == r"\p{L}":
                letters = True
            else:
                rest += _in_class(token)
        elif token in ("[", "[^"):
            inside, rest, letters = True, token, False
        else:
            out.append(_outside(token))
    return "".join(out)


def _in_class(token: str) -> str:
    if token.startswith(r"\x{"):
        return re.escape(chr(int(token[3:-1], 16)))
    if token[0] == "\\" and token[1] in _CLASSES:
        return _CLASSES[token[1]]
    return r"\[" if token in ("[", "[^") else token


def _outside(token: str) -> str:
    if token.startswith(r"\x{"):
        return re.escape(chr(int(token[3:-1], 16)))
    fixed = {
        r"\d": "[0-9]", r"\D": "[^0-9]", r"\s": r"[\t\n\f\r ]", r"\b": r"(?a:\b)",
        r"\p{L}": r"[^\W\d_]", "$": r"\Z",
    }  # fmt: skip
    return fixed.get(token, token)


def _number_rule(rule: ParseRule) -> Plain:
    marks = [n for mark in rule.missing if math.isfinite(n := _number(mark))]
    mark, grouped = group_patterns(rule.decimal, rule.thousands) if rule.thousands else ("", "")
    units = sorted(rule.units, key=lambda unit: -len(unit[0]))
    return {
        "marks": marks,
        "flags": [in_python(pattern) for pattern in flag_patterns(rule.flags)],
        "decimal": rule.decimal,
        "thousands": rule.thousands,
        "mark": in_python(mark),
        "grouped": in_python(grouped),
        "units": [list(unit) for unit in units],
        "ranges": rule.ranges,
        "clock": CLOCK in rule.formats,
        "percent": rule.percent,
        "zero": [word.strip().lower() for word in rule.zero],
    }


def _number(mark: str) -> float:
    try:
        return float(mark)
    except ValueError:
        return math.nan
