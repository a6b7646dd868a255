"""The FT-Transformer: shapes, groups, and that columns attend to each other."""

from __future__ import annotations

import dataclasses

import numpy as np
import torch

from automl_core.features.feature_layout import Feature
from automl_core.metrics import score
from automl_core.models import catalog
from automl_core.models.nets.base import DataInfo
from automl_core.models.nets.ft_transformer import FTTransformer, FTTransformerConfig, build
from automl_core.models.network_config import read_config
from tests.models.tables import Surroundings, table

SPEC = catalog.model_spec("ft_transformer")
FEATURES = (Feature("a", "a", "number"), Feature("b", "b", "number"), Feature("c", "c", "code", 5))


def _net() -> FTTransformer:
    config = read_config(FTTransformerConfig, SPEC.defaults | {"width": 16})
    net = build(config, DataInfo("multiclass", 4, FEATURES, 240))
    assert isinstance(net, FTTransformer)
    return net


def test_one_output_vector_a_row() -> None:
    assert _net()(torch.zeros(6, 3)).shape == (6, 4)


def test_every_parameter_is_in_one_group_and_tokens_do_not_decay() -> None:
    net = _net()
    grouped = [id(p) for group in net.parameter_groups() for p in group.params]
    assert sorted(grouped) == sorted(id(p) for p in net.parameters())
    decaying = {id(p) for g in net.parameter_groups() if g.decay for p in g.params}
    assert not decaying & {id(p) for p in net.tokens.parameters()}


def test_the_last_layer_gives_what_it_would_for_all_tokens() -> None:
    layer = _net().eval().layers[-1]
    x = torch.randn(5, 4, 16)
    whole, first = layer(x, first_only=False), layer(x, first_only=True)
    torch.testing.assert_close(whole[:, :1], first)


def test_every_parameter_learns() -> None:
    net = _net()
    x = torch.randn(50, 3)
    net.fit_to(x)
    net(x).square().sum().backward()  # type: ignore[no-untyped-call]
    still = {name for name, p in net.named_parameters() if p.grad is None or not p.grad.any()}
    # attention does not change where all keys move alike
    assert still <= {"tokens.codes.table.weight"}


def test_a_product_of_columns_is_learned() -> None:
    data = table("binary", SPEC.encoding, rows=600)
    product = [(x[:, 0] * x[:, 1] > 0).astype(np.int64) for x in (data.x, data.x_valid)]
    data = dataclasses.replace(data, y=product[0], y_valid=product[1])
    config = {"width": 32, "epochs": 40, "learning_rate": 3e-3}
    model = catalog.fit(SPEC, data, config, Surroundings().control()).model
    assert score("roc_auc", data.y_valid, model.predict(data.x_valid)) > 0.9
