"""Words that stand for a missing value: among numbers and dates, and among other words."""

from __future__ import annotations

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
