"""Whole numbers of 16 digits and more: exact, rounded, or clocks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from automl_core.table.checks.long_numbers import long_numbers
from tests.table.checks.looked import one

N = 200
RNG = np.random.default_rng(2)
LONG = RNG.integers(10**17, 10**18, N)


def test_numbers_that_no_float_holds_are_offered_as_ids() -> None:
    near = 10**17 + np.arange(N) * 3 % 101
    stats, column, _ = one(near.astype(np.int64))
    finding = long_numbers(stats, column)
    assert finding is not None
    if column.parse.kind == "number":
        assert "101 different values become" in finding.message and finding.action is not None
    else:
        assert finding.state == "noted"


@pytest.mark.parametrize(
    "cells",
    [LONG.astype(float), LONG // 10_000 * 10_000, [f"{v:.5E}" for v in LONG],
     [str(v // 1_000 * 1_000) for v in LONG]],
)  # fmt: skip
def test_digits_that_are_lost_are_said(cells: Any) -> None:
    stats, column, _ = one(cells)
    finding = long_numbers(stats, column)
    assert finding is not None and "lost" in finding.message and finding.severity == "warning"


@pytest.mark.parametrize(
    "cells",
    [
        1_600_000_000_000_000_000 + RNG.integers(0, 10**7, N) * 10**9,
        1_600_000_000_000_000 + RNG.integers(0, 10**7, N) * 10**6,
        10 ** RNG.uniform(15, 30, N), RNG.integers(0, 10**15, N), RNG.normal(size=N),
    ],
)  # fmt: skip
def test_clocks_and_amounts_are_left_alone(cells: Any) -> None:
    assert long_numbers(*one(cells)[:2]) is None
