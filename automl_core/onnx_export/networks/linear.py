"""models/nets/linear.py: one weight a column."""

from __future__ import annotations

from automl_core.models.nets import Linear
from automl_core.onnx_export import GraphBuilder
from automl_core.onnx_export.networks.input_layer import inputs
from automl_core.onnx_export.networks.tensors import linear_layer


def linear(graph: GraphBuilder, net: Linear, x: str) -> str:
    """(n, d) -> (n, outputs)."""
    return linear_layer(graph, net.head, inputs(graph, net.inputs, x))
