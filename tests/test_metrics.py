"""Metrics: equal to scikit-learn's where it has an answer, sensible where it has none."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as library

from automl_core.errors import SpecError
from automl_core.metrics import (
    METRICS,
    better,
    bootstrap_interval,
    default_metric,
    loss_of,
    metrics_for,
    score,
)

RNG = np.random.default_rng(0)
N = 300
WEIGHTS = [None, RNG.uniform(0.1, 3.0, N)]


def _classes(k: int) -> tuple[np.ndarray, np.ndarray]:
    probability = RNG.dirichlet(np.ones(k), N).round(2) + 1e-3  # rounded: with ties
    return RNG.integers(0, k, N), probability / probability.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("weight", WEIGHTS, ids=["plain", "weighted"])
@pytest.mark.parametrize("k", [2, 5])
def test_class_metrics_equal_the_library(k: int, weight: np.ndarray | None) -> None:
    y, p = _classes(k)
    guess = p.argmax(axis=1)
    average = "binary" if k == 2 else "macro"
    expected = {
        "accuracy": library.accuracy_score(y, guess, sample_weight=weight),
        "balanced_accuracy": library.balanced_accuracy_score(y, guess, sample_weight=weight),
        "f1": library.f1_score(y, guess, sample_weight=weight, average=average),
        "log_loss": library.log_loss(y, p, sample_weight=weight),
        "roc_auc": library.roc_auc_score(y, p[:, 1], sample_weight=weight)
        if k == 2
        else np.mean(
            [library.roc_auc_score(y == c, p[:, c], sample_weight=weight) for c in range(k)]
        ),
    }
    assert set(expected) == set(metrics_for("binary"))
    for name, value in expected.items():
        assert score(name, y, p, weight) == pytest.approx(value, rel=1e-9), name


@pytest.mark.parametrize("weight", WEIGHTS, ids=["plain", "weighted"])
def test_value_metrics_equal_the_library(weight: np.ndarray | None) -> None:
    y = RNG.normal(size=N)
    p = y + RNG.normal(size=N)
    squared = library.mean_squared_error(y, p, sample_weight=weight)
    assert score("rmse", y, p, weight) == pytest.approx(squared**0.5)
    absolute = library.mean_absolute_error(y, p, sample_weight=weight)
    assert score("mae", y, p, weight) == pytest.approx(absolute)
    assert score("r2", y, p, weight) == pytest.approx(library.r2_score(y, p, sample_weight=weight))


def test_a_class_that_no_row_has_leaves_every_score_finite() -> None:
    y = np.array([0, 0, 1, 1])
    p = np.array([[0.7, 0.2, 0.1], [0.4, 0.5, 0.1], [0.1, 0.8, 0.1], [0.0, 0.0, 1.0]])
    for name in metrics_for("multiclass"):
        assert np.isfinite(score(name, y, p)), name
    assert score("log_loss", y, p) < 37


def test_one_class_only_is_a_guess() -> None:
    p = np.array([[0.7, 0.3], [0.4, 0.6]])
    assert score("roc_auc", np.array([1, 1]), p) == 0.5
    assert score("r2", np.array([2.0, 2.0]), np.array([1.0, 3.0])) == 0.0
    assert score("r2", np.array([2.0]), np.array([2.0])) == 1.0


def test_no_rows_and_broken_predictions_have_no_score() -> None:
    assert np.isnan(score("rmse", np.array([]), np.array([])))
    assert np.isnan(score("rmse", np.array([1.0]), np.array([np.nan])))
    assert np.isnan(score("rmse", np.array([1.0]), np.array([1.0]), np.array([0.0])))


def test_direction() -> None:
    assert better("roc_auc", 0.9, 0.8) and not better("rmse", 0.9, 0.8)
    assert better("rmse", 1.0, float("nan")) and not better("rmse", float("nan"), 1.0)
    for name, metric in METRICS.items():
        assert (loss_of(name, 2.0) < 0) == metric.higher_is_better


def test_defaults_come_first() -> None:
    for task in ("binary", "multiclass", "regression"):
        assert metrics_for(task)[0] == default_metric(task)


def test_an_unknown_metric_names_the_closest() -> None:
    with pytest.raises(SpecError, match="roc_auc"):
        score("roc-auc", np.array([0, 1]), np.array([[0.5, 0.5], [0.5, 0.5]]))


@pytest.mark.parametrize("name", METRICS)
def test_intervals_hold_the_score_and_repeat(name: str) -> None:
    if "regression" in METRICS[name].tasks:
        y = RNG.normal(size=N)
        p = y + RNG.normal(size=N)
    else:
        y, p = _classes(3)
    low, high = bootstrap_interval(name, y, p, repeats=100)
    assert low < score(name, y, p) < high
    assert (low, high) == bootstrap_interval(name, y, p, repeats=100)


def test_intervals_shrink_with_rows() -> None:
    y = RNG.normal(size=4000)
    p = y + RNG.normal(size=4000)
    low, high = bootstrap_interval("rmse", y, p)
    few_low, few_high = bootstrap_interval("rmse", y[:100], p[:100])
    assert high - low < 0.5 * (few_high - few_low)
