"""models/nets/layers.py: the activation with a learned strength a column. Nothing is dropped."""

from __future__ import annotations

from automl_core.models.nets import ParametricActivation
from automl_core.onnx_export import GraphBuilder
from automl_core.onnx_export.networks.tensors import number, weight

# Of SELU (Klambauer et al. 2017): its slope on the right, and its limit on the left.
SLOPE, LIMIT = 1.0507009873554805, 1.7580993408473766

FAR = 40.0
"""Where mish(x) is x in double."""


def parametric_activation(graph: GraphBuilder, layer: ParametricActivation, x: str) -> str:
    """x + bend (act(x) - x), of the same shape."""
    full = mish(graph, x) if layer.kind == "mish" else selu(graph, x)
    change = graph.add("Mul", [graph.add("Sub", [full, x]), weight(graph, layer.bend)])
    return graph.add("Add", [x, change])


def mish(graph: GraphBuilder, x: str) -> str:
    """x tanh(softplus(x)) = x m / (m + 2) with m = e (e + 2), e = exp(x)."""
    two = number(graph, 2.0)
    e = graph.add("Exp", [graph.add("Min", [x, number(graph, FAR)])])
    m = graph.add("Mul", [e, graph.add("Add", [e, two])])
    return graph.add("Mul", [x, graph.add("Div", [m, graph.add("Add", [m, two])])])


def selu(graph: GraphBuilder, x: str) -> str:
    """SLOPE x on the right of 0, LIMIT (exp(x) - 1) on the left."""
    zero = number(graph, 0.0)
    right = graph.add("Mul", [graph.add("Max", [x, zero]), number(graph, SLOPE)])
    fall = graph.add("Exp", [graph.add("Min", [x, zero])])
    fall = graph.add("Sub", [fall, number(graph, 1.0)])
    return graph.add("Add", [right, graph.add("Mul", [fall, number(graph, LIMIT)])])
