"""Folds trained as one network: what each would have become alone, here on a processor."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from automl_core.errors import SpecError
from automl_core.features.feature_layout import Feature
from automl_core.models import catalog
from automl_core.models.base import FitData, ModelSpec
from automl_core.models.nets import tabm
from automl_core.models.network_folds import fit_folds, shared_features
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


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize("model_spec", NETWORKS, ids=lambda model_spec: model_spec.name)
def test_folds_together_become_what_they_become_alone(
    model_spec: ModelSpec, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tabm, "working_type", lambda _: torch.float32)
    parts, around = folds(model_spec, task), [Surroundings() for _ in range(3)]
    together = fit_folds(
        model_spec, parts, config(model_spec), [a.control(seed) for seed, a in enumerate(around)]
    )
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
    together = fit_folds(
        model_spec,
        parts,
        config(model_spec) | more,
        [a.control(seed) for seed, a in enumerate(around)],
    )
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
    together = fit_folds(MLP, parts, config(MLP), [Surroundings().control(s) for s in range(3)])
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
        found = fit_folds(MLP, parts, config(MLP), [a.control(s) for s, a in enumerate(around)])
    assert found is None
    assert "mlp" in caplog.text
    assert not any(a.epochs for a in around)


def _refuse(self: object, elapsed: float) -> None:  # noqa: ARG001
    raise RuntimeError("no batching rule")


def test_folds_of_the_logarithm_answer_in_the_targets_units() -> None:
    parts = folds(MLP, "regression")
    asked = {"log_target": True, "epochs": 12, "width": 32, "batch": 50}
    around = [Surroundings() for _ in parts]
    found = catalog.fit_folds(MLP, parts, asked, [a.control(s) for s, a in enumerate(around)])
    assert found is not None
    for data, result, seen in zip(parts, found, around, strict=True):
        prediction = result.model.predict(data.x_valid)
        assert abs(prediction.mean() - data.y_valid.mean()) < 50
        assert {e.valid_score for e in seen.epochs} == {None}


def test_a_setting_that_nobody_knows_is_refused() -> None:
    with pytest.raises(SpecError, match="widht"):
        catalog.fit_folds(MLP, folds(MLP, "binary"), {"widht": 3}, [])


def test_the_random_state_of_others_is_left_alone() -> None:
    torch.manual_seed(1)
    before = torch.get_rng_state()
    fit_folds(MLP, folds(MLP, "binary"), MLP.defaults | {"epochs": 1}, [
        Surroundings().control(s) for s in range(3)
    ])  # fmt: skip
    assert torch.equal(before, torch.get_rng_state())
