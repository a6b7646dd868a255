"""Precision, recall, gain and lift agree with scikit-learn and with counting by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, precision_recall_curve

from automl_core.evaluation import cumulative_gain, precision_recall
from tests.evaluation.rankings import ranked, rows


@pytest.mark.parametrize("weighted", [False, True])
def test_precision_and_recall_equal_scikit_learn(weighted: bool) -> None:
    y, p = rows(500)
    weight = np.random.default_rng(1).uniform(0.5, 3, len(y)) if weighted else None
    curve = precision_recall(ranked(y, p, weight), max_points=1000)
    precision, recall, thresholds = precision_recall_curve(y, p, sample_weight=weight)
    assert curve.precision == pytest.approx(precision[-2::-1])
    assert curve.recall == pytest.approx(recall[-2::-1])
    assert curve.threshold == pytest.approx(thresholds[::-1])
    assert curve.average == pytest.approx(average_precision_score(y, p, sample_weight=weight))
    assert curve.base == pytest.approx(np.average(y, weights=weight))


def test_the_sentence_is_about_the_best_balance() -> None:
    curve = precision_recall(ranked([1, 1, 0, 1, 0, 0, 0, 0], np.linspace(0.9, 0.1, 8)))
    assert "100 % of “yes” are found, and 75 % of the flagged rows are right" in curve.sentence
    assert "at random, 38 % would be" in curve.sentence


def test_gain_and_lift_by_hand() -> None:
    gain = cumulative_gain(ranked([1, 0, 1, 0, 0], [0.9, 0.8, 0.8, 0.2, 0.1]))
    assert gain.share == pytest.approx((0, 0.2, 0.6, 0.8, 1))
    assert gain.found == pytest.approx((0, 0.5, 1, 1, 1))
    assert gain.lift == pytest.approx((2.5, 2.5, 1 / 0.6, 1.25, 1))
    assert "most probable 10 % of the rows hold 25 % of all “yes”" in gain.sentence
    assert "2.5 times as common" in gain.lift_sentence


def test_equal_probabilities_gain_nothing() -> None:
    gain = cumulative_gain(ranked([1, 0, 0, 1], [0.5] * 4))
    assert (gain.share, gain.found, gain.lift) == ((0, 1), (0, 1), (1, 1))


def test_thinned_curves_keep_their_ends() -> None:
    random = np.random.default_rng(2)
    y, p = random.integers(0, 2, 5000), random.random(5000)
    curve = precision_recall(ranked(y, p), max_points=100)
    gain = cumulative_gain(ranked(y, p), max_points=100)
    assert 90 < len(curve.recall) <= 101 and 90 < len(gain.share) <= 101
    assert (curve.recall[-1], gain.share[0], gain.share[-1], gain.found[-1]) == (1, 0, 1, 1)
