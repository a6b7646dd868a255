"""models/nets/periodic_embedding.py: numbers as cosines of learned frequencies."""

from __future__ import annotations

import math

from automl_core.models.nets import PeriodicEmbedding
from automl_core.onnx_export import GraphBuilder
from automl_core.onnx_export.networks.tensors import (
    factor,
    number,
    numbers,
    reshape,
    swap,
    weight,
    whole,
)


def periodic_embedding(graph: GraphBuilder, layer: PeriodicEmbedding, x: str) -> str:
    """(n, columns) -> (n, columns * VECTOR)."""
    turns = graph.add("Mul", [swap(graph, x, 1, 0), number(graph, 2 * math.pi)])
    turns = graph.add("Unsqueeze", [turns, whole(graph, 2)])  # (columns, n, 1)
    angles = graph.add("Mul", [turns, weight(graph, layer.frequency[:, None])])
    quarter = layer.phase[:, None].detach().double().numpy() + math.pi / 2
    angles = graph.add("Add", [angles, numbers(graph, quarter)])
    waves = graph.add("Sin", [angles])  # which are cosines: in double there are sines only
    product = graph.add("MatMul", [waves, factor(graph, layer.weight)])
    mapped = graph.add("Add", [product, weight(graph, layer.bias[:, None])])
    return reshape(graph, swap(graph, mapped, 1, 0, 2), -1, layer.bias.numel())
