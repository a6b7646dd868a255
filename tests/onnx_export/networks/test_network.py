"""A network as ONNX says what the network says, in double, on rows of every kind."""

from __future__ import annotations

import dataclasses

import numpy as np
import onnxruntime
import pytest
import torch

from automl_core.errors import ModelError
from automl_core.models.log_target import LogTargetModel, LogTargetRecord
from automl_core.models.network import NetworkModel
from automl_core.onnx_export.graph_builder import GraphBuilder
from automl_core.onnx_export.models import write_model
from automl_core.onnx_export.networks import write_network
from automl_core.types import Config
from tests.models.random_networks import LAYOUTS, MIXED, NETWORKS, encoded_rows, random_network


def _greatest_difference(model: NetworkModel, *tables: np.ndarray) -> float:
    graph = GraphBuilder()
    columns = len(model.record.columns)
    answer = write_network(graph, model, graph.input("x", "float", ["rows", columns]))
    shape = ["rows", model.record.classes] if model.record.classes else ["rows"]
    graph.output(answer, "answer", "double", shape)
    session = onnxruntime.InferenceSession(graph.build({}))
    found = 0.0
    for x in tables:
        expected, (got,) = model.predict(x), session.run(None, {"x": x})
        assert got.shape == expected.shape and got.dtype == np.float64
        assert np.isfinite(expected).all()
        scale = 1.0 if model.record.classes else max(1.0, np.abs(expected).max(initial=0.0))
        found = max(found, np.abs(got - expected).max(initial=0.0) / scale)
    return found


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("family", NETWORKS)
def test_every_network_on_every_kind_of_columns(family: str, layout: str) -> None:
    model = random_network(family, layout)
    features = LAYOUTS[layout][2]
    tables = [encoded_rows(features, count, seed=2) for count in (0, 1, 2, 300)]
    assert _greatest_difference(model, *tables) < 1e-9


@pytest.mark.parametrize(
    ("family", "config"),
    [
        ("mlp", {"frequencies": 0, "layers": 1, "dropout": 0.0}),
        ("resnet", {"frequencies": 3, "sigma": 20.0, "expansion": 3.0}),
        ("realmlp", {"frequencies": 0, "layers": 3}),
        ("realmlp", {"frequencies": 32, "sigma": 20.0}),
        ("tabm", {"blocks": 1, "vector": 3}),
        ("tabm", {"blocks": 3, "members": 0, "bins": 2}),
        ("ft_transformer", {"width": 8, "layers": 1}),
        ("ft_transformer", {"width": 24, "layers": 3, "expansion": 0.5}),
    ],
)
def test_settings_of_the_networks(family: str, config: Config) -> None:
    model = random_network(family, "mixed, values", config)
    assert _greatest_difference(model, encoded_rows(MIXED, 50, seed=3)) < 1e-9


def test_codes_that_no_column_has_stay_within_their_column() -> None:
    x = encoded_rows(MIXED, 6)
    x[:, 0] = (-1, 3, 40, 1e6, -1e6, 2.9)
    for family in ("linear", "realmlp", "tabm"):  # codes become vectors, or one-hot
        assert _greatest_difference(random_network(family, "mixed, two classes"), x) < 1e-9


def test_a_network_of_the_logarithm_is_a_model_as_any_other() -> None:
    inner = random_network("mlp", "mixed, values")
    inner.record = dataclasses.replace(inner.record, mean=3.0, scale=1.0, low=0.0, high=6.0)
    log = LogTargetModel(LogTargetRecord(1.0, 1.1, 0.0, 1e300), inner)
    graph, x = GraphBuilder(), encoded_rows(MIXED, 20)
    answer = write_model(graph, log, graph.input("x", "float", ["rows", len(MIXED)]))
    graph.output(answer, "answer", "double", ["rows"])
    (got,) = onnxruntime.InferenceSession(graph.build({})).run(None, {"x": x})
    assert len(np.unique(got)) > 10
    assert np.allclose(got, log.predict(x), rtol=1e-9, atol=0)


def test_a_network_of_an_unknown_kind_is_refused_by_name() -> None:
    model = random_network("linear", "one number")
    model.net.net = torch.nn.Identity()
    model.record = dataclasses.replace(model.record, family="gated")
    with pytest.raises(ModelError, match="'gated'"):
        write_network(GraphBuilder(), model, "x")
