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
    assert figure.layout.xaxis.title.text == "actual price &lt;b&gt;"


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
