"""Numbers written as text, with units, magnitudes and marks; and text that is no number."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from automl_core.table.inference.schema_inference import infer_schema
from automl_core.table.inference.target import guess_task
from automl_core.table.parsing.parse import parse_column
from automl_core.table.schema import Role
from tests.table.guessed import guessed, numbers_of

N = 300
RNG = np.random.default_rng(0)
WHOLE = [int(v) for v in RNG.integers(100, 90_000, N)]
SMALL = [int(v) for v in RNG.integers(1, 100, N)]


def either(*cells: Any) -> list[Any]:
    """The cells in turn, N in all."""
    return [cells[i % len(cells)] for i in range(N)]


@pytest.mark.parametrize(
    ("cells", "first", "words"),
    [
        ([f"{v / 10:.1f} km/l" for v in WHOLE], WHOLE[0] / 10, "unit 'km/l'"),
        ([f"{v} CC" for v in WHOLE], WHOLE[0], "unit 'cc'"),
        ([f"{v:,} sq ft" for v in WHOLE], WHOLE[0], "unit 'sq ft'"),
        (either(" 36 months", " 60 months"), 36, "unit 'months'"),
        ([f"{v}%" for v in SMALL], SMALL[0], "numbers written as text"),
        ([f"{v} %" for v in SMALL], SMALL[0], "numbers written as text"),
        ([f"${v:,}" for v in WHOLE], WHOLE[0], "thousands ','"),
        ([f"{v:,} USD" for v in WHOLE], WHOLE[0], "thousands ','"),
        ([f"EUR {v}" for v in WHOLE], WHOLE[0], "numbers written as text"),
        ([f"Rs. {v}" for v in WHOLE], WHOLE[0], "numbers written as text"),
        ([f"({v:,})" for v in WHOLE], -WHOLE[0], "thousands ','"),
        ([f"{v}-" for v in WHOLE], -WHOLE[0], "numbers written as text"),
        (either("1.234,56", "12,5", "1.000.000"), 1234.56, "decimal ',', thousands '.'"),
        (either("1'234.5", "12", "1’000"), 1234.5, "thousands"),
        (either("1,23,456", "12,34,567.5", "45,678", "9"), 123_456, "thousands ','"),
        (either("1 234,5", "12 345"), 1234.5, "thousands ' '"),
        (either("0,123", "0,5"), 0.123, "decimal ','"),
        (either("1.5e3", "2E-1", "7"), 1500, "numbers written as text"),
        (either("13:30", "7:45", "23:00"), 13.5, "read as hours"),
        (either("1:30 PM", "12:15 am", "7:45 AM"), 13.5, "read as hours"),
    ],
)  # fmt: skip
def test_numbers_in_many_spellings(cells: list[str], first: float, words: str) -> None:
    found = guessed(cells)
    assert (found.role, found.missing) == ("numeric", 0), found
    assert words in found.reason
    assert numbers_of(cells)[0] == pytest.approx(first)


@pytest.mark.parametrize(
    ("cells", "values", "words"),
    [
        (("19M", "201k", "1.5B", "950"), (19e6, 201e3, 1.5e9, 950), "'m' is 1,000,000"),
        (("$1.5M", "€20M", "3K"), None, ""),
        (("€1.5M", "€20K", "€0"), (1.5e6, 20e3, 0), "magnitudes"),
        (("3.5万", "1.2亿"), (35e3, 1.2e8), "magnitudes"),
        (("5M", "7M"), (5e6, 7e6), "magnitudes"),
        (("5 m", "7 m"), (5, 7), "unit 'm'"),
        (("500 g", "2 kg", "1 kg"), (0.5, 2, 1), "all of them in 'kg'"),
        (("5 mm", "2 cm", "5 mm"), (5, 20, 5), "all of them in 'mm'"),
        (("90 min", "2 h", "3 h"), (1.5, 2, 3), "all of them in 'h'"),
        (("2h 50m", "19h", "30m"), (2 + 5 / 6, 19, 0.5), "all of them in 'h'"),
        (("1 year", "2 years", "6 months"), (1, 2, 0.5), "all of them in 'year"),
        (("512 KB", "1 MB", "2 MB"), (0.512, 1, 2), "all of them in 'mb'"),
        (("12 km/l", "11 kmpl", "14.5 km/l"), (12, 11, 14.5), "the unit 'km/l', 'kmpl'"),
        (("6'1\"", "5'11\""), (73, 71), "units"),
        (("6'1", "5'11", "5'9"), (73, 71, 69), "units"),
        (("4.5/5", "3/5"), (4.5, 3), "unit '/5'"),
        (("4.5 out of 5 stars", "3.0 out of 5 stars"), (4.5, 3), "unit"),
    ],
)
def test_units_are_brought_together(
    cells: tuple[str, ...], values: tuple[float, ...] | None, words: str
) -> None:
    cells = tuple(either(*cells))
    found = guessed(cells)
    if values is None:  # dollars and euros have no common unit
        assert found.role == "category"
        return
    assert found.role == "numeric", found
    assert words in found.reason
    assert numbers_of(cells)[: len(values)] == pytest.approx(values, abs=1e-3)


@pytest.mark.parametrize(
    ("cells", "first"),
    [
        (("10-20", "21-30", "31-40"), 15),
        (("18-24", "25-34", "35-44", "65+"), 21),
        (("1,000 - 5,000", "5,000 - 10,000", "100 - 500"), 3000),
        (("$10–$20", "$20–$30", "$30–$50"), 15),
        (("< 1 year", "1 year", "2 years", "9 years", "10+ years"), 0.5),
        (("less than 5", "5 to 9", "10 or more"), 2.5),
        (("10-20k", "20-30k", "5k-10k"), 15_000),
        (("<0.1", "0.2", "0.31", "0.5"), 0.05),
    ],
)
def test_ranges_are_their_middle(cells: tuple[str, ...], first: float) -> None:
    found = guessed(either(*cells))
    assert (found.role, found.parse.ranges) == ("numeric", True)
    assert "read as their middle" in found.reason
    assert numbers_of(either(*cells))[0] == first


@pytest.mark.parametrize(
    "cells",
    [
        [f"{v} {'km/l' if v % 2 else 'km/kg'}" for v in SMALL],  # nothing in common
        [f"{'$' if v % 2 else '€'}{v}" for v in SMALL],
        [f"{v}{'ABCDEF'[v % 6]}" for v in SMALL],  # seats
        either("1st", "2nd", "3rd", "11th"),
        either("3-1", "0-2", "1-1", "2-0"),  # scores
        either("1/2", "3/4", "9/2"),
        either("25:19", "21:15", "25:23"),  # scores
        either("8 out of 30", "3 out of 22"),
        either("010-020", "020-035"),
        either("<=50K", ">50K"),
        either("2009-10", "2010-11", "2012-13"),  # seasons
        either("90 min", "2 seasons", "1 season"),
        [f"{200 + v}-{2000 + 7 * i}" for i, v in enumerate(SMALL)],  # local phone numbers
        [f"{v + 90}/{v}" for v in SMALL],  # blood pressure
        either("4.1 and up", "4.0.3 and up", "5.0 - 8.0"),
        [f"1.{v % 7}.{v}" for v in SMALL],
        either("1 bed 2 bath", "3 bed 1 bath"),
        either("S", "M", "L", "10"),
        either("10x20", "20x30"),
        [f"{v} {'kg' if v % 2 else ''}{'' if v % 2 else 'pieces'}" for v in SMALL],
        [f"{v} kg" if v % 3 == 0 else f"{v} g" if v % 3 == 1 else f"{v}" for v in SMALL],
    ],
)
def test_text_that_is_no_number_is_left_alone(cells: list[str]) -> None:
    found = guessed(cells)
    assert found.role in ("category", "id"), found


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ([f"{v} {'km/l' if v % 2 else 'km/kg'}" for v in SMALL], "nothing in common"),
        ([f"{'$' if v % 2 else '€'}{v}" for v in SMALL], "several currencies"),
        ([f"{v}{'AB'[v % 2]}" for v in SMALL], "different values"),
        ([f"{v}{'th' if v % 10 > 3 else 'st'}" for v in SMALL], "different values"),
    ],
)
def test_the_reason_says_why_numbers_stay_words(cells: list[str], words: str) -> None:
    assert words in guessed(cells).reason


@pytest.mark.parametrize(
    ("stray", "share", "role"),
    [
        ("Varies with device", 0.15, "numeric"), ("varies", 0.5, "category"), ("?", 0.5, "numeric"),
        ("null bhp", 0.1, "numeric"), ("v2", 0.01, "numeric"), ("v2", 0.1, "category"),
    ],
)  # fmt: skip
def test_a_stray_word_among_units_is_missing(stray: str, share: float, role: Role) -> None:
    cells = [f"{v} bhp" for v in WHOLE]
    for i in range(int(share * N)):
        cells[i * 2] = stray
    found = guessed(cells)
    assert found.role == role, found
    if role == "numeric":
        assert found.missing == int(share * N)
        assert f"missing where it says {stray.lower()!r}" in found.reason


def test_marks_are_found_behind_the_first_thousand_values() -> None:
    cells = [str(v) for v in range(5_000)] + ["unknown", "Not Available"]
    assert guessed(cells).parse.missing == ("unknown", "not available")
    words = [f"w{v % 2000}" for v in range(5_000)] + ["NULL"]
    assert guessed(words).parse.missing == ("null",)
    days = [f"20{v % 90 + 10}-0{v % 9 + 1}-1{v % 7}" for v in range(5_000)] + ["tbd"]
    assert guessed(days).parse.missing == ("tbd",)


def test_a_rule_reads_new_rows_as_it_read_the_old() -> None:
    rule = guessed(either("19M", "Varies with device", *[f"{v}k" for v in SMALL])).parse
    new = pa.array(["2.5m", " 7 K", "varies with device", "12", "3 furlongs", None])
    typed = parse_column(new, "x", rule)
    assert typed.numbers is not None
    assert typed.numbers[[0, 1, 3]].tolist() == [2.5e6, 7e3, 12]
    assert np.isnan(typed.numbers[[2, 4, 5]]).all()


def test_times_of_day_of_any_type_are_hours() -> None:
    assert numbers_of([dt.time(13, 30), dt.time(7, 45), None] * 9)[:3] == [13.5, 7.75, None]


def test_bands_that_are_the_target_stay_classes() -> None:
    table = pa.table({"band": either("18-24", "25-34", "35-44", "65+"), "x": WHOLE})
    schema = infer_schema(table)
    assert schema.column("band").role == "numeric"
    assert guess_task(table, schema, "band").task == "multiclass"


def test_about_a_number_is_that_number() -> None:
    cells = [*map(str, SMALL), "~12", "approx. 40", "ca. 7", "about 30", "≈ 5", "Approx 1.5"]
    found = guessed(cells)
    assert (found.role, found.missing) == ("numeric", 0), found
    assert numbers_of(cells)[-6:] == [12, 40, 7, 30, 5, 1.5]
    assert numbers_of([f"{v} km" for v in SMALL] + ["~12 km"])[-1] == 12


def test_free_among_prices_is_nothing_and_elsewhere_a_gap() -> None:
    cells = [*[f"${v}.50" for v in SMALL], "Free", "FREE", "n/a"]
    found = guessed(cells)
    assert (found.role, found.missing, found.parse.zero) == ("numeric", 1, ("free",))
    assert "0 where it says 'free'" in found.reason
    assert numbers_of(cells)[-3:] == [0, 0, None]
    named = guessed([*[f"{v / 10:.1f}" for v in WHOLE], "Kostenlos"], "Preis in Euro")
    assert (named.missing, named.parse.zero) == (0, ("kostenlos",))
    seats = guessed([*map(str, WHOLE), "free"], "seats")
    assert (seats.role, seats.missing, seats.parse.zero) == ("numeric", 1, ())
