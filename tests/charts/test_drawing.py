"""Numbers for people, texts that Plotly must not read as markup, and thinning."""

from __future__ import annotations

import pytest

from automl_core.charts.drawing import escape, number, thin


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.92741, "0.9274"), (0.0, "0.0000"), (-0.5, "-0.5000"), (3.14159, "3.142"),
        (48231.2, "48,231"), (999.96, "1000.0"), (0.00001234, "1.23e-05"), (float("nan"), "–"),
        (2.5e15, "2.5e+15"),
    ],
)  # fmt: skip
def test_numbers_have_four_significant_digits(value: float, shown: str) -> None:
    assert number(value) == shown


def test_text_is_one_short_line_without_markup() -> None:
    assert escape("<a href='x'>\n&amp;") == "&lt;a href='x'&gt; &amp;amp;"
    assert escape("x" * 50, most=10) == "x" * 9 + "…"


def test_thinning_keeps_both_ends() -> None:
    assert thin(3, 5) == [0, 1, 2]
    kept = thin(1000, 300)
    assert len(kept) == 300 and kept[0] == 0 and kept[-1] == 999
