"""models/nets/piecewise_embedding.py: every column as a vector of its own."""

from __future__ import annotations

from automl_core.models.nets import BUNDLES, Bag, Bundles, PiecewiseLinear, Tokens
from automl_core.onnx_export import GraphBuilder
from automl_core.onnx_export.networks.input_layer import bag, vectors
from automl_core.onnx_export.networks.tensors import (
    factor,
    number,
    pad_end,
    pick_columns,
    reshape,
    swap,
    weight,
    weighted_sum,
    whole,
)


def tokens(graph: GraphBuilder, layer: Tokens, x: str) -> str:
    """One vector a column, those of numbers, terms and codes: (n, d) -> (count, n, length)."""
    parts = []
    if layer.numbers is not None:
        numbers = pick_columns(graph, x, layer.columns)
        if isinstance(layer.numbers, Bundles):
            parts.append(bundles(graph, layer.numbers, numbers))
        else:
            parts.append(piecewise_linear(graph, layer.numbers, numbers))
    for part in layer.bags:
        assert isinstance(part, Bag)
        parts.append(_columns_first(graph, bag(graph, part, x), part.vectors.shape[1], layer))
    if layer.codes is not None:
        width = len(layer.codes.places.columns) * layer.length
        parts.append(_columns_first(graph, vectors(graph, layer.codes, x), width, layer))
    return graph.add("Concat", parts, {"axis": 0}) if len(parts) > 1 else parts[0]


def piecewise_linear(graph: GraphBuilder, layer: PiecewiseLinear, x: str) -> str:
    """A vector of each number that bends at the edges of its bins: (n, c) -> (c, n, length)."""
    numbers = graph.add("Unsqueeze", [swap(graph, x, 1, 0), whole(graph, 2)])  # (c, n, 1)
    steep = graph.add("Mul", [numbers, weight(graph, layer.slope[:, None])])
    filled = graph.add("Add", [steep, weight(graph, layer.offset[:, None])])
    filled = graph.add("Clip", [filled, number(graph, 0.0), number(graph, 1.0)])
    straight = graph.add("Mul", [numbers, weight(graph, layer.straight)])
    straight = graph.add("Add", [straight, weight(graph, layer.bias)])
    bent = graph.add("MatMul", [filled, factor(graph, layer.bent)])
    return graph.add("Add", [straight, bent])


def bundles(graph: GraphBuilder, layer: Bundles, x: str) -> str:
    """A vector for each bundle of numbers: (n, c) -> (BUNDLES, n, length)."""
    padded = reshape(graph, pad_end(graph, x, 1, layer.empty), -1, BUNDLES, layer.each)
    parts = swap(graph, padded, 1, 0, 2)
    return weighted_sum(graph, parts, factor(graph, layer.weight), weight(graph, layer.bias))


def _columns_first(graph: GraphBuilder, wide: str, width: int, layer: Tokens) -> str:
    """(n, width) -> (width / length, n, length)."""
    split = reshape(graph, wide, -1, width // layer.length, layer.length)
    return swap(graph, split, 1, 0, 2)
