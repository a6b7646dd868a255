"""Boosting: equal to the library's own estimator, watched, and safe on rare classes."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from automl_core.models import catalog
from automl_core.models.histogram import Binned, TreeSettings, grow_tree
from automl_core.models.metric_tracker import MetricTracker
from automl_core.models.trees import join_trees
from automl_core.types import StopReason, Task
from tests.models.tables import Surroundings, table

CARD = catalog.model_spec("hist_boosting")
PLAIN = {"max_features": 1.0, "patience": 0, "min_rows_leaf": 10, "max_iterations": 15}


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_equal_to_the_public_estimator(task: Task, weighted: bool) -> None:
    data = table(task, rows=2000, weighted=weighted)
    settings = dict(
        learning_rate=0.1,
        max_iter=15,
        max_leaf_nodes=31,
        min_samples_leaf=10,
        l2_regularization=1.0,
        early_stopping=False,
    )
    ours = catalog.fit(CARD, data, PLAIN | {"patience": 99}, Surroundings().control())
    assert ours.epochs == 15, "the best round should be the last one here"
    if task == "regression":
        theirs = HistGradientBoostingRegressor(**settings)
        expected = theirs.fit(data.x, data.y, data.weight).predict(data.x_valid)
    else:
        theirs = HistGradientBoostingClassifier(**settings)
        expected = theirs.fit(data.x, data.y, data.weight).predict_proba(data.x_valid)
    if weighted:  # the library bins by weight where there are more values than bins
        assert np.abs(ours.model.predict(data.x_valid) - expected).mean() < np.std(expected) / 10
    else:
        np.testing.assert_allclose(ours.model.predict(data.x_valid), expected, rtol=1e-12)


def test_arrays_equal_the_librarys_trees() -> None:
    data = table("regression", rows=3000)
    binned = Binned(data.x, 0, lambda: None)
    gradient = (-data.y + data.y.mean()).astype(np.float32)
    settings = TreeSettings(max_leaves=60, min_rows_leaf=2, l2=0.0, max_features=0.6)
    rng = np.random.default_rng(0)
    one = np.ones(1, np.float32)
    grown = [
        grow_tree(binned, gradient, one, settings, learning_rate=0.3, rng=rng) for _ in range(8)
    ]
    trees = join_trees([tree.arrays(0) for tree in grown], 1)
    for x in (data.x, data.x_valid):
        raw = np.zeros((len(x), 1))
        trees.add_to(raw, x)
        expected = sum(tree.predict_binned(binned.apply(x)) for tree in grown)
        np.testing.assert_array_equal(raw[:, 0], expected)


def test_it_ends_when_validation_stops_improving() -> None:
    data = table("binary")
    noise = np.random.default_rng(0).permutation(data.y)
    around = Surroundings()
    data = dataclasses.replace(data, y=noise)
    result = catalog.fit(CARD, data, {"patience": 10}, around.control())
    assert result.reason == StopReason.EARLY
    assert result.epochs + 10 == around.epochs[-1].epoch or around.epochs[-1].epoch % 5 == 0
    losses = [e.valid_loss for e in around.epochs if e.valid_loss is not None]
    kept = MetricTracker(data).valid_loss(result.model.predict(data.x_valid))
    assert kept <= min(losses) + 1e-12


def test_rare_classes_do_not_diverge() -> None:
    rng = np.random.default_rng(0)
    data = table("multiclass", rows=4000)
    y = np.zeros(4000, dtype=np.int64)
    y[:12], y[12:15], y[15] = 1, 2, 3
    data = dataclasses.replace(data, y=rng.permutation(y), y_valid=np.zeros(80, dtype=np.int64))
    for config in ({}, {"l2": 0.01, "learning_rate": 0.3, "min_rows_leaf": 3}):
        result = catalog.fit(CARD, data, config | {"max_iterations": 60}, Surroundings().control())
        prediction = result.model.predict(data.x)
        assert np.isfinite(prediction).all()
        assert MetricTracker(data).train_loss(prediction) < 0.1


def test_short_of_time_it_takes_larger_steps() -> None:
    around = Surroundings()

    def report(epoch):  # type: ignore[no-untyped-def]
        around.share = min(0.99, 0.1 * epoch.epoch)  # time for ten rounds
        return around.report(epoch)

    control = dataclasses.replace(around.control(), report=report)
    catalog.fit(CARD, table("binary"), {"max_iterations": 20}, control)
    rates = [e.learning_rate for e in around.epochs]
    assert rates[0] == 0.1 and rates[-1] == pytest.approx(0.3)
