"""Lists of items: which of the stored ones a row has, and how many there are."""

from __future__ import annotations

from collections.abc import Sequence

from automl_core.features import ListEncoder
from automl_core.onnx_export import GraphBuilder
from automl_core.onnx_export.encoders.counts import without_first, write_counts, write_log_count
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
        known = inputs.token_vocabulary(encoder.name)
        place = {item: i for i, item in enumerate(known)}
        items = [(place[item],) for item in encoder.items]
        counts = write_counts(graph, inputs.tokens(encoder.name), items, len(known))
        found.append(graph.add("Sign", [without_first(graph, counts)]))
    if encoder.count is not None:
        logs = write_log_count(graph, inputs.item_count(encoder.name))
        scaled = write_scaled(graph, logs, [encoder.count], [False])
        scaled = graph.add("Where", [missing, graph.constant(0.0), scaled])
        found.append(graph.cast(scaled, "float"))
    if encoder.indicator:
        found.append(graph.cast(missing, "float"))
    return side_by_side(graph, found)
