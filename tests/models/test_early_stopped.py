"""Early-stopped settings of a fit, with which another fit needs no validation rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from automl_core.models import catalog
from automl_core.models.base import FitData
from automl_core.models.log_target import SETTING, LogTargetModel
from automl_core.types import Config, StopReason, Task
from tests.models.tables import Surroundings, table

FAMILIES = [c.name for c in catalog.CATALOG if c.kind in ("trees", "neighbours")]
QUICK: Config = {"patience": 3}


def all_rows(data: FitData) -> FitData:
    """Every row trains, none validates."""
    return replace(
        data,
        x=np.concatenate([data.x, data.x_valid]),
        y=np.concatenate([data.y, data.y_valid]),
        x_valid=data.x_valid[:0],
        y_valid=data.y_valid[:0],
    )


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize("family", FAMILIES)
def test_a_fit_on_all_rows_is_as_long_as_the_first_and_knows_them(family: str, task: Task) -> None:
    entry = catalog.model_spec(family)
    data = table(task, entry.encoding)
    config = {k: v for k, v in QUICK.items() if k in entry.defaults}
    first = catalog.fit(entry, data, config, Surroundings().control())
    assert first.early_stopped
    again = catalog.fit(
        entry, all_rows(data), config | first.early_stopped, Surroundings().control()
    )
    assert again.reason == StopReason.COMPLETED
    assert again.early_stopped == first.early_stopped
    if entry.kind == "trees":
        assert again.epochs == first.epochs
    known, unknown = (r.model.predict(data.x_valid) for r in (again, first))
    if task == "regression":
        assert np.abs(known - data.y_valid).mean() < np.abs(unknown - data.y_valid).mean()
    else:
        right = [(p.argmax(axis=1) == data.y_valid).mean() for p in (known, unknown)]
        assert right[0] >= right[1]


def test_the_factor_of_a_logarithm_is_that_of_the_first_fit() -> None:
    entry = catalog.model_spec("lightgbm")
    data = table("regression", entry.encoding)
    config: Config = QUICK | {SETTING: True}
    data = replace(data, y=np.exp(data.y / 50), y_valid=np.exp(data.y_valid / 50))
    first = catalog.fit(entry, data, config, Surroundings().control())
    assert first.early_stopped
    again = catalog.fit(
        entry, all_rows(data), config | first.early_stopped, Surroundings().control()
    )
    factors = []
    for model in (first.model, again.model):
        assert isinstance(model, LogTargetModel)
        factors.append(model.record.factor)
    assert factors[0] == factors[1] != 1.0


def test_a_fit_that_grew_nothing_has_no_early_stopped_settings() -> None:
    for family in ("lightgbm", "extra_trees"):
        entry = catalog.model_spec(family)
        stopped = Surroundings(stop_after=0).control()
        assert (
            catalog.fit(entry, table("binary", entry.encoding), {}, stopped).early_stopped is None
        )
