"""models/network.py: a fitted network from the encoded matrix to probabilities or values.

The graph is written from the trained weights and from the settings that the layers keep, layer by
layer; no converter is involved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from automl_core.errors import ModelError
from automl_core.models import NetworkModel, NetworkRecord
from automl_core.models.nets import (
    MLP,
    FTTransformer,
    Linear,
    RealMLP,
    ResNet,
    TabM,
    WithPrior,
)
from automl_core.onnx_export import GraphBuilder
from automl_core.onnx_export.networks.ft_transformer import ft_transformer
from automl_core.onnx_export.networks.linear import linear
from automl_core.onnx_export.networks.mlp import mlp
from automl_core.onnx_export.networks.realmlp import realmlp
from automl_core.onnx_export.networks.resnet import resnet
from automl_core.onnx_export.networks.tabm import tabm
from automl_core.onnx_export.networks.tensors import reshape, weight, whole

WRITERS: Mapping[type, Callable[[GraphBuilder, Any, str], str]] = {
    Linear: linear,
    MLP: mlp,
    ResNet: resnet,
    RealMLP: realmlp,
    TabM: tabm,
    FTTransformer: ft_transformer,
}
"""What writes a network of each kind: (n, d) to (n, outputs) or (n, members, outputs), in
`graph.real`."""


def write_network(graph: GraphBuilder, model: NetworkModel, x: str) -> str:
    """Probabilities (n, classes) or values (n,) in double, from `x` (n, d) in float32.

    Raises ModelError for a network of a kind that has no writer.
    """
    top, record = model.net, model.record
    assert isinstance(top, WithPrior)
    writer = WRITERS.get(type(top.net))
    if writer is None:
        raise ModelError(
            f"A network of the family {record.family!r} cannot be written as ONNX.",
            "Export it as a bundle instead.",
        )
    output = writer(graph, top.net, graph.cast(x, graph.real))
    output = graph.to_double(graph.add("Add", [output, weight(graph, top.prior)]))
    members = top.net.members if isinstance(top.net, TabM) else 0
    return read_outputs(graph, record, output, members)


def read_outputs(graph: GraphBuilder, record: NetworkRecord, output: str, members: int) -> str:
    """Probabilities or values of outputs, in double: (n, outputs), or (n, members, outputs) to be
    averaged."""
    if record.task == "regression":
        single = reshape(graph, output, *([-1, members] if members else [-1]))
        value = _average(graph, single) if members else single
        value = graph.add("Mul", [value, graph.constant(float(record.scale))])
        value = graph.add("Add", [value, graph.constant(float(record.mean))])
        ends = [graph.constant(float(end)) for end in (record.low, record.high)]
        return graph.add("Clip", [value, *ends])
    if record.task == "binary":  # the logit of class 0 is 0
        output = graph.add("Mul", [output, graph.constant([0.0, 1.0])])
    shares = graph.add("Softmax", [output], {"axis": -1})
    return _average(graph, shares) if members else shares


def _average(graph: GraphBuilder, x: str) -> str:
    """The mean over the members, dimension 1."""
    return graph.add("ReduceMean", [x, whole(graph, 1)], {"keepdims": 0})
