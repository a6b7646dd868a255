"""Numbers that stand for a missing value, and those that only look so."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from automl_core.table.inference.sentinels import find_sentinels
from tests.table.guessed import guessed

RNG = np.random.default_rng(1)
AGES = RNG.integers(18, 80, 400)
LEVELS = RNG.normal(20, 5, 400)


def planted(values: np.ndarray, mark: float, every: int = 20) -> list[float]:
    cells = values.copy()
    cells[::every] = mark
    return [v.item() for v in cells]


@pytest.mark.parametrize(
    ("values", "mark"),
    [
        (AGES, 999), (AGES, -999), (AGES, -9), (LEVELS, -9999), (LEVELS + 100, -99),
        (np.abs(LEVELS), 9999),
    ],
)  # fmt: skip
def test_a_frequent_number_far_from_all_others_is_missing(values: np.ndarray, mark: int) -> None:
    found = guessed(planted(values, mark))
    assert (found.role, found.missing, found.parse.missing) == ("numeric", 20, (str(mark),))
    assert f"missing where it says '{mark}'" in found.reason
    text = guessed([f"{v:g}" for v in planted(values, mark)])
    assert (text.missing, text.parse.missing) == (20, (str(mark),))


@pytest.mark.parametrize(
    ("values", "mark"),
    [
        (RNG.uniform(2, 1_479, 400), "-200"), (RNG.integers(0, 900, 400), "-1000"),
        (LEVELS.round(2), "-99.99"), (LEVELS.round(1), "-200"), (AGES, "-88"),
        (RNG.integers(0, 900, 400), "2147483647"), (RNG.integers(-90, 900, 400), "-32768"),
        (LEVELS, "1e+30"), (LEVELS, "-999.9"), (RNG.uniform(2, 1_479, 400), "-123.4"),
    ],
)  # fmt: skip
def test_its_digits_do_not_matter_where_it_is_frequent_and_alone(
    values: np.ndarray, mark: str
) -> None:
    found = guessed(planted(values.astype(np.float64), float(mark), 10))
    assert (found.missing, found.parse.missing) == (40, (mark,))


def test_a_single_precision_mark_is_the_one_that_was_meant() -> None:
    cells = pa.array(planted(LEVELS, -99.99), pa.float32())
    assert (guessed(cells).missing, guessed(cells).parse.missing) == (20, ("-99.99",))


def test_nearly_all_rows_may_lack_a_value() -> None:
    cells = [-200.0] * 3_600 + list(RNG.uniform(7, 1_189, 400))
    assert guessed(cells).missing == 3_600


@pytest.mark.parametrize("codes", [(-9, -8, -7), (997, 998, 999), (-99, -999)])
def test_several_codes_for_several_kinds_of_gaps(codes: tuple[int, ...]) -> None:
    cells = list(AGES) + [code for code in codes for _ in range(12)]
    found = guessed([int(c) for c in cells])
    assert (found.missing, set(found.parse.missing)) == (12 * len(codes), set(map(str, codes)))


def test_minus_one_where_it_is_the_most_frequent_number_of_many() -> None:
    days = RNG.integers(0, 500, 400)
    assert guessed(planted(days, -1, 4)).parse.missing == ("-1",)
    assert guessed(planted(days, -1, 399)).parse.missing == ()


@pytest.mark.parametrize(
    "values",
    [
        planted(RNG.integers(0, 5_000, 400), 999),  # in the midst of others
        planted(AGES, 99),  # hardly above the others
        planted(AGES, 150),  # no conventional number
        planted(AGES, 999, 399),  # too rare
        planted(LEVELS - 20, -9),  # others are negative too
        planted(RNG.integers(0, 9, 400), -1),  # a floor below ground
        [-1, 0, 1] * 50,
        planted(RNG.uniform(1, 500, 400).round(2), -25, 40),  # a refund
        list(RNG.normal(70, 25, 900).clip(0, 99).round()),  # a top code
        list(RNG.lognormal(11, 1, 900).clip(None, 150_000).round()),  # a cap
        planted(RNG.lognormal(10, 0.5, 400).round(), 0, 3),  # no income
        planted(RNG.integers(1, 40, 400), -1, 90),
        planted(RNG.integers(1, 6, 400), 999),  # few values: perhaps a level of its own
    ],
)
def test_honest_numbers_are_left_alone(values: list[float]) -> None:
    assert guessed(values).parse.missing == ()


def asked(values: list[float]) -> list[float]:
    numbers, counts = np.unique(np.array(values, np.float64), return_counts=True)
    return [s.value for s in find_sentinels(numbers, counts) if not s.sure]


@pytest.mark.parametrize(
    ("values", "mark"),
    [
        (RNG.integers(1, 6, 400), 99), (RNG.integers(1, 6, 400), -9),  # few values
        (RNG.uniform(15, 50, 400).round(1), 0), (RNG.normal(31, 5, 400).clip(16, 48).round(1), 0),
        (RNG.poisson(6, 400), -1), (RNG.poisson(2, 400), -1), (RNG.geometric(0.4, 400), -1),
    ],
)  # fmt: skip
def test_what_may_be_a_gap_is_asked(values: np.ndarray, mark: int) -> None:
    cells = planted(values, mark, 10)
    assert asked(cells) == [mark]
    assert guessed(cells).parse.missing == ()


@pytest.mark.parametrize(
    "values",
    [
        RNG.poisson(3, 400) - 1,  # goes below zero on its own
        planted(RNG.integers(0, 9, 400), -1),
        planted(RNG.gamma(2, 400, 400), 0, 5),  # many near zero as well
        planted(RNG.integers(1, 6, 400), 0, 5),
        planted(RNG.uniform(500, 5_000, 400), 0, 5),
    ],
)
def test_what_is_likely_a_value_is_not_asked(values: list[float]) -> None:
    assert asked(values) == []


def test_a_number_with_a_unit_may_stand_for_a_gap_too() -> None:
    found = guessed([f"{v:g} kg" for v in planted(AGES, -999)])
    assert (found.role, found.missing, found.parse.missing) == ("numeric", 20, ("-999",))
