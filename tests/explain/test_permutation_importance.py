"""Permutation importance finds what a model uses, and its intervals shrink."""

from __future__ import annotations

import numpy as np
import pytest

from automl_core.explain.permutation_importance import one_repeat, summarise
from automl_core.features.feature_layout import Feature

FEATURES = (
    Feature("a", "a", "number"),
    Feature("b = x", "b", "number"),
    Feature("b = y", "b", "number"),
    Feature("noise", "noise", "number"),
)


def _data(n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, 4)).astype(np.float32)
    y = 3.0 * x[:, 0].astype(float) + x[:, 1] - x[:, 2]
    return x, y


def _linear(x: np.ndarray) -> np.ndarray:
    return np.asarray(3.0 * x[:, 0].astype(float) + x[:, 1] - x[:, 2])


@pytest.mark.parametrize("metric", ["rmse", "mae", "r2"])
def test_positive_where_a_column_helps_whichever_way_the_metric_points(metric: str) -> None:
    x, y = _data()
    before = x.copy()
    lost = one_repeat(_linear, x, FEATURES, y, metric, weight=None, seed=1)
    assert list(lost) == ["a", "b", "noise"]
    assert lost["a"] > lost["b"] > 0
    assert lost["noise"] == 0
    assert np.array_equal(x, before)


def test_classes_and_weights() -> None:
    x, y = _data()
    labels = (y > 0).astype(np.int64)

    def probabilities(m: np.ndarray) -> np.ndarray:
        p = 1 / (1 + np.exp(-_linear(m)))
        return np.stack([1 - p, p], axis=1)

    weight = np.where(labels == 1, 2.0, 0.5)
    for metric in ("roc_auc", "log_loss", "accuracy"):
        lost = one_repeat(probabilities, x, FEATURES, labels, metric, weight=weight, seed=1)
        assert lost["a"] > lost["b"] > lost["noise"] == 0


def test_a_seed_decides_and_columns_of_one_source_move_together() -> None:
    x, y = _data()
    assert one_repeat(_linear, x, FEATURES, y, "rmse", weight=None, seed=5) == one_repeat(
        _linear, x, FEATURES, y, "rmse", weight=None, seed=5
    )
    assert one_repeat(_linear, x, FEATURES, y, "rmse", weight=None, seed=5) != one_repeat(
        _linear, x, FEATURES, y, "rmse", weight=None, seed=6
    )
    x[:, 2] = x[:, 1]  # b's two columns cancel out as long as they are shuffled together
    lost = one_repeat(_linear, x, FEATURES, _linear(x), "rmse", weight=None, seed=5)
    assert lost["b"] == pytest.approx(0, abs=1e-5)


def test_intervals_shrink_and_hold_the_mean() -> None:
    x, y = _data()
    repeats = [one_repeat(_linear, x, FEATURES, y, "rmse", weight=None, seed=s) for s in range(40)]
    widths = []
    for n in (5, 10, 40):
        summary = summarise(repeats[:n])
        assert summary.features == ("a", "b", "noise") and summary.repeats == n
        assert all(
            lo <= m <= hi for lo, m, hi in zip(summary.low, summary.mean, summary.high, strict=True)
        )
        widths.append(summary.high[0] - summary.low[0])
    assert widths[0] > widths[-1]


def test_interval_is_students() -> None:
    scipy_stats = pytest.importorskip("scipy.stats")
    for n in (2, 3, 10, 31, 32, 80):
        values = np.random.default_rng(n).normal(size=n)
        summary = summarise([{"a": float(v)} for v in values])
        half = scipy_stats.t.ppf(0.975, n - 1) * values.std(ddof=1) / np.sqrt(n)
        assert summary.high[0] - summary.mean[0] == pytest.approx(half, rel=2e-3)


def test_single_repeat_none_and_uneven_columns() -> None:
    single = summarise([{"a": 0.2, "b": -0.1}])
    assert single.features == ("a", "b")
    assert single.low == pytest.approx((0.0, -0.2)) and single.high == pytest.approx((0.4, 0.0))
    assert summarise([]).features == ()
    uneven = summarise([{"a": 1.0}, {"a": 1.0, "b": 2.0}])
    assert uneven.features == ("a", "b") and uneven.mean == (1.0, 1.0)
