"""LightGBM and CatBoost: as plain arrays equal to the libraries, watched, and safe."""

from __future__ import annotations

import dataclasses
import math
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from automl_core.errors import ModelError
from automl_core.features.feature_layout import Feature
from automl_core.models import boosting, catalog, catboost_boosting, lightgbm_boosting
from automl_core.models.base import FitData
from automl_core.models.metric_tracker import MetricTracker
from automl_core.models.oblivious import ObliviousTrees, unpack_oblivious
from automl_core.models.trees import Trees
from automl_core.types import StopReason, Task
from tests.models.tables import Surroundings, table

TASKS: tuple[Task, ...] = ("binary", "multiclass", "regression")
SHORT = {"max_iterations": 40}


def _library(fit: Any, x: np.ndarray) -> np.ndarray:
    """Raw scores (n, growing outputs) of the best rounds, as the library predicts them."""
    if hasattr(fit, "booster"):
        sums = fit.booster.predict(x, num_iteration=fit.rounds.best)
    else:
        best = fit.rounds.best
        sums = fit.grown.predict(x, prediction_type="RawFormulaVal", ntree_end=best)
    return np.asarray(sums).reshape(len(x), -1)


@pytest.mark.parametrize("module", [lightgbm_boosting, catboost_boosting])
@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("holes", [False, True], ids=["whole", "holes"])
def test_arrays_equal_the_library(module: ModuleType, task: Task, holes: bool) -> None:
    data = table(task, rows=1500)
    x = data.x_valid.copy()
    if not holes:  # the library has then never seen a missing value
        data = dataclasses.replace(data, x=np.nan_to_num(data.x))
    x[0] = np.nan
    model_spec = catalog.model_spec(module.__name__.rpartition(".")[2].partition("_")[0])
    fit = module._Boosting(data, model_spec.defaults | SHORT, Surroundings().control())
    fit.run()
    model = fit.model()
    raw = np.tile(fit.baseline, (len(x), 1))
    raw[:, fit.growing] += fit.scale * _library(fit, x)
    expected = boosting.from_raw(task, raw)
    np.testing.assert_allclose(model.predict(x), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("family", ["lightgbm", "catboost"])
@pytest.mark.parametrize("task", TASKS)
def test_what_is_reported_is_what_the_model_scores(family: str, task: Task) -> None:
    data, around = table(task, weighted=True), Surroundings()
    config = SHORT | {"patience": 99, "learning_rate": 0.01, "max_iterations": 10}
    result = catalog.fit(catalog.model_spec(family), data, config, around.control())
    watch, last = MetricTracker(data), around.epochs[-1]
    assert result.epochs == last.epoch == 10
    loss = watch.valid_loss(result.model.predict(data.x_valid))
    assert last.valid_loss == pytest.approx(loss, rel=1e-5)
    train = watch.train_loss(result.model.predict(data.x))
    assert last.train_loss == pytest.approx(train, rel=1e-5)


@pytest.mark.parametrize("family", ["lightgbm", "catboost"])
def test_it_keeps_the_best_round(family: str) -> None:
    data = table("binary")
    data = dataclasses.replace(data, y=np.random.default_rng(0).permutation(data.y))
    around = Surroundings()
    result = catalog.fit(catalog.model_spec(family), data, {"patience": 7}, around.control())
    assert result.reason == StopReason.EARLY
    losses = [e.valid_loss for e in around.epochs if e.valid_loss is not None]
    kept = MetricTracker(data).valid_loss(result.model.predict(data.x_valid))
    assert kept <= min(losses) + 1e-12


@pytest.mark.parametrize("family", ["lightgbm", "catboost"])
@pytest.mark.parametrize("task", TASKS)
def test_without_validation_rows_all_rounds_are_kept(family: str, task: Task) -> None:
    data = table(task)
    data = dataclasses.replace(data, x_valid=data.x_valid[:0], y_valid=data.y_valid[:0])
    result = catalog.fit(
        catalog.model_spec(family), data, {"max_iterations": 9}, Surroundings().control()
    )
    assert result.epochs == 9 and result.reason == StopReason.COMPLETED


@pytest.mark.parametrize("family", ["lightgbm", "catboost"])
def test_rare_classes_do_not_diverge(family: str) -> None:
    data = _with_rare_classes()
    model_spec = catalog.model_spec(family)
    for config in ({}, {"l2": model_spec.space[2].low if family == "catboost" else 0.01}):
        result = catalog.fit(
            model_spec, data, config | {"max_iterations": 60}, Surroundings().control()
        )
        prediction = result.model.predict(data.x)
        assert np.isfinite(prediction).all()
        assert MetricTracker(data).train_loss(prediction) < 0.1


def test_catboost_trees_without_a_question_are_no_obstacle() -> None:
    data = table("binary", rows=240)
    x, x_valid = data.x[:, 1:2], data.x_valid[:, 1:2]
    data = dataclasses.replace(
        data, features=data.features[:1], x=x, x_valid=x_valid,
        y=(x[:, 0] > 0).astype(np.int64), y_valid=(x_valid[:, 0] > 0).astype(np.int64),
    )  # fmt: skip
    model_spec = catalog.model_spec("catboost")
    config = {"max_features": 0.5, "depth": 8, "max_iterations": 400, "patience": 20}
    for seed in range(6):
        result = catalog.fit(model_spec, data, config, Surroundings().control(seed))
        assert MetricTracker(data).valid_score(result.model.predict(data.x_valid)) > 0.99


def _with_rare_classes() -> FitData:
    data = table("multiclass", rows=4000)
    y = np.zeros(4000, dtype=np.int64)
    y[:12], y[12:15], y[15] = 1, 2, 3
    y = np.random.default_rng(0).permutation(y)
    return dataclasses.replace(data, y=y, y_valid=np.zeros(80, dtype=np.int64))


@pytest.mark.parametrize("family", ["lightgbm", "catboost"])
def test_a_target_of_twelve_orders_of_magnitude(family: str) -> None:
    data = table("regression", rows=600)
    y = 10.0 ** np.clip((data.y - 1000) / 12, -6, 6)
    result = catalog.fit(
        catalog.model_spec(family), dataclasses.replace(data, y=y, y_valid=y[:80]), SHORT,
        Surroundings().control(),
    )  # fmt: skip
    assert np.isfinite(result.model.predict(data.x)).all()


@pytest.mark.parametrize("family", ["lightgbm", "catboost"])
def test_short_of_time_it_takes_larger_steps(family: str) -> None:
    around = Surroundings(share=0.01)

    def interrupted() -> None:
        around.share = min(0.99, around.share + 0.1)  # time for ten rounds

    def elapsed() -> float:
        interrupted()
        return around.share

    control = dataclasses.replace(around.control(), interrupted=interrupted, elapsed=elapsed)
    catalog.fit(catalog.model_spec(family), table("binary"), {"max_iterations": 20}, control)
    assert around.epochs[-1].learning_rate == pytest.approx(0.3)


def _some_oblivious() -> ObliviousTrees:
    return ObliviousTrees(
        depth=np.array([2, 0], np.int32),
        feature=np.array([0, 1], np.int32),
        border=np.array([0.5, 1.5], np.float32),
        leaf=np.arange(5.0)[:, None],
    )


def test_few_rows_are_answered_as_many_are_to_the_last_bit() -> None:
    rng = np.random.default_rng(0)
    depth = np.array([3, 0, 6, 1, 2] * 40, dtype=np.int32)
    asked = int(depth.sum())
    trees = ObliviousTrees(
        depth,
        rng.integers(0, 4, asked).astype(np.int32),
        rng.normal(size=asked).astype(np.float32),
        rng.normal(size=(int((2**depth).sum()), 3)),
    )
    x = rng.normal(size=(200, 4)).astype(np.float32)
    x[::7, 2] = np.nan
    whole = np.full((200, 3), 0.1)
    parts = whole.copy()
    trees.add_to(whole, x)
    for start in range(0, 200, 5):
        trees.add_to(parts[start : start + 5], x[start : start + 5])
    assert whole.tobytes() == parts.tobytes()
    trees.add_to(parts[:0], x[:0])


def test_oblivious_trees_answer_by_hand() -> None:
    x = np.array([[0, 1], [1, 1], [0, 2], [1, 2], [np.nan, 2], [0.5, 1.5]], np.float32)
    out = np.zeros((6, 1))
    trees = unpack_oblivious(_some_oblivious().pack(), 2, 1)
    trees.add_to(out, x)
    np.testing.assert_array_equal(out[:, 0], [4, 5, 6, 7, 6, 4])
    again = np.zeros((1, 1))
    trees.add_to(again, x[3:4])
    assert again[0, 0] == 7


@pytest.mark.parametrize(
    ("name", "value"), [("depth", 3), ("depth", -1), ("feature", 2), ("leaf", math.nan)]
)
def test_damaged_oblivious_trees_are_refused(name: str, value: float) -> None:
    trees = _some_oblivious()
    array = getattr(trees, name).copy()
    array.ravel()[0] = value
    with pytest.raises(ModelError):
        unpack_oblivious(dataclasses.replace(trees, **{name: array}).pack(), 2, 1)


def test_rounds_that_the_library_forgets_are_not_counted() -> None:
    # One column matters and half of the columns are seen: rounds without it grow nothing, and
    # better ones follow them.
    rng = np.random.default_rng(0)
    rare = (rng.permuted(np.tile(np.arange(200) < 3, (49, 1)), axis=1)).T
    x = np.column_stack([rare, rng.normal(size=200)]).astype(np.float32)
    y = 3.0 * x[:, -1].astype(np.float64) + 0.1 * rng.normal(size=200)
    data = dataclasses.replace(
        table("regression"),
        features=tuple(Feature(f"x{i}", f"x{i}", "number") for i in range(50)),
        x=x[:150], y=y[:150], x_valid=x[150:], y_valid=y[150:],
    )  # fmt: skip
    result = catalog.fit(catalog.model_spec("lightgbm"), data, {}, Surroundings().control())
    assert isinstance(result.model, boosting.BoostedTrees)
    assert isinstance(result.model.trees, Trees)
    assert len(result.model.trees.root) < result.epochs
    error = result.model.predict(data.x_valid) - data.y_valid
    assert float(np.sqrt(np.mean(error**2))) < 0.5 * float(data.y_valid.std())


@pytest.mark.parametrize(
    ("depth", "columns", "kept"),
    [
        (6, 100, (6, 254)), (8, 400, (8, 254)), (8, 5_000, (8, 48)), (6, 20_000, (6, 48)),
        (8, 20_000, (6, 48)), (6, 200_000, (3, 39)),
    ],
)  # fmt: skip
def test_catboost_keeps_to_its_memory_where_columns_are_very_many(
    depth: int, columns: int, kept: tuple[int, int]
) -> None:
    assert catboost_boosting.within_memory(depth, columns) == kept


def test_a_very_wide_table_has_fewer_bins() -> None:
    config = catalog.model_spec("lightgbm").defaults
    usual = table("binary", rows=12)
    wide = dataclasses.replace(usual, x=np.tile(usual.x, (1, lightgbm_boosting.WIDE)))
    bins = [lightgbm_boosting._parameters(d, config, 0)["max_bin"] for d in (usual, wide)]
    assert bins == [255, lightgbm_boosting.WIDE_BINS]
