"""models/nets/ft_transformer.py: attention among the columns of a row."""

from __future__ import annotations

import math

from torch import nn

from automl_core.models.nets import HEAD, Attention, FTTransformer, TransformerLayer
from automl_core.onnx_export import GraphBuilder
from automl_core.onnx_export.networks.piecewise_embedding import tokens
from automl_core.onnx_export.networks.tensors import (
    layer_norm,
    linear_layer,
    number,
    reshape,
    swap,
    weight,
    whole,
)


def ft_transformer(graph: GraphBuilder, net: FTTransformer, x: str) -> str:
    """(n, d) -> (n, outputs)."""
    row, count = _with_gathering(graph, net, tokens(graph, net.tokens, x)), net.tokens.count + 1
    for place, layer in enumerate(net.layers, 1):
        assert isinstance(layer, TransformerLayer)
        row = transformer_layer(graph, layer, row, count, place == len(net.layers))
    gathered = reshape(graph, row, -1, net.tokens.length)  # one token a row is left
    gathered = graph.add("Relu", [layer_norm(graph, net.norm, gathered)])
    return linear_layer(graph, net.head, gathered)


def transformer_layer(
    graph: GraphBuilder, layer: TransformerLayer, x: str, count: int, first_only: bool
) -> str:
    """(n, count, length) -> the same, or (n, 1, length)."""
    normed = layer_norm(graph, layer.norm, x) if isinstance(layer.norm, nn.LayerNorm) else x
    attended = attention(graph, layer.attention, normed, count, first_only)
    x = graph.add("Add", [_first(graph, x) if first_only else x, attended])
    wide = linear_layer(graph, layer.widen, layer_norm(graph, layer.norm_hidden, x))
    value, gate = _halves(graph, wide)
    gated = graph.add("Mul", [value, graph.add("Relu", [gate])])
    return graph.add("Add", [x, linear_layer(graph, layer.narrow, gated)])


def attention(graph: GraphBuilder, layer: Attention, x: str, count: int, first_only: bool) -> str:
    """(n, count, length) -> the same, or (n, 1, length)."""
    length, asking = layer.out.in_features, 1 if first_only else count
    asked = linear_layer(graph, layer.query, _first(graph, x) if first_only else x)
    query = _heads(graph, asked, asking, length)
    key, value = (
        _heads(graph, part, count, length)
        for part in _halves(graph, linear_layer(graph, layer.key_value, x))
    )
    scores = graph.add("MatMul", [query, swap(graph, key, 0, 1, 3, 2)])
    scores = graph.add("Mul", [scores, number(graph, 1 / math.sqrt(HEAD))])
    shares = graph.add("Softmax", [scores], {"axis": -1})
    mixed = swap(graph, graph.add("MatMul", [shares, value]), 0, 2, 1, 3)
    return linear_layer(graph, layer.out, reshape(graph, mixed, -1, asking, length))


def _with_gathering(graph: GraphBuilder, net: FTTransformer, columns: str) -> str:
    """(columns, n, length) -> (n, 1 + columns, length), the gathering token first."""
    one = graph.add("Gather", [columns, whole(graph, 0)], {"axis": 0})
    zeros = graph.add("Sub", [one, one])  # for each row
    gathering = graph.add("Add", [zeros, weight(graph, net.gathering)])
    return swap(graph, graph.add("Concat", [gathering, columns], {"axis": 0}), 1, 0, 2)


def _first(graph: GraphBuilder, x: str) -> str:
    """The first token of each row: (n, tokens, length) -> (n, 1, length)."""
    return graph.add("Gather", [x, whole(graph, 0)], {"axis": 1})


def _halves(graph: GraphBuilder, x: str) -> tuple[str, ...]:
    return graph.add_many("Split", [x], 2, {"axis": -1, "num_outputs": 2})


def _heads(graph: GraphBuilder, x: str, count: int, length: int) -> str:
    """(n, count, length) -> (n, heads, count, HEAD)."""
    return swap(graph, reshape(graph, x, -1, count, length // HEAD, HEAD), 0, 2, 1, 3)
