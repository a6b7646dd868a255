"""models/nets/input_layer.py: the encoded matrix to features of a network."""

from __future__ import annotations

import numpy as np

from automl_core.models.nets import Bag, Inputs, OneHot, Places, Vectors
from automl_core.onnx_export import GraphBuilder
from automl_core.onnx_export.networks.periodic_embedding import periodic_embedding
from automl_core.onnx_export.networks.tensors import (
    factor,
    pick_columns,
    reshape,
    vectors_of,
    whole,
)


def inputs(graph: GraphBuilder, layer: Inputs, x: str) -> str:
    """Numbers, their embeddings, bags of terms, codes: (n, d) -> (n, width)."""
    parts = []
    if layer.all_numbers or len(layer.numbers):
        numbers = x if layer.all_numbers else pick_columns(graph, x, layer.numbers)
        parts.append(numbers)
        if layer.waves is not None:
            parts.append(periodic_embedding(graph, layer.waves, numbers))
    for part in layer.bags:
        assert isinstance(part, Bag)
        parts.append(bag(graph, part, x))
    for part in layer.codes:
        if isinstance(part, OneHot):
            parts.append(one_hot(graph, part, x))
        else:
            assert isinstance(part, Vectors)
            parts.append(vectors(graph, part, x))
    return graph.add("Concat", parts, {"axis": 1}) if len(parts) > 1 else parts[0]


def bag(graph: GraphBuilder, layer: Bag, x: str) -> str:
    """The terms of one text as one vector: (n, d) -> (n, length)."""
    terms = pick_columns(graph, x, layer.columns)
    return graph.add("MatMul", [terms, factor(graph, layer.vectors)])


def vectors(graph: GraphBuilder, layer: Vectors, x: str) -> str:
    """A learned vector for each code: (n, d) -> (n, columns * length)."""
    places = layer.places
    rows = graph.add("Add", [_codes(graph, places, x), graph.constant(places.start.numpy())])
    found = graph.add("Gather", [vectors_of(graph, layer.table.weight), rows], {"axis": 0})
    return reshape(graph, found, -1, len(places.columns) * layer.table.embedding_dim)


def one_hot(graph: GraphBuilder, layer: OneHot, x: str) -> str:
    """A 1 at each column's code: (n, d) -> (n, codes of all columns)."""
    counts = (layer.places.last + 1).numpy()
    column = np.repeat(np.arange(len(counts)), counts)
    code = np.concatenate([np.arange(count) for count in counts])
    codes = _codes(graph, layer.places, x)
    repeated = graph.columns(codes, column)
    return graph.cast(graph.add("Equal", [repeated, graph.constant(code)]), graph.real)


def _codes(graph: GraphBuilder, places: Places, x: str) -> str:
    """Codes int64 (n, columns), of those that each column has."""
    codes = graph.cast(pick_columns(graph, x, places.columns), "int64")
    codes = graph.add("Max", [codes, whole(graph, 0)])
    return graph.add("Min", [codes, graph.constant(places.last.numpy())])
