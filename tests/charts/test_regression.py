"""Figures of a regression show the numbers they were given."""

from __future__ import annotations

import numpy as np

from automl_core.charts.regression import draw_actual_predicted, draw_errors
from automl_core.evaluation.diagnostics import actual_predicted


def test_points_and_one_range_for_both_axes() -> None:
    y = np.array([1.0, 2.0, 3.0])
    figure = draw_actual_predicted(actual_predicted(y, y + 7), "price <b>")
    assert list(figure.data[0].x) == [1.0, 2.0, 3.0]
    assert list(figure.data[0].y) == [8.0, 9.0, 10.0]
    assert figure.layout.xaxis.range == figure.layout.yaxis.range
    assert figure.layout.xaxis.title.text == "Actual price &lt;b&gt;"


def test_errors_are_counted() -> None:
    y = np.zeros(1000)
    result = actual_predicted(y, np.linspace(-1, 1, 1000))
    figure = draw_errors(result)
    assert 980 <= sum(figure.data[0].y) <= 1000  # the outermost 1 % is cut
    assert len(figure.data[0].x) == len(figure.data[0].y) == 30


def test_a_single_row_and_an_exact_model_are_drawn() -> None:
    for y in (np.array([5.0]), np.full(10, 5.0)):
        result = actual_predicted(y, y)
        assert draw_actual_predicted(result, "y").data and draw_errors(result).data


def test_a_long_tail_goes_on_a_log_scale_with_a_zero() -> None:
    y = np.concatenate([np.zeros(20), np.geomspace(10, 1e7, 380)])
    result = actual_predicted(y, y * 1.1 - 5)  # negative where y is 0
    figure = draw_actual_predicted(result, "reviews")
    shown = dict(zip(figure.layout.xaxis.ticktext, figure.layout.xaxis.tickvals, strict=True))
    assert shown["0"] == 0.0 and "-100" not in shown
    steps = np.diff([shown[name] for name in ("1k", "10k", "100k", "1M")])
    assert np.allclose(steps, 1.0, atol=0.05)  # as far apart as on any log axis
    assert figure.layout.xaxis.range == figure.layout.yaxis.range
    assert list(figure.data[0].customdata[0]) == [y[0], y[0] * 1.1 - 5]  # hovering tells values
    middle = np.median(figure.data[0].x)
    assert 0.2 < middle / max(figure.data[0].x) < 0.8  # and not in a corner


def test_an_even_target_keeps_plain_axes() -> None:
    y = np.random.default_rng(0).normal(100, 20, 500)
    figure = draw_actual_predicted(actual_predicted(y, y + 1), "price")
    assert figure.layout.xaxis.tickvals is None
    assert list(figure.data[0].x) == list(y)
