"""Calibrated shares follow what comes true, and few rows change little."""

from __future__ import annotations

import numpy as np
import pytest

from automl_core.evaluation.beta_calibration import calibrated_shares
from automl_core.evaluation.ranking import Floats
from tests.evaluation.rankings import ranked


def shares(p: Floats, numbers: tuple[float, float, float]) -> Floats:
    a, b, c = numbers
    return 1 / (1 + np.exp(-(a * np.log(p) - b * np.log1p(-p) + c)))


@pytest.mark.parametrize("numbers", [(1, 1, 0), (0.5, 0.5, 0), (2, 2, 0), (1, 1, -2), (0.4, 2, 1)])
def test_what_was_done_to_probabilities_is_undone(numbers: tuple[float, float, float]) -> None:
    random = np.random.default_rng(0)
    p = np.round(random.beta(1, 2, 20_000), 3).clip(0.001, 0.999)
    came_true = random.random(len(p)) < shares(p, numbers)
    ranking = ranked(came_true.astype(np.int64), p)
    (found,) = calibrated_shares(ranking.probability, ranking.weight[None])
    off = np.abs(found - shares(ranking.probability, numbers))
    assert off[ranking.rows.sum(axis=1) > 5].max() < 0.03
    assert (np.diff(found) <= 1e-12).all()


def test_few_rows_change_little_and_none_nothing() -> None:
    p = np.linspace(0.9, 0.1, 9)
    four = np.zeros((1, 9, 2))
    four[0, :2, 0] = 1.0
    four[0, -2:, 1] = 1.0  # all wrong
    (few,) = calibrated_shares(p, four)
    assert np.abs(few - p).max() < 0.25
    (none,) = calibrated_shares(p, np.zeros((1, 9, 2)))
    assert none == pytest.approx(p)


def test_certain_probabilities_and_separated_classes_stay_numbers() -> None:
    p = np.array([1.0, 0.5, 0.0])
    perfect = np.array([[[0, 1e5], [10, 10], [1e5, 0]]], np.float64)
    hopeless = perfect[:, :, ::-1]
    for weight in (perfect, hopeless):
        (found,) = calibrated_shares(p, weight)
        assert np.isfinite(found).all()
        assert np.abs(found[[0, 2]] - weight[0, [0, 2], 1] / 1e5).max() < 1e-3


def test_samples_are_fitted_each_by_itself() -> None:
    p = np.linspace(0.95, 0.05, 10)
    weight = np.random.default_rng(0).uniform(0, 50, (3, 10, 2))
    together = calibrated_shares(p, weight)
    for one, found in zip(weight, together, strict=True):
        assert calibrated_shares(p, one[None])[0] == pytest.approx(found, abs=1e-5)
