"""Cells of a download are read as the project itself reads them, by every rule."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from automl_core.errors import ModelError
from automl_core.onnx_export.scorer.cells import boolean, items, number, word, words
from automl_core.onnx_export.scorer.dates import seconds
from automl_core.table.parsing.dates import COMMON_FORMATS
from automl_core.table.parsing.numbers import CLOCK
from automl_core.table.parsing.parse import parse_column
from automl_core.table.parsing.portable import in_python, portable_rule, portable_tables
from automl_core.table.schema import ParseRule

TABLES = portable_tables(["number", "datetime"])

UNITS = (("k", 1e3), ("m", 1e6), ("h", 3600.0), ("min", 60.0), ("'", 12.0), ('"', 1.0))
NUMBER_RULES = [
    ParseRule("number", missing=("n/a", "-999", "?")),
    ParseRule("number", thousands=",", flags=("p", "est"), zero=("free", "none")),
    ParseRule("number", decimal=",", thousands="."),
    ParseRule("number", thousands=" "),
    ParseRule("number", thousands="'", percent="share"),
    ParseRule("number", percent="percent"),
    ParseRule("number", units=UNITS),
    ParseRule("number", units=(("kg", 1.0), ("g", 0.001)), decimal=","),
    ParseRule("number", ranges=True, thousands=",", units=(("k", 1e3),)),
    ParseRule("number", formats=(CLOCK,)),
]
NUMBERS = [
    *("", " ", "5", " 5 ", "+5", "-5", "\u22125", "5.", ".5", "1e3", "1E-3", "1e999", "nan", "inf"),
    *("1,234", "1,234,567.5", "12,34,567", "1.234,5", "1 234", "1\xa0234", "1'234", "1’234", "1,5"),
    *(
        "$5",
        "-$5",
        "$ -5",
        "5 USD",
        "R$ 5.5",
        "usd 5",
        "5€",
        "1.5M €",
        "12 %",
        "12%",
        "0.5 %",
        "٪5",
    ),
    *("(5)", "(1,200)", "5-", "()", "~12", "ca. 12", "about 7", "12‰", "5+", "10,000+", "Rs. 500"),
    *("100.0 p", "5 (1)", "5*", "<5", "5 est", "5²", "†5", "free", "none", "N/A", "-999", "?", "0"),
    *(
        "1.5M",
        "2 k",
        "3K",
        "1m 2k",
        "2h 50m",
        "2h 50min",
        "5'11",
        "5'11\"",
        "500g",
        "2 KG",
        "1,5 kg",
    ),
    *("13:30", "1:30 p.m.", "12:00 AM", "0:00:36", "13:75", "24:10:05.5", "1:30pm"),
    *("10-20", "1,000 – 3,000", "5 to 6", "65+", "> 65", "<10", "10 or less", "10-20k", "1-2-3"),
    *("up to 5", "over 7", "7 or more", "a-b", "–", "1.2.3 kg", "k", "1.2.3", "1_000", "0x10"),
    *("٣٫٥", "１２３", "12\u200b", "１２．５", "१२,३४५", "\u202e5", "5\n", "1" * 400, "x" * 10_000),
]


def _plain(rule: ParseRule) -> dict[str, Any]:
    return portable_rule("x", rule) | {"tables": TABLES}


def _equal(found: list[float], expected: np.ndarray, cells: list[str]) -> None:
    wrong = {
        cell: (mine, theirs)
        for cell, mine, theirs in zip(cells, found, expected.tolist(), strict=True)
        if mine != theirs and not (np.isnan(mine) and np.isnan(theirs))
    }
    assert not wrong


@pytest.mark.parametrize("rule", NUMBER_RULES)
def test_numbers(rule: ParseRule) -> None:
    plain = _plain(rule)
    expected = parse_column(pa.array(NUMBERS), "x", rule).numbers
    assert expected is not None and np.isfinite(expected).sum() > 5
    _equal([number(cell, plain) for cell in NUMBERS], expected, NUMBERS)


WORDS = [
    *("", " ", "a", " a ", "A", "1", "1.0", "1.50", "-0.0", "-0", "007", "TRUE", "True", "false"),
    *("n/a", "N/A", "cafÃ©", "café", "ÉCLAIR", "e\u0301clair", "Éclair", "ΑΣ", "İstanbul", "ß"),
    *("x y", "x  y", "x\u00a0y", "x\u200by", "🚲", "日本", "12345678901234567.5", "1e3", "a\0b"),
    *("a;b", "b; A;a", ";", "[1, 2, '3']", "{\"a\", 'b,c'}", "[]", "a, b", "\x1f", "x" * 5_000),
    *("Hello, World! 5 €", "mail me@x.org or www.a.b", "http://x HTTPS://y", "a@b@c.d e@f", "@.x"),
    *(
        "www.foo@bar.cd.ef",
        "a@b.",
        "a@.b",
        "12345 1234567",
        "ABC def ²½Ⅷ",
        "_under_score_",
        "don't",
    ),
    *("!!!", "tab\tnew\nline", "ไทย", "ẞ", "ﬁ", "a@b.c@d.e", "ａ＠ｂ.ｃ", "x@y.ſ", "é@é.é"),
]
WORD_RULES = [
    ParseRule("string"),
    ParseRule("string", missing=("n/a", "007"), exact=True),
    ParseRule("string", mend=True, spellings=(("éclair", "Éclair"), ("x y", "XY"))),
]


@pytest.mark.parametrize("rule", WORD_RULES)
def test_words(rule: ParseRule) -> None:
    plain = _plain(rule)
    column = parse_column(pa.array(WORDS), "x", rule)
    assert column.codes is not None
    expected = [column.words[code] if code >= 0 else "" for code in column.codes]
    assert [word(cell, plain) for cell in WORDS] == expected


@pytest.mark.parametrize("separator", ["", ";", ","])
def test_lists(separator: str) -> None:
    rule = ParseRule("list", missing=("n/a",), separator=separator)
    column = parse_column(pa.array(WORDS), "x", rule)
    assert column.codes is not None
    expected = [column.words[code] if code >= 0 else "" for code in column.codes]
    assert [items(cell, _plain(rule)) for cell in WORDS] == expected


@pytest.mark.parametrize("mend", [False, True])
def test_texts_and_their_signals(mend: bool) -> None:
    rule = ParseRule("text", missing=("n/a",), mend=mend)
    column = parse_column(pa.array(WORDS), "x", rule)
    assert column.codes is not None and column.signals is not None
    for cell, code in zip(WORDS, column.codes.tolist(), strict=True):
        text, signals = words(cell, _plain(rule))
        expected = column.signals[code] if code >= 0 else np.zeros(len(signals), np.float32)
        assert text == (column.words[code] if code >= 0 else "")
        assert (np.float32(signals) == expected).all(), (cell, signals, expected)


def test_booleans() -> None:
    rule = ParseRule("boolean", missing=("?",), true=("Ja", "on"), false=("nein", "1"))
    cells = ["", "ja", " JA ", "on", "true", "TRUE", "1", "1.0", "0", "nein", "?", "x", "１", "jА"]
    expected = parse_column(pa.array(cells), "x", rule).numbers
    assert expected is not None
    _equal([boolean(cell, _plain(rule)) for cell in cells], expected, cells)


DATES = [
    *(
        "",
        "2020-02-29",
        "2021-02-29",
        " 2020-1-5 ",
        "2020-01-05T10:11:12Z",
        "2020-01-05 10:11:12.5",
    ),
    *("2020-01-05 10:11:12,25+02:00", "2020-01-05 23:59", "2020-13-01", "2020-00-10", "0001-01-01"),
    *("1699-01-01", "2240-01-01", "05/06/2020", "31/12/1999", "12/31/99", "31.12.68", "1/2/03"),
    *("7. März 2018", "le 7 mars 2018", "7th March 2018", "March 7, 2018", "Mar 7 2018 5:06 PM"),
    *("Wed, 07 Mar 2018 10:00:00 GMT", "Wednesday, March 7, 2018", "Wed Mar  7 10:00:00 EST 2018"),
    *("[07/Mar/2018:10:00:00 +0000]", 'ISODate("2018-03-07")', "2018-03-07 (Wed)", "2018-03-07Z"),
    *("20180307", "201803", "20180307101112", "20180307T101112", "2018/03", "03/2018", "Mar 2018"),
    *(
        "2018-Q1",
        "Q3 2018",
        "1. Quartal 2018",
        "2018H2",
        "H1 2018",
        "2018-W05",
        "2018W051",
        "2018-W54",
    ),
    *(
        "KW 5/2018",
        "2018-365",
        "2018-366",
        "2020-366",
        "2018-000",
        "1700-Q1",
        "2239-12-31",
        "x" * 900,
    ),
    *(
        "2018年3月7日",
        "2018년 3월 7일",
        "٢٠١٨-٠٣-٠٧",
        "７.３.2018",
        "7 de marzo de 2018",
        "7 ožujka 2018",
    ),
    *(
        "10:11",
        "12:00 AM",
        "1/2/2018 12:30 a.m.",
        "1/2/2018 13:30 PM",
        "2018-03-07-10.11.12.345678",
    ),
    *(
        "2018-03-07 24:00",
        "2018-03-07 10:60",
        "2018-03-07 10:11:60",
        "2018-03-07 10:11:12 MEZ",
        "n/a",
    ),
    *(
        "29 Feb 00",
        "29-Feb-1900",
        "20201131",
        "2020 1 2",
        "1520417472",
        "1520417472.5",
        "43166",
        "-1",
    ),
    *(
        "7-Mar-18",
        "07-MAR-2018",
        "mar-07-2018",
        "7mar2018",
        "2018-mar-7",
        "pon 7. března 2018",
        "may",
    ),
]
DATE_RULES = [
    ParseRule("datetime", missing=("n/a",)),
    ParseRule("datetime", formats=tuple(COMMON_FORMATS)),
    ParseRule("datetime", formats=("%d/%m/%Y", "%d.%m.%y", "%m/%d/%y"), last_year=2020),
    ParseRule("datetime", formats=("%d %b %y", "%d/%m/%y", "%b %d, %Y"), last_year=1968),
    ParseRule("datetime", formats=("epoch_s",)),
    ParseRule("datetime", formats=("%Y", "excel")),
]


@pytest.mark.parametrize("rule", DATE_RULES)
def test_dates(rule: ParseRule) -> None:
    plain = _plain(rule)
    expected = parse_column(pa.array(DATES), "x", rule).numbers
    assert expected is not None and np.isfinite(expected).sum() > 1
    _equal([seconds(cell, plain) for cell in DATES], expected, DATES)


def test_generated_dates_of_every_format() -> None:
    random = np.random.default_rng(0)
    for format in (format for format in COMMON_FORMATS[::4] if "%" in format):
        moment = random.integers(-8_000_000_000, 8_000_000_000).astype("datetime64[s]").item()
        rule, cell = ParseRule("datetime", formats=(format,)), moment.strftime(format)
        expected = parse_column(pa.array([cell]), "x", rule).numbers
        assert expected is not None and np.isfinite(expected).all(), format
        _equal([seconds(cell, _plain(rule))], expected, [cell])


def test_a_format_of_dates_that_cannot_be_told_is_refused_by_name() -> None:
    with pytest.raises(ModelError, match="'born' are read by the format '%C'"):
        portable_rule("born", ParseRule("datetime", formats=("%C",)))


@pytest.mark.parametrize(
    ("pattern", "text", "is_found"),
    [
        (r"^[\p{L}\d*]{2}$", "é1", True), (r"^[\p{L}\d*]{2}$", "_1", False),
        (r"^\d$", "5\n", False), (r"^\d$", "٥", False), (r"[^\d]", "٥", True),
        (r"\bx\b", "éx", True), (r"^[\s\x{A0}]$", "\xa0", True), (r"^\s$", "\u2003", False),
        (r"^[^\[\]]$", "]", False), (r"^(?P<a>\p{L}+)[$]$", "ab$", True),
    ],
)  # fmt: skip
def test_patterns_mean_the_same_in_python(pattern: str, text: str, is_found: bool) -> None:
    import re

    import pyarrow.compute as pc

    assert pc.match_substring_regex(pa.array([text]), pattern)[0].as_py() is is_found
    assert bool(re.search(in_python(pattern), text)) is is_found


def test_hostile_cells_are_read_in_no_time() -> None:
    plain = [_plain(rule) for rule in NUMBER_RULES]
    dates = [_plain(rule) for rule in DATE_RULES]
    hostile = ["1," * 240, "(" * 480, "1 " * 240, "a" * 490, "1h" * 240, "-" * 480, "Jan " * 120]
    for cell, rule in product(hostile, plain):
        number(cell, rule)
    for cell, rule in product(hostile, dates):
        assert np.isnan(seconds(cell, rule))
    for cell in ("x" * 300_000, "@" * 300_000, "a@b" * 100_000, "www." * 100_000):
        words(cell, _plain(ParseRule("text")))
