"""Residuals by range of the prediction: a planted bias is named, and where there is none, none."""

from __future__ import annotations

import numpy as np
import pytest

from automl_core.charts.residual_ranges import draw_residual_ranges
from automl_core.evaluation.residual_ranges import residual_ranges, residual_sentence


def test_a_bias_in_one_range_is_named_with_its_size() -> None:
    rng = np.random.default_rng(0)
    prediction = rng.uniform(0, 100, 1000)
    y = prediction + rng.normal(0, 3, 1000) - 10 * (prediction > 90)
    ranges = residual_ranges(y, prediction)
    assert len(ranges) == 10 and sum(part.rows for part in ranges) == 1000
    assert [part.is_off for part in ranges] == [False] * 9 + [True]
    last = prediction >= ranges[-1].low
    assert ranges[-1].mean == pytest.approx((prediction - y)[last].mean())
    assert ranges[-1].quantiles[2] == pytest.approx(np.median((prediction - y)[last]))
    words = residual_sentence(ranges)
    assert "are too high by" in words and "1 of 10 ranges" in words
    drawing = draw_residual_ranges(ranges, "price")
    wide, half, means = drawing.traces
    assert means["y"][-1] == pytest.approx(ranges[-1].mean, rel=1e-4)
    tops = [b + h for b, h in zip(wide["base"], wide["y"], strict=True)]
    assert tops == pytest.approx([part.quantiles[4] for part in ranges], rel=1e-3)
    assert half["base"] == pytest.approx([part.quantiles[1] for part in ranges], rel=1e-3)
    assert len(set(means["marker"]["color"])) == 2
    drawing.figure()


def test_without_a_bias_none_is_claimed() -> None:
    claims = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        prediction = rng.uniform(0, 100, 400)
        claims += any(p.is_off for p in residual_ranges(prediction + rng.normal(0, 3, 400), prediction))  # fmt: skip  # noqa: E501
    assert claims <= 8


def test_few_rows_exact_and_constant_predictions() -> None:
    y = np.arange(60.0)
    assert residual_ranges(y[:3], y[:3]) == ()
    assert residual_sentence(()).startswith("In no range")
    exact = residual_ranges(y, y)
    assert len(exact) == 2 and not any(part.is_off for part in exact)
    (constant,) = residual_ranges(y, np.full(60, 29.5))
    assert constant.rows == 60 and not constant.is_off
    uneven = residual_ranges(np.arange(89.0) - 5 * (np.arange(89) < 29), np.arange(89.0))
    assert min(part.rows for part in uneven) >= 29 and uneven[0].is_off
    (shifted,) = residual_ranges(np.full(60, 5.0), np.full(60, 7.0))
    assert shifted.is_off and shifted.mean == 2.0
