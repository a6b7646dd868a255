"""Fits to the logarithm of the target: right units, right sizes, whole files."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from automl_core.errors import ModelError
from automl_core.models import catalog
from automl_core.models.base import Epoch, FitControl, FitData
from automl_core.models.log_target import SETTING, suits
from automl_core.types import StopReason
from tests.models.tables import table


def amounts(zero: bool = False) -> FitData:
    """The small regression table with a target over six orders of magnitude."""
    data = table("regression", catalog.model_spec("lightgbm").encoding)

    def grown(y: np.ndarray) -> np.ndarray:
        scaled = (y - data.y.min()) / (data.y.max() - data.y.min())
        return np.asarray(10.0 ** (6 * scaled) - (1.0 if zero else 0.0))

    return replace(data, y=grown(data.y), y_valid=np.maximum(grown(data.y_valid), 0.0))


def control(seen: list[Epoch] | None = None) -> FitControl:
    def report(epoch: Epoch) -> StopReason | None:
        if seen is not None:
            seen.append(epoch)
        return None

    return FitControl(report, lambda: None, lambda: 0.0, seed=0)


def errors(data: FitData, prediction: np.ndarray) -> float:
    return float(np.median(np.abs(np.log1p(prediction) - np.log1p(data.y_valid))))


@pytest.mark.parametrize("zero", [False, True])
def test_answers_are_amounts_and_nearer_in_proportion(zero: bool) -> None:
    data, entry = amounts(zero), catalog.model_spec("lightgbm")
    plain = catalog.fit(entry, data, {}, control()).model.predict(data.x_valid)
    logs = catalog.fit(entry, data, {SETTING: True}, control()).model.predict(data.x_valid)
    assert logs.min() >= data.y.min()
    assert logs.max() <= data.y.max()
    assert errors(data, logs) < errors(data, np.maximum(plain, 0.0))


def test_the_model_comes_back_from_its_files() -> None:
    data, entry = amounts(), catalog.model_spec("lightgbm")
    model = catalog.fit(entry, data, {SETTING: True}, control()).model
    again = catalog.load("lightgbm", model.files())
    assert np.array_equal(model.predict(data.x_valid), again.predict(data.x_valid))


def test_scores_in_other_units_are_not_reported() -> None:
    seen: list[Epoch] = []
    catalog.fit(catalog.model_spec("lightgbm"), amounts(), {SETTING: True}, control(seen))
    assert seen
    assert all(epoch.valid_score is None for epoch in seen)


def test_a_target_below_zero_or_of_classes_is_refused() -> None:
    data = amounts()
    below = replace(data, y=data.y - data.y.max())
    for wrong in (below, replace(data, task="binary")):
        with pytest.raises(ModelError, match="logarithm"):
            catalog.fit(catalog.model_spec("lightgbm"), wrong, {SETTING: True}, control())


def test_it_is_for_amounts_that_differ_by_much() -> None:
    rng = np.random.default_rng(0)
    assert suits(np.exp(rng.normal(size=200)))
    assert not suits(rng.normal(size=200))
    assert not suits(rng.uniform(100, 110, size=200))
    assert not suits(np.zeros(0))
