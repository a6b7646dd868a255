"""Fits trained as one network: what each would have become alone, here on a processor."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from automl_core.errors import ModelError, SpecError
from automl_core.features.feature_layout import Feature
from automl_core.models import catalog
from automl_core.models.base import FitData, FitResult, ModelSpec, StackedFit
from automl_core.models.nets import tabm
from automl_core.models.stacked_fits import shared_features
from automl_core.training import batched
from automl_core.types import Config, Task
from tests.models.tables import CODES, Surroundings, table

NETWORKS = [model_spec for model_spec in catalog.CATALOG if model_spec.kind == "network"]
MLP = catalog.model_spec("mlp")
SMALL: Config = {"epochs": 3, "batch": 50, "width": 32, "dropout": 0.0, "patience": 0}


def config(model_spec: ModelSpec) -> Config:
    """Small, and without dropout, whose random numbers would differ."""
    return model_spec.defaults | {
        name: value for name, value in SMALL.items() if name in model_spec.defaults
    }


def folds(model_spec: ModelSpec, task: Task, count: int = 3) -> list[FitData]:
    """Overlapping parts of a tiny table, of nearly as many rows each."""
    whole = table(task, model_spec.encoding, weighted=True)
    assert whole.weight is not None
    parts = []
    for number in range(count):
        kept = np.arange(len(whole.y)) % (count + 2) != number
        kept[:number] = False
        parts.append(
            replace(
                whole, x=whole.x[kept], y=whole.y[kept], weight=whole.weight[kept],
                x_valid=whole.x_valid[number:], y_valid=whole.y_valid[number:],
                weight_valid=None,
            )
        )  # fmt: skip
    return parts


def fit_all(
    model_spec: ModelSpec,
    parts: list[FitData],
    configs: list[Config],
    around: list[Surroundings],
    places: int = 99,
) -> list[FitResult] | None:
    """All fits as one, each with its number as the seed."""
    fits = [
        StackedFit(data, config, beside.control(seed))
        for seed, (data, config, beside) in enumerate(zip(parts, configs, around, strict=True))
    ]
    found: dict[int, FitResult | ModelError] = {}
    if not catalog.fit_stacked(model_spec, fits, places, found.__setitem__):
        return None
    results = [found[number] for number in range(len(fits))]
    return [result for result in results if isinstance(result, FitResult)]


def fit_folds(
    model_spec: ModelSpec, parts: list[FitData], asked: Config, around: list[Surroundings]
) -> list[FitResult] | None:
    return fit_all(model_spec, parts, [asked] * len(parts), around)


def several(model_spec: ModelSpec) -> list[Config]:
    """Configurations of one architecture that differ in all else."""
    own: list[Config] = [
        {"learning_rate": 0.01, "weight_decay": 0.3, "sigma": 1.0},
        {"learning_rate": 0.002, "epochs": 5, "scale_rate": 2.0},
        {"epochs": 4, "label_smoothing": 0.2, "patience": 1},
    ]
    base = config(model_spec)
    return [base | {k: v for k, v in one.items() if k in base} for one in own]


@pytest.mark.parametrize("model_spec", NETWORKS, ids=lambda model_spec: model_spec.name)
def test_configurations_of_one_fold_become_what_they_become_alone(
    model_spec: ModelSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tabm, "working_type", lambda _: torch.float32)
    data = replace(table("multiclass", model_spec.encoding), metric="accuracy")
    configs, around = several(model_spec), [Surroundings() for _ in range(3)]
    together = fit_all(model_spec, [data] * 3, configs, around, places=2)
    assert together is not None
    for seed, (asked, result) in enumerate(zip(configs, together, strict=True)):
        lone = Surroundings()
        alone = catalog.fit(model_spec, data, asked, lone.control(seed))
        assert (result.reason, result.epochs) == (alone.reason, alone.epochs)
        np.testing.assert_allclose(
            result.model.predict(data.x_valid), alone.model.predict(data.x_valid), atol=2e-4
        )
        losses = [(e.train_loss, e.valid_loss, e.learning_rate) for e in around[seed].epochs]
        others = [(e.train_loss, e.valid_loss, e.learning_rate) for e in lone.epochs]
        np.testing.assert_allclose(losses, others, rtol=1e-3, atol=1e-5)


def test_each_has_a_dropout_of_its_own() -> None:
    parts, around = [table("binary", MLP.encoding)] * 3, [Surroundings() for _ in range(3)]
    configs = [config(MLP) | {"dropout": rate, "epochs": 15} for rate in (0.05, 0.5, 0.9)]
    assert fit_all(MLP, parts, configs, around) is not None
    losses = [a.epochs[-1].train_loss for a in around]
    assert losses == sorted(losses)  # the more is dropped, the worse it fits


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize("model_spec", NETWORKS, ids=lambda model_spec: model_spec.name)
def test_folds_together_become_what_they_become_alone(
    model_spec: ModelSpec, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tabm, "working_type", lambda _: torch.float32)
    parts, around = folds(model_spec, task), [Surroundings() for _ in range(3)]
    together = fit_folds(model_spec, parts, config(model_spec), around)
    assert together is not None
    for seed, (data, result) in enumerate(zip(parts, together, strict=True)):
        lone = Surroundings()
        alone = catalog.fit(model_spec, data, config(model_spec), lone.control(seed))
        assert (result.reason, result.epochs) == (alone.reason, alone.epochs)
        expected = alone.model.predict(data.x_valid)
        scale = float(np.ptp(expected)) if task == "regression" else 1.0
        np.testing.assert_allclose(
            result.model.predict(data.x_valid), expected, atol=1e-4 * scale, rtol=1e-4
        )
        losses = [(e.train_loss, e.valid_loss, e.valid_score) for e in around[seed].epochs]
        others = [(e.train_loss, e.valid_loss, e.valid_score) for e in lone.epochs]
        np.testing.assert_allclose(losses, others, rtol=1e-3, atol=1e-5)
        again = catalog.load(model_spec.name, result.model.files())
        np.testing.assert_array_equal(
            again.predict(data.x_valid), result.model.predict(data.x_valid)
        )


@pytest.mark.parametrize("model_spec", NETWORKS, ids=lambda model_spec: model_spec.name)
def test_mixed_precision_and_dropout_learn(
    model_spec: ModelSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batched, "short_type", lambda _: torch.bfloat16)
    more = {"dropout": 0.3, "epochs": 12} if "dropout" in model_spec.defaults else {"epochs": 12}
    parts, around = folds(model_spec, "regression"), [Surroundings() for _ in range(3)]
    together = fit_folds(model_spec, parts, config(model_spec) | more, around)
    assert together is not None
    for data, result in zip(parts, together, strict=True):
        error = result.model.predict(data.x_valid) - data.y_valid
        assert np.sqrt((error**2).mean()) < 0.8 * data.y_valid.std()


def test_codes_are_unified_and_other_columns_are_not() -> None:
    few = (Feature("a", "a", "number"), Feature("b", "b", "code", 3))
    many = (Feature("a", "a", "number"), Feature("b", "b", "code", 9))
    assert shared_features([few, many]) == many
    assert shared_features([few, (*many, Feature("c", "c", "number"))]) is None
    assert shared_features([few, (*many[:1], Feature("b", "b", "number"))]) is None


def test_folds_of_different_categories_are_trained_as_one() -> None:
    parts = folds(MLP, "binary")
    fewer = (*parts[0].features[:-1], replace(parts[0].features[-1], codes=CODES + 30))
    parts[1] = replace(parts[1], features=fewer)
    together = fit_folds(MLP, parts, config(MLP), [Surroundings() for _ in range(3)])
    assert together is not None
    for data, result in zip(parts, together, strict=True):
        again = catalog.load("mlp", result.model.files())
        assert np.isfinite(again.predict(data.x_valid)).all()


@pytest.mark.parametrize("what", ["columns", "rows", "stack"])
def test_folds_that_cannot_be_one_are_given_back(
    what: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    parts = folds(MLP, "binary")
    if what == "columns":
        parts[0] = replace(parts[0], features=parts[0].features[:-1])
    if what == "rows":
        parts[0] = replace(parts[0], x=parts[0].x[:90], y=parts[0].y[:90], weight=None)
    if what == "stack":
        monkeypatch.setattr(batched.BatchedLoop, "step", _refuse)
    around = [Surroundings() for _ in parts]
    with caplog.at_level("INFO"):
        found = fit_folds(MLP, parts, config(MLP) | {"batch": 150}, around)
    assert found is None
    assert "mlp" in caplog.text
    assert not any(a.epochs for a in around)


def _refuse(self: object) -> None:  # noqa: ARG001
    raise RuntimeError("no batching rule")


def test_folds_of_the_logarithm_answer_in_the_targets_units() -> None:
    parts = folds(MLP, "regression")
    asked = {"log_target": True, "epochs": 12, "width": 32, "batch": 50}
    around = [Surroundings() for _ in parts]
    found = fit_folds(MLP, parts, asked, around)
    assert found is not None
    for data, result, seen in zip(parts, found, around, strict=True):
        prediction = result.model.predict(data.x_valid)
        assert abs(prediction.mean() - data.y_valid.mean()) < 50
        assert {e.valid_score for e in seen.epochs} == {None}


def test_a_setting_that_nobody_knows_is_refused() -> None:
    with pytest.raises(SpecError, match="widht"):
        fit_folds(MLP, folds(MLP, "binary"), {"widht": 3}, [Surroundings() for _ in range(3)])


def test_the_random_state_of_others_is_left_alone() -> None:
    torch.manual_seed(1)
    before = torch.get_rng_state()
    around = [Surroundings() for _ in range(3)]
    fit_folds(MLP, folds(MLP, "binary"), MLP.defaults | {"epochs": 1}, around)
    assert torch.equal(before, torch.get_rng_state())
