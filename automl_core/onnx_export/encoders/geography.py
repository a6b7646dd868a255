"""Latitude and longitude along turned axes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from automl_core.features import ANGLES, GeographyEncoder
from automl_core.onnx_export import GraphBuilder
from automl_core.onnx_export.encoders.matrix_columns import chosen, side_by_side
from automl_core.onnx_export.encoders.scaled import write_filled, write_scaled
from automl_core.onnx_export.encoders.typed_inputs import TypedInputs


def write_geography(
    graph: GraphBuilder, inputs: TypedInputs, encoders: Sequence[GeographyEncoder]
) -> str:
    """The features (rows, angles) of each pair of columns, float32, in their order."""
    return side_by_side(graph, [_turned(graph, inputs, encoder) for encoder in encoders])


def _turned(graph: GraphBuilder, inputs: TypedInputs, encoder: GeographyEncoder) -> str:
    numbers = inputs.numbers([encoder.latitude, encoder.longitude])
    scaled = write_scaled(graph, numbers, encoder.scalings, [False, False])
    angles = np.deg2rad(ANGLES)
    parts = [
        graph.add("Mul", [graph.constant([share]), chosen(graph, scaled, [i], 2)])
        for i, share in enumerate((np.cos(angles), np.sin(angles)))
    ]
    turned = graph.add("Add", parts)
    if encoder.fill:
        missing = graph.add("IsNaN", [turned])  # where either is missing: both are finite
        turned = write_filled(graph, turned, missing, [True] * len(ANGLES))
    return graph.cast(turned, "float")
