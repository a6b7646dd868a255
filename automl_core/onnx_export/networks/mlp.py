"""models/nets/mlp.py: scaled inputs, then layers of linear and ReLU."""

from __future__ import annotations

from torch import nn

from automl_core.models.nets import MLP
from automl_core.onnx_export import GraphBuilder
from automl_core.onnx_export.networks.input_layer import inputs
from automl_core.onnx_export.networks.tensors import linear_layer, weight


def mlp(graph: GraphBuilder, net: MLP, x: str) -> str:
    """(n, d) -> (n, outputs)."""
    hidden = graph.add("Mul", [inputs(graph, net.inputs, x), weight(graph, net.scale)])
    for layer in net.blocks:
        if isinstance(layer, nn.Linear):
            hidden = graph.add("Relu", [linear_layer(graph, layer, hidden)])
    return linear_layer(graph, net.head, hidden)
