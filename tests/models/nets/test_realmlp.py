"""RealMLP: first weights, rates by task, what it makes of odd tables."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from automl_core.models import catalog
from automl_core.models.base import FitData
from automl_core.models.nets.base import DataInfo
from automl_core.models.nets.realmlp import RealMLP, RealMLPConfig
from automl_core.models.network_config import read_config
from automl_core.types import Config, Task
from tests.models.tables import Surroundings, table

SPEC = catalog.model_spec("realmlp")
QUICK: Config = {"epochs": 8, "width": 16}


def _net(data: FitData, task: Task = "binary") -> RealMLP:
    torch.manual_seed(0)
    config = read_config(RealMLPConfig, SPEC.defaults | {"width": 32})
    return RealMLP(config, DataInfo(task, 2, data.features, len(data.y)))


def test_first_outputs_have_a_unit_deviation_and_zeros_among_them() -> None:
    data = table("binary", SPEC.encoding, rows=2_000)
    net, x = _net(data), torch.from_numpy(data.x)
    with torch.no_grad():
        net.fit_to(x)
        hidden = net.inputs(x) * net.scale
        for layer, bend in zip([*net.layers, net.head], [*net.bends, None], strict=True):
            out = layer(hidden)
            deviation = out.std(dim=0)
            assert ((deviation - 1).abs() < 0.1).all()
            assert (out.amin(dim=0) < 0).all() and (out.amax(dim=0) > 0).all()
            hidden = out if bend is None else bend(out)


def test_odd_columns_do_not_spoil_the_start() -> None:
    data = table("binary", SPEC.encoding)
    for x in (torch.zeros(5, 5), torch.from_numpy(data.x[:1]), torch.full((4, 5), 1e30)):
        net = _net(data)
        with torch.no_grad():
            net.fit_to(x)
        if x.abs().max() < 1e10:
            assert all(bool(torch.isfinite(p).all()) for p in net.parameters())


def test_a_regression_learns_five_times_as_fast() -> None:
    data = table("binary", SPEC.encoding)
    rates = [
        [group.rate_factor for group in _net(data, task).parameter_groups()]
        for task in ("binary", "regression")
    ]
    assert [5 * rate for rate in rates[0]] == rates[1]
    net = _net(data)
    grouped = [p for group in net.parameter_groups() for p in group.params]
    assert {id(p) for p in grouped} == {id(p) for p in net.parameters()}
    assert len(grouped) == len(list(net.parameters()))


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_it_learns_and_comes_back_from_its_files(task: Task) -> None:
    data = table(task, SPEC.encoding, rows=600)
    config: Config = {"epochs": 40, "width": 32, "batch": 32}
    result = catalog.fit(SPEC, data, config, Surroundings().control())
    prediction = result.model.predict(data.x_valid)
    again = catalog.load("realmlp", result.model.files()).predict(data.x_valid)
    assert np.array_equal(prediction, again)
    if task == "regression":
        error = np.sqrt(np.mean((prediction - data.y_valid) ** 2))
        assert error < 0.6 * np.std(data.y_valid)
    else:
        assert (prediction.argmax(axis=1) == data.y_valid).mean() > 0.75


def test_the_same_seed_gives_the_same_model() -> None:
    data = table("binary", SPEC.encoding)
    twice = [
        catalog.fit(SPEC, data, QUICK, Surroundings().control()).model.predict(data.x_valid)
        for _ in range(2)
    ]
    assert np.array_equal(*twice)


def test_a_single_row_and_constant_columns() -> None:
    data = table("regression", SPEC.encoding)
    data = dataclasses.replace(data, x=np.zeros_like(data.x[:1]), y=data.y[:1])
    model = catalog.fit(SPEC, data, QUICK, Surroundings().control()).model
    assert np.allclose(model.predict(data.x_valid), data.y[0])
