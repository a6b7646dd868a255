"""Differences of the board in words: signs, intervals, and no exponent beside ordinary numbers."""

from __future__ import annotations

import pytest

from pages.components.models.board_table import signed_interval


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ((0.0012, -0.0017, 0.0043), "+0.0012 (−0.0017 to +0.0043)"),
        ((0.0000744, -0.0029, 0.00333), "+0.0001 (−0.0029 to +0.0033)"),
        ((-0.00001, -0.2, 0.00002), "+0.0000 (−0.2000 to +0.0000)"),
        ((2e-6, 1e-6, 3e-6), "+2e-06 (+1e-06 to +3e-06)"),
        ((-12.5, None, None), "−12.50"),
    ],
)
def test_a_difference_and_its_interval_have_one_form(
    found: tuple[float, float | None, float | None], said: str
) -> None:
    assert signed_interval(*found) == said
