"""models/nets/mlp.py: scaled inputs, then layers of linear and ReLU."""

from __future__ import annotations

from torch import nn

from automl_core.models.nets import MLP
from automl_core.onnx_export import GraphBuilder
from automl_core.onnx_export.networks.input_layer import inputs
from automl_core.onnx_export.networks.tensors import linear_layer


def mlp(graph: GraphBuilder, net: MLP, x: str) -> str:
    """(n, d) -> (n, outputs)."""
    hidden = inputs(graph, net.inputs, x)
    layers = [layer for layer in net.blocks if isinstance(layer, nn.Linear)]
    for i, layer in enumerate(layers):
        scale = None if i else net.scale
        hidden = graph.add("Relu", [linear_layer(graph, layer, hidden, scale)])
    return linear_layer(graph, net.head, hidden)
