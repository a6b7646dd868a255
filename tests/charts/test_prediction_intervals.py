"""Coverage as drawn: a point a range, and the level that was asked for."""

from __future__ import annotations

import numpy as np
import pytest

from automl_core.charts.prediction_intervals import draw_coverage
from automl_core.evaluation.prediction_intervals import prediction_intervals
from automl_core.words import percent


def test_ranges_and_level_are_those_of_the_record() -> None:
    rng = np.random.default_rng(0)
    prediction = rng.uniform(1, 20, 600)
    found = prediction_intervals(prediction + rng.normal(0, 1, 600), prediction)
    assert found is not None
    drawing = draw_coverage(found, "price <b>")
    level, points = drawing.traces
    assert level["y"] == [90.0, 90.0]
    assert points["y"] == pytest.approx([100 * p.covered for p in found.by_range], rel=1e-4)
    low, high = drawing.layout["yaxis"]["range"]
    assert low < 100 * min(p.covered_low for p in found.by_range) and high > 100
    assert "&lt;b&gt;" in drawing.layout["xaxis"]["title"]["text"]
    assert f"{percent(found.covered)} of the actual values" in drawing.alt
    drawing.figure()
