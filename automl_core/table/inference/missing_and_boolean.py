"""Words that stand for a missing value, and words for yes and no.

How numbers and dates are written is in number_format.py and date_format.py.
"""

from __future__ import annotations

from collections.abc import Collection

import pyarrow as pa
import pyarrow.compute as pc

from automl_core.table import ParseRule, is_text
from automl_core.table.inference.column_stats import ColumnStats

MARKS = frozenset(
    (
        *("?", "??", "???", "-", "--", "---", "–", "—", ".", "..", "...", "*", "#", "_"),
        *("(null)", "(none)", "(blank)", "(empty)", "(unknown)", "(missing)", "<na>", "<null>"),
        *("n/a", "na", "n.a.", "n.a", "n / a", "#n/a", "#na", "nan", "nat", "null", "nil", "none"),
        *("#null!", "#value!", "#div/0!", "#ref!", "#name?", "#num!", "1.#qnan", "-nan"),
        *("inf", "-inf", "infinity", "-infinity", "k.a.", "k. a.", "o.a.", "s/d", "n.d."),
        *("missing", "unknown", "undefined", "unspecified", "void", "empty", "blank"),
        *("tbd", "tba", "no data", "not known", "not available", "not applicable"),
        *("not specified", "not stated", "not given", "not reported", "prefer not to say"),
        *("unbekannt", "inconnu", "desconocido", "keine angabe", "nicht bekannt", "sconosciuto"),
        *("0000-00-00", "0000-00-00 00:00:00", "00/00/0000", "00.00.0000"),
    )
)
"""Words that stand for "no value" where everything else is a number or a date."""

WORD_MARKS = frozenset(
    {"?", "??", "???", "nan", "null", "n/a", "#n/a", "<na>", "<null>", "nat", "(null)", "(blank)"}
)
"""The few of them that are missing among words too: "none" or "NA" may well be a value."""

YES_NO = tuple(  # a row is a language
    tuple((pair.split("/")[0], pair.split("/")[1]) for pair in row.split())
    for row in (
        "yes/no y/n true/false t/f on/off 1/0", "ja/nein j/n wahr/falsch", "ja/nej j/n", "ja/nee",
        "ja/nei", "oui/non vrai/faux", "sí/no si/no s/n verdadero/falso", "si/no s/n vero/falso",
        "sim/não sim/nao s/n verdadeiro/falso", "да/нет истина/ложь", "так/ні", "tak/nie",
        "ano/ne", "igen/nem", "evet/hayır evet/hayir", "kyllä/ei", "ναι/όχι", "是/否", "有/无",
        "はい/いいえ", "예/아니오",
    )
)  # fmt: skip
"""Words for yes and no, in pairs; those of one language may stand beside each other."""


def leading_zeros(facts: ColumnStats) -> bool:
    """Whether cells look like codes of fixed form ("007"), which numbers would damage."""
    if not is_text(facts.values.type):
        return False
    coded = pc.match_substring_regex(facts.text, r"^0\d+$")
    return bool(pc.any(coded).as_py())


def boolean_rule(facts: ColumnStats) -> ParseRule | None:
    """Yes and no in words of a few languages, or a boolean type."""
    if pa.types.is_boolean(facts.values.type):
        return ParseRule("boolean")
    if not is_text(facts.values.type) or len(facts.values) > 100:
        return None
    words, marks = set(facts.lower) - MARKS, tuple(sorted(set(facts.lower) & MARKS))
    if words <= {"0", "1"}:
        return None
    for pairs in YES_NO:
        yes = tuple(dict.fromkeys(true for true, _ in pairs if true in words))
        no = tuple(dict.fromkeys(false for _, false in pairs if false in words))
        if words == {*yes, *no} and any({*pair} <= words for pair in pairs):
            return ParseRule("boolean", marks, true=yes, false=no)
    return None


def marks_in(facts: ColumnStats, marks: Collection[str]) -> tuple[str, ...]:
    """Which of the marks occur among the cells of a text column, in lower case and sorted."""
    if not is_text(facts.values.type):
        return ()
    lowered = pc.utf8_lower(facts.text)
    found = lowered.filter(pc.is_in(lowered, pa.array(sorted(marks), pa.string())))
    return tuple(sorted(set(found.to_pylist())))


def word_marks(facts: ColumnStats) -> tuple[str, ...]:
    """Marks of gaps that occur among words."""
    return marks_in(facts, WORD_MARKS)
