"""models/nets/layers.py: the activation with a learned strength a column. Nothing is dropped.

Few steps: each of them reads and writes all rows' numbers. What is known before any row comes is
computed here.
"""

from __future__ import annotations

from automl_core.models.nets import ParametricActivation
from automl_core.onnx_export import GraphBuilder
from automl_core.onnx_export.networks.tensors import Floats, number, numbers

# Of SELU (Klambauer et al. 2017): its slope on the right, and its limit on the left.
SLOPE, LIMIT = 1.0507009873554805, 1.7580993408473766

FAR = 40.0
"""Where mish(x) is x in double."""


def parametric_activation(graph: GraphBuilder, layer: ParametricActivation, x: str) -> str:
    """x + bend (act(x) - x), of the same shape."""
    bend = layer.bend.detach().double().numpy()
    return mish(graph, bend, x) if layer.kind == "mish" else selu(graph, bend, x)


def mish(graph: GraphBuilder, bend: Floats, x: str) -> str:
    """With mish(x) = x tanh(softplus(x)) = x (1 - 2 / (e^2 + 1)), e = exp(x) + 1."""
    one = number(graph, 1.0)
    e = graph.add("Add", [graph.add("Exp", [graph.add("Min", [x, number(graph, FAR)])]), one])
    below = graph.add("Add", [graph.add("Mul", [e, e]), one])
    less = graph.add("Div", [numbers(graph, 2.0 * bend), below])
    return graph.add("Mul", [x, graph.add("Sub", [one, less])])


def selu(graph: GraphBuilder, bend: Floats, x: str) -> str:
    """With selu(x) = SLOPE x on the right of 0, LIMIT (exp(x) - 1) on the left."""
    left = graph.add("Min", [x, number(graph, 0.0)])
    fall = graph.add("Sub", [graph.add("Exp", [left]), number(graph, 1.0)])
    parts = [
        graph.add("Mul", [x, numbers(graph, 1.0 + bend * (SLOPE - 1.0))]),
        graph.add("Mul", [left, numbers(graph, -SLOPE * bend)]),
        graph.add("Mul", [fall, numbers(graph, LIMIT * bend)]),
    ]
    return graph.add("Add", [graph.add("Add", parts[:2]), parts[2]])
