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
