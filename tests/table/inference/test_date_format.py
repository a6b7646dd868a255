"""Dates in any common form, the order of day and month, and what is no date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pytest

from automl_core.table.inference import infer_schema
from automl_core.table.parsing.dates import COMMON_FORMATS
from automl_core.table.parsing.parse import parse_column
from automl_core.table.schema import ParseRule
from tests.table.guessed import days_of, guessed

DAYS = [dt.datetime(2015, 1, 1, 0, 5, 7) + dt.timedelta(days=5 * i, hours=i) for i in range(300)]
GERMAN = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember"
FRENCH = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
SPANISH = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("%Y-%m-%d", "d"), ("%d/%m/%Y", "d"), ("%m/%d/%Y", "d"), ("%d.%m.%Y", "d"),
        ("%d-%m-%Y %H:%M", "dm"), ("%b %d, %Y", "d"), ("%d %B %Y", "d"), ("%d-%b-%y", "d"),
        ("%Y/%m/%d %H:%M", "dm"), ("%Y%m%d", "d"), ("%Y-%m", ""), ("%m/%Y", ""), ("%B %Y", ""),
        ("%b-%y", ""), ("%Y-%m-%dT%H:%M:%SZ", "dms"), ("%m/%d/%Y %I:%M %p", "dm"),
        ("%A, %d %B %Y", "d"), ("%a %b %d %H:%M:%S %Y", "dms"), ("%d%b%Y", "d"),
        ("%Y%m%dT%H%M%S", "dms"), ("%d/%b/%Y:%H:%M:%S +0000", "dms"), ("%m/%d/%y %H:%M", "dm"),
        ("%a, %d %b %Y %H:%M:%S GMT", "dms"), ("%Y-%m-%dT%H:%M:%S.000+00:00", "dms"),
        ("%Y年%m月%d日", "d"), ("%Y年%m月%d日 %H:%M", "dm"), ("%Y년 %m월 %d일", "d"),
    ],
)  # fmt: skip
def test_dates_in_many_forms(written: str, parts: str) -> None:
    cells = [day.strftime(written) for day in DAYS]
    found = guessed(cells)
    assert (found.role, found.missing) == ("datetime", 0), found
    kept = {"d": {"day": 1}, "m": {"hour": 0, "minute": 0}, "s": {"second": 0}}
    lost = {k: v for part, zeros in kept.items() if part not in parts for k, v in zeros.items()}
    assert days_of(cells)[:40] == [str(day.replace(**lost)) for day in DAYS[:40]]


@pytest.mark.parametrize(
    ("names", "form"),
    [(GERMAN, "{}. {} {}"), (FRENCH, "{} {} {}"), (SPANISH, "{} de {} de {}"),
     ("Jan Feb Mar Apr May June July Aug Sept Oct Nov Dec", "{} {}. {}")],
)  # fmt: skip
def test_months_in_other_languages(names: str, form: str) -> None:
    months = names.split()
    cells = [form.format(day.day, months[day.month - 1], day.year) for day in DAYS]
    assert guessed(cells).role == "datetime"
    assert days_of(cells)[:40] == [str(dt.datetime(d.year, d.month, d.day)) for d in DAYS[:40]]


@pytest.mark.parametrize(
    ("cells", "first", "words"),
    [
        (["2018Q1", "2018Q3", "2019-Q4"], "2018-01-01", "quarters"),
        (["Q2 2018", "Q3 2018", "Q1/2019"], "2018-04-01", "quarters"),
        (["2018-W01", "2019W30", "2020-W53"], "2018-01-01", "weeks"),
        (["7th January 2018", "1st May 2019"], "2018-01-07", ""),
        (["January 7th, 2018", "May 22nd, 2019"], "2018-01-07", ""),
        (["0000-00-00", "2018-01-07", "2019-02-03"], None, "missing where it says '0000-00-00'"),
    ],
)
def test_quarters_weeks_and_ordinals(cells: list[str], first: str | None, words: str) -> None:
    found = guessed(cells * 20)
    assert found.role == "datetime", found
    assert words in found.reason
    assert days_of(cells * 20)[0] == (first and f"{first} 00:00:00")


def test_the_order_of_day_and_month_is_decided_on_all_cells() -> None:
    early = [f"{d.day % 12 + 1:02d}/{d.month:02d}/{d.year}" for d in DAYS * 3]
    late = [f"{day}/01/2016" for day in range(13, 29)]
    both = guessed(early + late)
    assert both.parse.formats == ("%d/%m/%Y",)
    assert both.reason.endswith("day first")
    unsure = guessed(early)
    assert unsure.parse.formats == ("%m/%d/%Y",)
    assert "no cell tells the order" in unsure.reason


def test_two_orders_in_one_column_are_never_mixed() -> None:
    cells = [d.strftime("%d/%m/%Y" if i % 2 else "%m/%d/%Y") for i, d in enumerate(DAYS)]
    found = guessed(cells)
    assert found.role == "category"
    assert "day first in some cells" in found.reason


@pytest.mark.parametrize(
    ("name", "values", "first"),
    [
        ("created_at", [1_600_000_000, 1_600_086_400], "2020-09-13 12:26:40"),
        ("created_at", [1_600_000_000_000, 1_600_086_400_000], "2020-09-13 12:26:40"),
        ("Order Date", [43_831, 43_832, 43_900, 44_000], "2020-01-01 00:00:00"),
        ("month", [202_001, 202_012, 202_105, 202_107], "2020-01-01 00:00:00"),
        ("x", [20_200_131, 20_201_231, 20_210_501, 20_210_701], "2020-01-31 00:00:00"),
    ],
)
def test_numbers_that_count_time(name: str, values: list[int], first: str) -> None:
    found = guessed(values * 20, name)
    assert found.role == "datetime", found
    assert days_of(values * 20, name)[0] == first


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("price", [43_831, 43_832, 43_900, 44_000]), ("x", [202_001, 202_012, 202_105, 202_107]),
        ("year", [2018, 2019, 2020]), ("year", ["2018", "2019", "2020"]),
        ("updates", [43_831, 43_832, 43_900, 44_000]), ("score", ["1.2018", "3.1999", "2.0205"]),
    ],
)  # fmt: skip
def test_numbers_that_are_no_dates(name: str, values: list[Any]) -> None:
    assert guessed(values * 20, name).role == "numeric"


@pytest.mark.parametrize(
    "cells",
    [
        ["January", "May", "June"], ["Monday", "Tuesday"], ["1.0.2", "1.12.3", "2.0.0"],
        ["8 out of 30", "3 out of 22"], ["Mai 5 Co", "Mars 12 Ltd"], ["10.0.0.1", "10.1.2.3"],
    ],
)  # fmt: skip
def test_words_and_versions_are_no_dates(cells: list[str]) -> None:
    assert guessed(cells * 20).role == "category"


@pytest.mark.parametrize(
    ("written", "wrong"),
    [
        ("%d/%m/%Y", "31/02/2021"), ("%Y-%m-%d", "2021-02-29"), ("%d.%m.%y", "31.04.21"),
        ("%Y%m%d", "20210931"), ("%d %b %Y", "30 Feb 2021"), ("%d. %B %Y", "31. Juni 2021"),
        ("%Y-%m-%dT%H:%M:%S", "2021-11-31T10:00:00"), ("%m/%d/%Y %I:%M %p", "02/30/2021 01:00 PM"),
    ],
)  # fmt: skip
def test_days_that_no_month_has_are_missing(written: str, wrong: str) -> None:
    cells = [day.strftime(written) for day in DAYS]
    found = guessed([*cells, wrong, wrong])
    assert (found.role, found.missing) == ("datetime", 2), found
    assert days_of([*cells, wrong])[-1] is None
    assert None not in days_of(cells)


def test_many_impossible_days_make_no_column_of_words() -> None:
    cells = [f"{d % 31 + 1:02d}/{d % 12 + 1:02d}/2021" for d in range(372)]
    found = guessed(cells)
    assert (found.role, found.missing) == ("datetime", 7)
    assert found.reason.endswith("day first")


def test_the_first_of_a_month_and_leap_days_are_days() -> None:
    cells = [f"{d:02d}/{m:02d}/2020" for m in range(1, 13) for d in (1, 2, 3, 28)] + ["29/02/2020"]
    assert None not in days_of(cells)


@pytest.mark.parametrize(
    ("cell", "utc"),
    [
        ("2011年8月4日", "2011-08-04 00:00:00"),
        ("2011-08-04 10:00:00 EST", "2011-08-04 15:00:00"),
        ("2011-08-04 10:00:00 UTC", "2011-08-04 10:00:00"),
        ("2011-08-04 10:00:00.5+02:00", "2011-08-04 08:00:00.500000"),
        ("2011-08-04 10:00:00+02", "2011-08-04 08:00:00"),
        ("2011-08-04 10:00 UTC+2:00", None),
        ("08/04/2011 10:00 PM CEST", "2011-08-04 20:00:00"),
        ("Thu Aug 04 22:19:45 PDT 2011", "2011-08-05 05:19:45"),
        ("Thu Aug 04 22:19:45 +0000 2011", "2011-08-04 22:19:45"),
        ("04.08.2011 10:00 MESZ", "2011-08-04 08:00:00"),
        ("2011-08-04 10:00:00 XYZ", None),
    ],
)
def test_zones_and_eastern_dates(cell: str, utc: str | None) -> None:
    same_form = [
        cell.replace("10:00", f"10:{i:02d}").replace("19:45", f"19:{i:02d}") for i in range(46)
    ]
    cells = [cell] + [c for c in same_form if c != cell]
    if utc is None:
        assert guessed(cells).role != "datetime"
        return
    assert guessed(cells * 2, "when").role in ("datetime", "ignored")
    rule = ParseRule("datetime", formats=COMMON_FORMATS)
    found = parse_column(pa.array([cell]), "when", rule).numbers
    assert found is not None
    assert str(dt.datetime(1970, 1, 1) + dt.timedelta(seconds=float(found[0]))) == utc


@pytest.mark.parametrize("sign", ["-", "/", "."])
@pytest.mark.parametrize("years", [range(100), range(40, 100), (45, 60, 99, 3)])
def test_years_of_two_digits_may_stand_first(sign: str, years: Sequence[int]) -> None:
    cells = [
        f"{years[i * 7 % len(years)]:02d}{sign}{1 + i % 12:02d}{sign}{1 + i * 5 % 28:02d}"
        for i in range(200)
    ]
    column = infer_schema(pa.table({"born": cells})).column("born")
    assert (column.role, column.parse.formats) == ("datetime", (f"%y{sign}%m{sign}%d",))


def test_three_numbers_that_no_calendar_has_are_no_dates() -> None:
    cells = [f"{i * 7 % 100:02d}-{i * 13 % 100:02d}-{i * 29 % 100:02d}" for i in range(200)]
    assert infer_schema(pa.table({"part": cells})).column("part").role != "datetime"
