"""models/nets/realmlp.py: scaled layers with parametric activations."""

from __future__ import annotations

from torch import nn

from automl_core.models.nets import ParametricActivation, RealMLP, Scaled
from automl_core.onnx_export import GraphBuilder
from automl_core.onnx_export.networks.input_layer import inputs
from automl_core.onnx_export.networks.layers import parametric_activation
from automl_core.onnx_export.networks.tensors import factor, number, weight, weighted_sum


def realmlp(graph: GraphBuilder, net: RealMLP, x: str) -> str:
    """(n, d) -> (n, outputs)."""
    hidden = graph.add("Mul", [inputs(graph, net.inputs, x), weight(graph, net.scale)])
    for layer, bend in zip(net.layers, net.bends, strict=True):
        assert isinstance(bend, ParametricActivation)
        hidden = parametric_activation(graph, bend, scaled(graph, layer, hidden))
    return scaled(graph, net.head, hidden)


def scaled(graph: GraphBuilder, layer: nn.Module, x: str) -> str:
    """x W / sqrt(inputs) + b: (n, inputs) -> (n, outputs)."""
    assert isinstance(layer, Scaled)
    gained = graph.add("Mul", [x, number(graph, layer.gain)])
    return weighted_sum(graph, gained, factor(graph, layer.weight), weight(graph, layer.bias))
