"""TabM: its members, its bins, and what they are good for."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
import torch

from automl_core.features.feature_layout import Feature
from automl_core.metrics import score
from automl_core.models import catalog
from automl_core.models.nets import tabm
from automl_core.models.nets.base import DataInfo
from automl_core.models.nets.piecewise_embedding import (
    BUNDLES,
    MOST_BINNED,
    PiecewiseLinear,
    Tokens,
    bin_edges,
)
from automl_core.models.network_config import read_config
from automl_core.models.network_record import RECORD_FILE
from automl_core.types import Config
from tests.models.tables import Surroundings, table

SPEC = catalog.model_spec("tabm")
QUICK: Config = {"epochs": 6, "width": 16, "members": 4}
NUMBER, CODE = Feature("a", "a", "number"), Feature("b", "b", "code", 5)


def _net(features: tuple[Feature, ...], settings: Config, rows: int = 100) -> tabm.TabM:
    config = read_config(tabm.TabMConfig, SPEC.defaults | settings)
    return tabm.TabM(config, DataInfo("multiclass", 3, features, rows))


def _fitted(column: list[float], bins: int = 8) -> PiecewiseLinear:
    layer = PiecewiseLinear(1, bins, 2)
    with torch.no_grad():
        layer.fit_to(torch.tensor(column)[:, None])
        layer.straight.zero_()
        layer.bias.zero_()
        layer.bent.fill_(1.0)
    return layer


def _filled(layer: PiecewiseLinear, *numbers: float) -> list[float]:
    """How many bins these numbers have gone through."""
    with torch.no_grad():
        return [round(v, 4) for v in layer(torch.tensor(numbers)[:, None])[0, :, 0].tolist()]


def test_edges_are_quantiles() -> None:
    assert bin_edges(torch.arange(101.0), 4) == [0, 25, 50, 75, 100]
    assert bin_edges(torch.tensor([3.0, 1.0, 2.0] * 30), 8) == [1, 2, 3]


def test_a_value_of_most_rows_takes_one_edge() -> None:
    column = torch.cat([torch.zeros(900), torch.arange(1.0, 101.0)])
    edges = bin_edges(column, 10)
    assert edges[0] == 0 and sum(edge >= 1 for edge in edges) >= 5


@pytest.mark.parametrize("column", [[2.0] * 50, [1.0, 1.0 + 1e-7] * 50, [float("inf")] * 50, []])
def test_a_column_without_a_range_has_no_bins(column: list[float]) -> None:
    assert bin_edges(torch.tensor(column), 8) == []


def test_no_bin_is_narrow() -> None:
    column = torch.tensor([0.0] * 30 + [1e-8] * 30 + [2e-8] * 30 + [1.0] * 30)
    assert bin_edges(column, 8) == [0, 1]


def test_few_rows_make_few_bins() -> None:
    assert len(bin_edges(torch.arange(40.0), 64)) == 5


def test_a_number_fills_the_bins_it_has_gone_through() -> None:
    layer = _fitted([0.0, 1.0, 3.0] * 30)
    assert _filled(layer, 0.0, 0.5, 1.0, 2.0, 3.0) == [0, 0.5, 1, 1.5, 2]
    assert _filled(layer, -1e6, 1e6) == [0, 2]


def test_bins_that_are_left_over_add_nothing() -> None:
    assert _filled(_fitted([5.0] * 90), -9.0, 5.0, 9.0) == [0, 0, 0]


def test_bins_are_made_of_part_of_a_long_column() -> None:
    assert _filled(_fitted(np.linspace(0, 1, 120_001).tolist(), 4), 0.25, 0.5) == [1, 2]


@pytest.mark.parametrize("numbers", [0, 1, 3, MOST_BINNED + 5])
@pytest.mark.parametrize("codes", [0, 2])
def test_a_token_each_column_or_bundle(numbers: int, codes: int) -> None:
    features = (NUMBER,) * numbers + (CODE,) * codes
    if not features:
        return
    tokens = Tokens(features, 4, 3)
    x = torch.zeros(7, len(features))
    tokens.fit_to(x)
    count = (BUNDLES if numbers > MOST_BINNED else numbers) + codes
    assert tokens(x).shape == (tokens.count, 7, 3) and tokens.count == count


def test_many_columns_have_fewer_bins() -> None:
    few, many = (Tokens((NUMBER,) * columns, 64, 2).numbers for columns in (3, 200))
    assert isinstance(few, PiecewiseLinear) and isinstance(many, PiecewiseLinear)
    assert few.slope.shape == (3, 64) and many.slope.shape == (200, 16)


def test_outputs_of_every_member_and_they_differ() -> None:
    net = _net((NUMBER, CODE), {"members": 5})
    out = net(torch.randn(7, 2))
    assert out.shape == (7, 5, 3)
    assert out.std(dim=1).min() > 0


@pytest.mark.parametrize("columns", [64, 65, 150, 230])
def test_many_columns_share_weights(columns: int) -> None:
    net = _net((NUMBER,) * (columns - 10) + (CODE,) * 10, {"members": 2})
    assert net(torch.zeros(3, columns)).shape == (3, 2, 3)
    assert net.weights.shape[1] <= tabm.MOST_WEIGHTS
    assert (net.first.shape[0] - 1) * net.together < net.tokens.count


def test_members_are_chosen_by_the_rows_and_kept() -> None:
    few, many = (_net((NUMBER,), {}, rows).members for rows in (5_000, 500_000))
    assert few == tabm.MEMBERS and many == tabm.MEMBERS_MANY
    files = catalog.fit(
        SPEC, table("binary", SPEC.encoding), QUICK | {"epochs": 2}, _control()
    ).model
    assert json.loads(files.files()[RECORD_FILE])["rows"] == 240


def test_every_parameter_is_in_one_group() -> None:
    net = _net((NUMBER, CODE), {"blocks": 3})
    grouped = [id(p) for group in net.parameter_groups() for p in group.params]
    assert sorted(grouped) == sorted(id(p) for p in net.parameters())
    free = next(g for g in net.parameter_groups() if not g.decay).params
    assert any(p is net.weights for p in free) and any(p is net.bias for p in free)


def test_dropout_is_for_training_only() -> None:
    net = _net((NUMBER,), {"dropout": 0.5})
    x = torch.randn(9, 1)
    assert not torch.equal(net(x), net(x))
    net.eval()
    assert torch.equal(net(x), net(x))


@pytest.mark.parametrize("type_", [torch.float32, torch.bfloat16])
def test_members_drop_the_same_and_what_is_dropped_learns_nothing(
    type_: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tabm, "working_type", lambda _: type_)
    net = _net((NUMBER,), {"dropout": 0.5, "blocks": 1, "members": 2, "width": 8})
    hidden = torch.ones(2 * 3, 8, dtype=type_, requires_grad=True)
    out = net.activation(hidden)
    out.sum().backward()  # type: ignore[no-untyped-call]
    assert torch.equal(out[:3], out[3:]) and set(out.flatten().tolist()) == {0.0, 2.0}
    assert hidden.grad is not None and torch.equal(hidden.grad, out)
    assert net(torch.randn(4, 1)).dtype == torch.float32


def test_a_bump_is_learned() -> None:
    data = table("binary", SPEC.encoding, rows=600)
    near = [(np.abs(x[:, 0]) < 0.5).astype(np.int64) for x in (data.x, data.x_valid)]
    data = dataclasses.replace(data, y=near[0], y_valid=near[1])
    model = catalog.fit(SPEC, data, QUICK | {"epochs": 20}, _control()).model
    assert score("roc_auc", data.y_valid, model.predict(data.x_valid)) > 0.97


def _control():  # type: ignore[no-untyped-def]
    return Surroundings().control()
