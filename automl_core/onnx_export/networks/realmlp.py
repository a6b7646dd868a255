"""models/nets/realmlp.py: scaled layers with parametric activations."""

from __future__ import annotations

import numpy as np
from torch import nn

from automl_core.models.nets import ParametricActivation, RealMLP, Scaled
from automl_core.onnx_export import GraphBuilder
from automl_core.onnx_export.networks.input_layer import inputs
from automl_core.onnx_export.networks.layers import parametric_activation
from automl_core.onnx_export.networks.tensors import Floats, scaled_factor, weight, weighted_sum


def realmlp(graph: GraphBuilder, net: RealMLP, x: str) -> str:
    """(n, d) -> (n, outputs)."""
    hidden = inputs(graph, net.inputs, x)
    scale = net.scale.detach().double().numpy()
    for layer, bend in zip(net.layers, net.bends, strict=True):
        assert isinstance(bend, ParametricActivation)
        hidden = parametric_activation(graph, bend, scaled(graph, layer, hidden, scale))
        scale = np.ones(1)
    return scaled(graph, net.head, hidden, scale)


def scaled(graph: GraphBuilder, layer: nn.Module, x: str, scale: Floats) -> str:
    """(x scale) W / sqrt(inputs) + b: (n, inputs) -> (n, outputs); `scale` is (inputs,) or (1,)."""
    assert isinstance(layer, Scaled)
    weights = scaled_factor(graph, layer.weight, layer.gain * scale)
    return weighted_sum(graph, x, weights, weight(graph, layer.bias))
