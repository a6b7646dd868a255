"""Days between two dates: all pairs of an encoder at once."""

from __future__ import annotations

from collections.abc import Sequence

from automl_core.features import DAY, DateGapEncoder
from automl_core.onnx_export import GraphBuilder
from automl_core.onnx_export.encoders.dates import plausible_seconds
from automl_core.onnx_export.encoders.scaled import write_scaled
from automl_core.onnx_export.encoders.typed_inputs import TypedInputs


def write_date_gaps(
    graph: GraphBuilder, inputs: TypedInputs, encoders: Sequence[DateGapEncoder]
) -> str:
    """The features (rows, k) of the encoders, float32, in their order."""
    start = plausible_seconds(graph, inputs, [encoder.first for encoder in encoders])
    end = plausible_seconds(graph, inputs, [encoder.second for encoder in encoders])
    days = graph.add("Div", [graph.add("Sub", [end, start]), graph.constant(DAY)])
    fills = [encoder.fill for encoder in encoders]
    scaled = write_scaled(graph, days, [encoder.scaling for encoder in encoders], fills)
    return graph.cast(scaled, "float")
