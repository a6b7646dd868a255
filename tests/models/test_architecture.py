"""Configurations of one architecture, which can be trained as one network."""

from __future__ import annotations

from typing import Any

import pytest

from automl_core.models import catalog
from automl_core.models.architecture import OWN, architecture_of

NETWORKS = [spec for spec in catalog.CATALOG if spec.kind == "network"]
MLP = catalog.model_spec("mlp")


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ({"learning_rate": 0.1, "weight_decay": 0.0, "epochs": 3, "dropout": 0.5}, True),
        ({"width": 64}, False),
        ({"batch": 128}, False),
        ({"dropout": 0.0}, False),
    ],
)
def test_rates_may_differ_and_shapes_may_not(other: dict[str, Any], same: bool) -> None:
    assert (architecture_of(MLP, {}) == architecture_of(MLP, other)) is same


def test_every_network_can_be_searched_within_an_architecture() -> None:
    for spec in NETWORKS:
        assert len(OWN & {part.name for part in spec.space}) >= 2, spec.name
