"""Lists of items: which of the stored ones a row has, and how many there are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from automl_core.features import ListEncoder
from automl_core.onnx_export import GraphBuilder
from automl_core.onnx_export.encoders.counts import write_counts, write_log_count
from automl_core.onnx_export.encoders.matrix_columns import side_by_side
from automl_core.onnx_export.encoders.scaled import write_scaled
from automl_core.onnx_export.encoders.typed_inputs import TypedInputs


def write_lists(graph: GraphBuilder, inputs: TypedInputs, encoders: Sequence[ListEncoder]) -> str:
    """The features (rows, k) of the encoders, float32, in their order."""
    return side_by_side(graph, [_written(graph, inputs, encoder) for encoder in encoders])


def _written(graph: GraphBuilder, inputs: TypedInputs, encoder: ListEncoder) -> str:
    missing = inputs.missing(encoder.name)
    found = []
    if encoder.items:
        own = {item: place for place, item in enumerate(encoder.items)}
        k = len(own)
        table = [own.get(item, k) for item in inputs.token_vocabulary(encoder.name)] + [k]
        tokens = inputs.tokens(encoder.name)
        places = graph.add("Gather", [graph.constant(np.array(table, np.int64)), tokens])
        counts = write_counts(graph, places, inputs.rows, k)
        found.append(graph.cast(graph.add("Sign", [counts]), "float"))
    if encoder.count is not None:
        logs = write_log_count(graph, inputs.item_count(encoder.name))
        scaled = write_scaled(graph, logs, [encoder.count], [False])
        scaled = graph.add("Where", [missing, graph.constant(0.0), scaled])
        found.append(graph.cast(scaled, "float"))
    if encoder.indicator:
        found.append(graph.cast(missing, "float"))
    return side_by_side(graph, found)
