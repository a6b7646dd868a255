"""Two models row by row: probabilities of the actual class, or errors; names are no markup."""

from __future__ import annotations

import numpy as np
import pytest

from automl_core.charts import draw_error_pairs, error_pairs
from automl_core.charts.error_pairs import MOST

NAMES = ("<b>a", "b")


def test_classes_give_the_probability_of_the_actual_one() -> None:
    one = np.array([[0.9, 0.1], [0.4, 0.6]])
    found = error_pairs(NAMES, np.array([0, 0]), one, one[::-1])
    assert (found.first, found.second) == ((0.9, 0.4), (0.4, 0.9))
    assert "Correlation of what they give the actual class: -1.00" in found.sentence
    drawing = draw_error_pairs(found)
    figure = drawing.figure()
    assert figure.layout.xaxis.title.text == "Probability of the actual class,<br>&lt;b&gt;a"
    assert list(figure.layout.xaxis.range) == [-0.03, 1.03] and "2 rows" in drawing.alt


def test_values_give_their_errors_of_a_sample() -> None:
    y = np.arange(2_000.0)
    noise = np.random.default_rng(0).normal(size=2_000)
    found = error_pairs(NAMES, y, y + noise, y + noise + 1)
    assert len(found.first) == MOST and found.rows == 2_000
    assert np.subtract(found.second, found.first) == pytest.approx(np.ones(MOST), abs=1e-3)
    assert "they err on the same rows" in found.sentence
    assert "800 of 2,000 rows" in draw_error_pairs(found).alt
    assert error_pairs(NAMES, y, y, y).sentence == "One of them does the same for every row."
