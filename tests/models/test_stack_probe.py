"""What is gained by training networks as one is measured, where that can be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch

from automl_core.models import catalog, stack_probe
from automl_core.training.batched import BatchedLoop
from tests.models.tables import Surroundings, table

MLP = catalog.model_spec("mlp")
CONFIG = {"width": 32, "batch": 32}


def measured(members: int = 2, **changes: Any) -> float:
    data = replace(table("binary", MLP.encoding), **changes)
    return stack_probe.stacking_gain(MLP, data, CONFIG, Surroundings().control(), members)


def test_a_gain_is_measured_and_nobodys_random_numbers_change() -> None:
    torch.manual_seed(3)
    before = torch.get_rng_state()
    assert measured() > 0
    assert torch.equal(before, torch.get_rng_state())


def test_the_seconds_of_one_after_the_other_over_those_of_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seconds = {"Loop": 0.02, "BatchedLoop": 0.05}
    monkeypatch.setattr(
        stack_probe, "step_seconds", lambda work, _: seconds[type(work.__self__).__name__]
    )
    assert measured(members=5) == pytest.approx(2.0)
    seconds["Loop"] = 1.0  # a step of all takes seconds: nothing can be gained
    assert measured() == 0.0


def test_nothing_is_gained_where_nothing_can_be_stacked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert measured(further=object()) == 0.0

    def refuse(_: object) -> None:
        raise RuntimeError("no batching rule")

    monkeypatch.setattr(BatchedLoop, "step", refuse)
    assert measured() == 0.0
