"""Cells to numbers, seconds and words, whatever type they come in."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from automl_core.table.parsing.parse import parse_column, parse_table
from automl_core.table.schema import Column, ParseRule

NUMBER = ParseRule("number")
WORDS = ParseRule("string")


def numbers(values: Any, rule: ParseRule = NUMBER) -> list[float | None]:
    typed = parse_column(values if isinstance(values, pa.Array) else pa.array(values), "c", rule)
    assert typed.numbers is not None
    assert typed.numbers.dtype == np.float64
    return [None if np.isnan(v) else float(v) for v in typed.numbers]


def words(values: Any, rule: ParseRule = WORDS) -> list[str | None]:
    typed = parse_column(values if isinstance(values, pa.Array) else pa.array(values), "c", rule)
    assert typed.codes is not None
    assert typed.codes.dtype == np.int32
    return [None if code < 0 else typed.words[code] for code in typed.codes]


@pytest.mark.parametrize(
    "values",
    [
        [1, 2, None], [1.0, 2.0, float("nan")], ["1", " 2.0 ", None], ["1", "2", "x"],
        ["1e0", "+2", ""], pa.array([1, 2, None], pa.int8()),
        pa.array(["1", "2", None]).cast("large_string"),
        pa.array(["1", "2", None]).dictionary_encode(), [1.0, 2.0, float("inf")],
    ],
)  # fmt: skip
def test_numbers_of_any_type(values: Any) -> None:
    assert numbers(values) == [1.0, 2.0, None]


def test_booleans_and_dates_as_numbers() -> None:
    assert numbers([True, False, None]) == [1.0, 0.0, None]
    assert numbers([dt.date(1970, 1, 2)]) == [86_400.0]


def test_numbers_in_other_spellings() -> None:
    german = ParseRule("number", decimal=",", thousands=".")
    assert numbers(["1.234,5", "-2,25", "7", "1.5"], german)[:3] == [1234.5, -2.25, 7.0]
    assert numbers(["1,234,567.5", "12"], ParseRule("number", thousands=",")) == [1234567.5, 12.0]
    french = ParseRule("number", decimal=",", thousands=" ")
    assert numbers(["1\u202f234,5", "1 234 567"], french) == [1234.5, 1234567.0]
    assert numbers(["$4.99", "-€3", "12 %", "\u22125"]) == [4.99, -3.0, 12.0, -5.0]


def test_words_that_only_python_takes_for_numbers_are_missing() -> None:
    assert numbers(["nan", "inf", "1_000", "0x10", "1,5", "--1", "1e", "."]) == [None] * 8


def test_missing_marks_trimmed_and_case_aside() -> None:
    rule = ParseRule("number", missing=("n/a", "-999"))
    assert numbers([" N/A ", "-999", "-999.0", "3"], rule) == [None, None, None, 3.0]
    assert numbers([-999, 3], rule) == [None, 3.0]
    assert words(["?", " ? ", "x"], ParseRule("string", missing=("?",))) == [None, None, "x"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2, None], ["1", "2", None]),
        ([1.0, 2.5, float("nan")], ["1", "2.5", None]),
        (["1", "1.0", " 1 ", "1.50"], ["1", "1", "1", "1.5"]),
        (["007", "1e5", "12345678901234567.0"], ["007", "1e5", "12345678901234567.0"]),
        ([True, False, None], ["true", "false", None]),
        (["TRUE", "False", ""], ["true", "false", None]),
        (pa.array([0.1, 3.0], pa.float32()), ["0.1", "3"]),
        ([1e16, -0.0, 1e300], ["10000000000000000", "0", "1e+300"]),
        ([dt.date(2020, 1, 2), None], ["2020-01-02", None]),
        ([dt.datetime(2020, 1, 2, 3, 4, 5)], ["2020-01-02 03:04:05"]),
        ([dt.datetime(2020, 1, 2)], ["2020-01-02"]),
    ],
)
def test_one_text_for_a_value_whatever_its_type(values: Any, expected: list[str | None]) -> None:
    assert words(values) == expected


def test_words_are_distinct_and_in_order_of_appearance() -> None:
    typed = parse_column(pa.chunked_array([["b", "a"], ["b", None, "c "]]), "c", WORDS)
    assert typed.words == ("b", "a", "c")
    assert typed.codes is not None
    assert typed.codes.tolist() == [0, 1, 0, -1, 2]


def test_text_is_lower_case_words_with_single_spaces() -> None:
    rule = ParseRule("text")
    assert words(["Hello,  WORLD!", "don't_stop", "Größe 3.5", "", None, "हिन्दी"], rule) == [
        "hello world", "don t stop", "größe 3 5", None, None, "हिन्दी",
    ]  # fmt: skip


def test_booleans() -> None:
    rule = ParseRule("boolean", missing=("?",), true=("yes",), false=("no",))
    assert numbers(["Yes", "no ", "?", "maybe", None], rule) == [1.0, 0.0, None, None, None]
    assert numbers([True, False, None], rule) == [1.0, 0.0, None]
    assert numbers([1, 0, 2], rule) == [1.0, 0.0, None]
    assert numbers([1.0, 0.0], rule) == [1.0, 0.0]


def test_dates_from_types_and_text() -> None:
    rule = ParseRule("datetime", formats=("%d.%m.%Y",))
    assert numbers(["02.01.1970", "1970-01-02", "soon", None], rule) == [
        86400.0,
        86400.0,
        None,
        None,
    ]
    assert numbers([dt.date(1970, 1, 2), None], rule) == [86400.0, None]
    stamps = pa.array([86_400_500], pa.timestamp("ms", tz="Europe/Berlin"))
    assert numbers(stamps, rule) == [86400.5]
    old = pa.array([-86_400], pa.timestamp("s"))
    assert numbers(old, rule) == [-86400.0]


def test_dates_with_parts_of_a_second_and_zones() -> None:
    rule = ParseRule("datetime")
    values = ["1970-01-01T01:00:00Z", "1970-01-01 01:00:00.250", "1970-01-01T01:00:00+01:00"]
    assert numbers(values, rule) == [3600.0, 3600.25, 0.0]


@pytest.mark.parametrize(
    ("format", "cells", "days"),
    [
        # The same cells alone, and beside others that make the whole column take the long way.
        ("%Y-%m-%d", ["2021-03-01", "2021-03-02"], [18_687, 18_688]),
        ("%Y-%m-%d", ["2021-03-01", "2021-02-29", "2021-3-2"], [18_687, None, 18_688]),
        ("%Y-%m-%d %H:%M:%S", ["2021-03-01 12:00:00", None], [18_687.5, None]),
        (
            "%Y-%m-%d %H:%M:%S",
            ["2021-03-01 12:00:00", "2021-03-01T18:00:00"],
            [18_687.5, 18_687.75],
        ),
        ("%Y-%m-%d %H:%M:%S", ["2021-03-01 12:00+12", "2021-03-01 12:00Z"], [18_687, 18_687.5]),
        ("%Y-%m-%d", ["0021-03-01", "2021-03-01"], [None, 18_687]),
        (
            "%d.%m.%Y",
            ["01.03.2021", "1.3.2021", "31.2.2021", "30.02.2021"],
            [18_687, 18_687, None, None],
        ),
        ("%Y%m%d", ["20210301", "20210229", "20210230"], [18_687, None, None]),
    ],
)
def test_days_that_exist_and_others(
    format: str, cells: list[str | None], days: list[float | None]
) -> None:
    found = parse_column(pa.array(cells), "x", ParseRule("datetime", formats=(format,))).numbers
    assert found is not None
    expected = [np.nan if day is None else day * 86_400 for day in days]
    np.testing.assert_array_equal(found, expected)


def test_whole_numbers_as_dates() -> None:
    assert numbers([86400], ParseRule("datetime", formats=("epoch_s",))) == [86400.0]
    assert numbers(["86400000"], ParseRule("datetime", formats=("epoch_ms",))) == [86400.0]
    assert numbers([19700102, 19701302], ParseRule("datetime", formats=("%Y%m%d",))) == [
        86400.0,
        None,
    ]


@pytest.mark.parametrize("kind", ["number", "string", "text", "datetime", "boolean"])
@pytest.mark.parametrize(
    "values",
    [
        pa.nulls(3), pa.nulls(3, pa.string()), pa.array([], pa.string()), pa.array([[1], None, []]),
        pa.array([b"a", None, b"b"]), pa.array([dt.time(1), None, None]), pa.array([{"a": 1}] * 3),
        pa.array([dt.timedelta(1), None, None]), pa.chunked_array([], pa.int64()),
        pa.array([2**63], pa.uint64()), pa.array([float("nan")] * 2),
    ],
)  # fmt: skip
def test_any_type_under_any_rule(kind: Any, values: Any) -> None:
    assert len(parse_column(values, "c", ParseRule(kind))) == len(values)


def test_a_column_that_the_table_lacks_is_missing() -> None:
    columns = [
        Column("a", "numeric", "", NUMBER, 0, 1),
        Column("gone", "category", "", WORDS, 0, 1),
        Column("away", "numeric", "", NUMBER, 0, 1),
    ]
    typed = parse_table(pa.table({"a": [1, 2], "extra": [3, 4]}), columns)
    assert list(typed.columns) == ["a", "gone", "away"]
    assert typed.columns["gone"].codes is not None
    assert typed.columns["gone"].codes.tolist() == [-1, -1]
    assert typed.columns["away"].numbers is not None
    assert np.isnan(typed.columns["away"].numbers).all()
    assert typed.rows == 2
