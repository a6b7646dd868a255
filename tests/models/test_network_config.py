"""The typed configuration of networks, from the plain one of a trial."""

from __future__ import annotations

import dataclasses
import importlib

import pytest

from automl_core.models import catalog
from automl_core.models.base import ModelSpec
from automl_core.models.nets.mlp import MLPConfig
from automl_core.models.network_config import TrainingConfig, read_config

NETWORKS = [spec for spec in catalog.CATALOG if spec.kind == "network"]
MLP = catalog.model_spec("mlp")


@pytest.mark.parametrize("spec", NETWORKS, ids=lambda spec: spec.name)
def test_every_setting_of_the_catalog_is_read_by_network_or_training(spec: ModelSpec) -> None:
    kinds = (importlib.import_module(spec.module).ARCHITECTURE.config, TrainingConfig)
    names = [field.name for kind in kinds for field in dataclasses.fields(kind)]
    assert len(names) == len(set(names))
    assert set(spec.defaults) | {part.name for part in spec.space} <= set(names)
    for kind in kinds:
        config = read_config(kind, spec.defaults)
        for field in dataclasses.fields(kind):
            if field.name in spec.defaults:
                assert getattr(config, field.name) == spec.defaults[field.name]


def test_numbers_take_the_type_of_their_field() -> None:
    config = read_config(MLPConfig, MLP.defaults | {"width": 64.0, "dropout": 0})
    assert (config.width, type(config.width)) == (64, int)
    assert (config.dropout, type(config.dropout)) == (0.0, float)


def test_what_the_file_of_an_earlier_version_leaves_out_has_a_default() -> None:
    plain = {"epochs": 3, "batch": 8, "learning_rate": 0.1, "weight_decay": 0, "patience": 2}
    assert read_config(TrainingConfig, plain) == TrainingConfig(3, 8, 0.1, 0.0, 2)


@pytest.mark.parametrize(
    "wrong", [{"schedule": "sine"}, {"epochs": "many"}, {"learning_rate": "fast"}]
)
def test_a_setting_of_another_type_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        read_config(TrainingConfig, MLP.defaults | wrong)


def test_a_missing_setting_is_refused() -> None:
    with pytest.raises(KeyError):
        read_config(MLPConfig, {"width": 3})
