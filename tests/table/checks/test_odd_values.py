"""Frequent numbers far outside of all others, whatever their digits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from automl_core.table.checks.odd_values import find_odd_values
from tests.table.checks.looked import found

N = 600
RNG = np.random.default_rng(3)
GAP = np.arange(N) % 9 == 0
WARM, AMOUNTS = RNG.normal(15, 8, N).round(1), RNG.gamma(2, 300, N).round(1)


def marks(cells: Any) -> set[float]:
    values, counts = np.unique(np.asarray(cells, np.float64), return_counts=True)
    return {odd.value for odd in find_odd_values(values, counts)}


@pytest.mark.parametrize("odd", [-200.0, -1000.0, -99.99, 9999.0, 777.0, -273.15, 1e9])
def test_any_number_far_outside_of_all_others(odd: float) -> None:
    assert marks(np.where(GAP, odd, WARM)) == {odd}


@pytest.mark.parametrize("odd", [-200.0, -1000.0, -99.99, -55.5])
def test_the_only_negative_number_of_many_rows(odd: float) -> None:
    assert marks(np.where(GAP, odd, AMOUNTS)) == {odd}


def test_two_at_one_end_and_one_at_each() -> None:
    assert marks(np.where(GAP, 9998, np.where(np.roll(GAP, 1), 9999, WARM))) == {9998, 9999}
    assert marks(np.where(GAP, -888, np.where(np.roll(GAP, 1), 8888, WARM))) == {-888, 8888}


@pytest.mark.parametrize(
    "cells",
    [
        WARM, AMOUNTS, np.minimum(AMOUNTS, 900), np.maximum(WARM, 0), np.where(GAP, 0, AMOUNTS),
        np.where(GAP, 99, RNG.integers(0, 100, N)), RNG.normal(0, 300, N).round(),
        np.where(np.arange(N) == 5, 9e9, WARM),
    ],
)  # fmt: skip
def test_caps_zeros_rare_values_and_the_rest_are_left_alone(cells: Any) -> None:
    assert marks(cells) == set()


def test_the_finding_has_a_fix_by_its_exact_mark() -> None:
    (finding,) = found({"x": np.where(GAP, -99.99, WARM), "z": WARM}, "disguised_missing")
    assert finding.action is not None and finding.action.values == ("-99.99",)
    assert finding.rows[0] == 0
