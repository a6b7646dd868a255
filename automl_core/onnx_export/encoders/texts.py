"""Texts: terms, themes, length and signals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from automl_core.features import TextComponents, TextEncoder
from automl_core.onnx_export import GraphBuilder
from automl_core.onnx_export.encoders.counts import without_first, write_log_count
from automl_core.onnx_export.encoders.matrix_columns import chosen, side_by_side
from automl_core.onnx_export.encoders.scaled import write_scaled
from automl_core.onnx_export.encoders.terms import Weights, write_weights
from automl_core.onnx_export.encoders.typed_inputs import TypedInputs
from automl_core.table.parsing import SIGNALS


def write_texts(graph: GraphBuilder, inputs: TypedInputs, encoders: Sequence[TextEncoder]) -> str:
    """The features (rows, k) of the encoders, float32, in their order."""
    return side_by_side(graph, [_written(graph, inputs, encoder) for encoder in encoders])


def _written(graph: GraphBuilder, inputs: TypedInputs, encoder: TextEncoder) -> str:
    missing = inputs.missing(encoder.name)
    found = []
    if encoder.shown or encoder.themes is not None:
        weights = write_weights(graph, inputs, encoder)
        if encoder.shown:
            found.append(_shown(graph, weights[0], encoder.shown))
        if encoder.themes is not None:
            found.append(_themes(graph, weights, encoder.themes))
    if encoder.length is not None:
        logs = write_log_count(graph, inputs.word_count(encoder.name))
        found.append(write_scaled(graph, logs, [encoder.length], [False]))
    used = [i for i, scaling in enumerate(encoder.signals) if scaling is not None]
    if used:
        signals = chosen(graph, inputs.signals(encoder.name), used, len(SIGNALS))
        scalings = [scaling for scaling in encoder.signals if scaling is not None]
        numbers = graph.cast(signals, "double")
        found.append(write_scaled(graph, numbers, scalings, [False] * len(used)))
    parts = []
    if found:
        present = side_by_side(graph, found)
        values = graph.add("Where", [missing, graph.constant(0.0), present])
        parts.append(graph.cast(values, "float"))
    if encoder.indicator:
        parts.append(graph.cast(missing, "float"))
    return side_by_side(graph, parts)


def _shown(graph: GraphBuilder, terms: Weights, count: int) -> str:
    """The first terms (rows, count)."""
    ends = [[1, 0], [np.iinfo(np.int64).max, count], [0, 1]]  # without the row before them
    values = graph.add("Slice", [terms.values, *map(graph.constant, ends)])
    return graph.add("Div", [values, without_first(graph, terms.length)])


def _themes(graph: GraphBuilder, weights: Sequence[Weights], themes: TextComponents) -> str:
    """(rows, themes); rows are scaled last, where they are short."""
    halves, start, total = themes.matrix.astype(np.float16), 0, ""
    for part in weights:
        own = graph.constant(halves[start : start + part.count])
        product = graph.add("MatMul", [part.values, graph.cast(own, "double")])
        product = graph.add("Div", [product, part.length])
        total = graph.add("Add", [total, product]) if total else product
        start += part.count
    total = without_first(graph, total)
    return graph.add("Sub", [total, graph.constant([list(themes.offset)])])
