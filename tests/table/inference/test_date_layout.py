"""Dates in forms that no list has, serial days among them, and the century of two digits."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from automl_core.table.inference.date_layout import layouts
from automl_core.table.inference.two_digit_years import last_year_of
from automl_core.table.parsing import parse_column
from tests.table.guessed import days_of, guessed

TIMES = [dt.datetime(2020, 1, 5, 9, 7) + dt.timedelta(days=13 * i, hours=5 * i) for i in range(40)]


@pytest.mark.parametrize(
    "form",
    [
        "%Y-%m-%d-%H:%M:%S", "%d%b%Y:%H:%M:%S", "%Y:%m:%d %H:%M:%S", "%m/%d/%Y, %I:%M:%S %p",
        "%a, %d.%m.%Y %H:%M", "%H:%M:%S %d/%m/%Y", "%d %B %Y at %H:%M", "%Y-%m-%d_%H-%M-%S",
        "%Y年%m月%d日 %H時%M分", "%d.%m.%Y %H:%M Uhr", "%y-%m-%d %H:%M:%S", "%Y%m%dT%H%M%SZ",
        "%d-%b-%y %I.%M.%S %p", "%Y%m%d%H%M",
    ],
)  # fmt: skip
def test_any_form_is_read_that_keeps_to_itself(form: str) -> None:
    assert days_of([time.strftime(form) for time in TIMES]) == [str(time) for time in TIMES]


@pytest.mark.parametrize("form", ["%A %d/%m/%Y", "%Y_%m_%d", "%Y.%m.%d.", "%d%m%Y"])
def test_days_alone(form: str) -> None:
    days = [time.replace(hour=0, minute=0) for time in TIMES]
    assert days_of([day.strftime(form) for day in days]) == [str(day) for day in days]


def test_months_with_a_point_keep_their_zero() -> None:
    cells = [f"{2015 + i // 12}.{i % 12 + 1:02}" for i in range(60)]
    assert days_of(cells)[9] == "2015-10-01 00:00:00"


@pytest.mark.parametrize(
    ("cell", "first"),
    [("1Q2020", "2020-01-01"), ("2020H2", "2020-07-01"), ("KW 2/2020", "2020-01-06")],
)
def test_parts_of_years(cell: str, first: str) -> None:
    assert days_of([cell] * 9)[0] == f"{first} 00:00:00"


def test_days_of_years_and_cases_of_years() -> None:
    cells = [f"{2020 + i // 300}-{i % 300 + 1:03}" for i in range(600)]
    assert guessed(cells, "case").role != "datetime"
    assert days_of(cells, "date")[59] == "2020-02-29 00:00:00"


def test_serial_days_among_written_ones() -> None:
    start = dt.datetime(1899, 12, 30)
    days = [time.replace(hour=0, minute=0) for time in TIMES]
    cells = [f"{d:%m/%d/%Y}" if d.day > 12 else str((d - start).days) for d in days]
    assert days_of(cells) == [str(day) for day in days]


@pytest.mark.parametrize(
    "cells",
    [
        [f"{i % 9}.{i % 12}.{2000 + i}" for i in range(60)],
        [f"10.{i}.{i % 7}.1" for i in range(60)],
        [f"{1000 + i}-{i % 12 + 1:02}" for i in range(60)],
        ["2020-21", "2021-22"] * 20,
        [f"2011-08-04 10:{i:02}:00 XYZ" for i in range(60)],
    ],
)
def test_other_numbers_are_no_dates(cells: list[str]) -> None:
    assert guessed(cells).role != "datetime"


def test_layouts_of_a_cell() -> None:
    assert layouts("2020:09:01 00:00:00")[0] == "%Y:%m:%d %H:%M:%S"
    assert layouts("01-02-03") == ["%y-%m-%d"]  # with the day or the month first it is a common one
    assert layouts("1 bed 2 bath 3") == layouts("12") == layouts("99-02-45") == []


NOW = 2026


@pytest.mark.parametrize(
    ("years", "name", "last"),
    [
        (range(1969, 2020), "x", 2068),
        ([*range(2030, 2069), *range(1969, 2011)], "x", NOW),  # births of 1930 to 2010
        (range(2040, 2060), "date_of_birth", NOW), (range(2040, 2060), "x", NOW),
        (range(2020, 2045), "x", 2068), (range(2040, 2060), "maturity", 2068),
        (range(2027, 2037), "x", 2068),
    ],
)  # fmt: skip
def test_the_century_of_two_digits(years: range, name: str, last: int) -> None:
    assert last_year_of(np.array(years), name, NOW)[0] == last


def test_births_are_past_and_new_rows_too() -> None:
    cells = [f"{(i * 7) % 28 + 1:02}-{i % 12 + 1:02}-{(30 + i % 80) % 100:02}" for i in range(300)]
    found = guessed(cells, "birth")
    assert "years of two digits read as 1930 to 2009" in found.reason
    new = parse_column(pa.array(["16-07-68"]), "birth", found.parse).numbers
    assert new is not None
    assert str(new.astype("datetime64[s]")[0]) == "1968-07-16T00:00:00"
