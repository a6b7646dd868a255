"""Words that stand for a missing value: among numbers and dates, and among other words."""

from __future__ import annotations

import re
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from automl_core.table import is_marked

MARKS = frozenset(
    (
        *("?", "??", "???", "-", "--", "---", "–", "—", ".", "..", "...", "*", "#", "_"),
        *("(null)", "(none)", "(blank)", "(empty)", "(unknown)", "(missing)", "<na>", "<null>"),
        *("n/a", "na", "n.a.", "n.a", "n / a", "#n/a", "#na", "nan", "nat", "null", "nil", "none"),
        *("k.a.", "k. a.", "o.a.", "s/d", "n.d."),
        *("missing", "unknown", "undefined", "unspecified", "void", "empty", "blank"),
        *("tbd", "tba", "no data", "not known", "not available", "not applicable"),
        *("not specified", "not stated", "not given", "not reported", "prefer not to say"),
        *("unbekannt", "inconnu", "desconocido", "keine angabe", "nicht bekannt", "sconosciuto"),
        *("\\n", "<none>", "<missing>", "<blank>", "[null]", "#missing", "none given", "no answer"),
        *("not answered", "no response", "don't know", "dont know", "#error"),
        *("ohne angabe", "fehlt", "non renseigné", "non disponible", "s/o", "n/d"),
        *("nd", "n.c.", "sin datos", "no consta", "não informado", "sem dados", "non noto", "n.p."),
        *("brak", "brak danych", "нет данных", "н/д", "неизвестно", "не указано", "onbekend"),
        *("okänd", "ukjent", "ukendt", "bilinmiyor", "άγνωστο", "不明", "未知", "缺失", "无数据"),
        *("なし", "欠損", "없음", "미상", "غير معروف", "…"),
        *("0000-00-00", "0000-00-00 00:00:00", "00/00/0000", "00.00.0000"),
    )
)
"""Words that stand for "no value" where everything else is a number or a date."""

_NO_NUMBER = (  # of a computation: as C, Java, Python and Windows write it, and spreadsheets
    r"^(?i:[+\-−]?\s?(?:\d\.#(?:inf|ind|[qs]?nan)\d*|[qs]?nan(?:\(\w*\))?|inf(?:inity)?|∞)"
    r"|#\S{1,20}[!?]|err:\d{3})$"
)
_NO_NUMBER_HERE = re.compile(_NO_NUMBER)

WORD_MARKS = frozenset(
    {
        "?",
        "??",
        "???",
        "nan",
        "null",
        "n/a",
        "#n/a",
        "<na>",
        "<null>",
        "nat",
        "(null)",
        "(blank)",
        "\\n",
        "[null]",
        "<missing>",
        "<blank>",
    }
)
"""The few of them that are missing among words too: "none" or "NA" may well be a value."""


def is_missing_mark(word: str) -> bool:
    """True for a word of MARKS, and for what a computation gives that has no number as result."""
    return word.strip().lower() in MARKS or _NO_NUMBER_HERE.match(word.strip()) is not None


def may_be_missing(text: pa.Array) -> Any:
    """True (n,) for cells that `is_missing_mark` says are one; null is False."""
    failed = pc.match_substring_regex(pc.utf8_trim_whitespace(text), _NO_NUMBER)
    return pc.or_(is_marked(text, tuple(MARKS)), pc.fill_null(failed, False))
