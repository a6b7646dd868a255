"""Numbers and booleans: all columns of an encoder at once."""

from __future__ import annotations

from collections.abc import Sequence

from automl_core.features import NumericEncoder
from automl_core.onnx_export import GraphBuilder
from automl_core.onnx_export.encoders.matrix_columns import chosen, whole
from automl_core.onnx_export.encoders.scaled import write_scaled
from automl_core.onnx_export.encoders.typed_inputs import TypedInputs


def write_numbers(
    graph: GraphBuilder, inputs: TypedInputs, encoders: Sequence[NumericEncoder]
) -> str:
    """The features (rows, k) of the encoders, float32, in their order."""
    names = [encoder.name for encoder in encoders]
    numbers = inputs.numbers(names)
    values, flags, at = [], [], 0
    for i, encoder in enumerate(encoders):
        if encoder.scaling is not None:
            values.append((i, at, encoder.scaling, encoder.fill))
        at += encoder.scaling is not None
        if encoder.indicator:
            flags.append((i, at))
        at += encoder.indicator
    found = []
    if values:
        own = chosen(graph, numbers, [i for i, *_ in values], len(names))
        scaled = write_scaled(graph, own, [s for *_, s, _ in values], [v[3] for v in values])
        found.append(graph.cast(scaled, "float"))
    if flags:
        own = chosen(graph, numbers, [i for i, _ in flags], len(names))
        found.append(graph.cast(graph.add("IsNaN", [own]), "float"))
    return whole(graph, found, [v[1] for v in values] + [place for _, place in flags])
