"""models/nets/tabm.py: members that share a trunk."""

from __future__ import annotations

from automl_core.models.nets import TabM
from automl_core.onnx_export import GraphBuilder
from automl_core.onnx_export.networks.piecewise_embedding import tokens
from automl_core.onnx_export.networks.tensors import (
    factor,
    linear_layer,
    pad_end,
    reshape,
    swap,
    weight,
    weighted_sum,
)


def tabm(graph: GraphBuilder, net: TabM, x: str) -> str:
    """(n, d) -> (n, members, outputs)."""
    groups, _, width = net.first.shape
    columns = graph.add("MatMul", [_grouped(graph, net, x), factor(graph, net.first)])
    flat = reshape(graph, columns, groups, -1)  # (groups, n * width)
    hidden = graph.add("MatMul", [weight(graph, net.weights), flat])
    hidden = graph.add("Relu", [reshape(graph, hidden, -1, width)])  # member by member
    for layer in net.blocks:
        hidden = graph.add("Relu", [linear_layer(graph, layer, hidden)])
    apart = reshape(graph, hidden, net.members, -1, width)
    out = weighted_sum(graph, apart, factor(graph, net.head), weight(graph, net.bias))
    return swap(graph, out, 1, 0, 2)


def _grouped(graph: GraphBuilder, net: TabM, x: str) -> str:
    """The columns' vectors (groups, n, together * length): those of a group stand side by side."""
    vectors = tokens(graph, net.tokens, x)
    if net.together == 1:
        return vectors
    groups, length, _ = net.first.shape
    padded = pad_end(graph, vectors, 0, net.padding)
    apart = reshape(graph, padded, groups, net.together, -1, net.tokens.length)
    return reshape(graph, swap(graph, apart, 0, 2, 1, 3), groups, -1, length)
