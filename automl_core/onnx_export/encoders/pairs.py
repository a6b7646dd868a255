"""Pairs of columns as numbers: products, ratios, differences, and numbers within their category."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from automl_core.features import How, NumberPairEncoder, WithinEncoder
from automl_core.onnx_export import GraphBuilder
from automl_core.onnx_export.encoders.matrix_columns import side_by_side
from automl_core.onnx_export.encoders.places import StoredWords, write_places
from automl_core.onnx_export.encoders.scaled import write_scaled
from automl_core.onnx_export.encoders.typed_inputs import TypedInputs

OPERATORS: dict[How, str] = {"times": "Mul", "over": "Div", "minus": "Sub"}


def write_number_pairs(
    graph: GraphBuilder, inputs: TypedInputs, encoders: Sequence[NumberPairEncoder]
) -> str:
    """The features (rows, k) of the encoders, float32, in their order."""
    values = []
    for encoder in encoders:
        both = [inputs.numbers([name]) for name in encoder.pair.columns]
        values.append(graph.add(OPERATORS[encoder.pair.how], both))
    found = side_by_side(graph, values)
    known = graph.add("Where", [graph.add("IsInf", [found]), graph.constant(np.nan), found])
    fills = [encoder.fill for encoder in encoders]
    scaled = write_scaled(graph, known, [encoder.scaling for encoder in encoders], fills)
    return graph.cast(scaled, "float")


def write_within(
    graph: GraphBuilder, inputs: TypedInputs, encoders: Sequence[WithinEncoder]
) -> str:
    """The features (rows, k) of the encoders, float32, in their order."""
    stored = [StoredWords((encoder.pair.second,), encoder.words) for encoder in encoders]
    places = write_places(graph, inputs, stored)
    means: list[float] = []
    starts = []
    for encoder in encoders:
        starts.append(len(means))
        means += [*encoder.means, encoder.overall, np.nan]
    entries = graph.add("Add", [places, graph.constant([starts])])
    mean = graph.add("Gather", [graph.constant(np.array(means, np.float64)), entries])
    numbers = inputs.numbers([encoder.pair.first for encoder in encoders])
    relative = graph.add("Sub", [numbers, mean])
    fills = [encoder.fill for encoder in encoders]
    scaled = write_scaled(graph, relative, [encoder.scaling for encoder in encoders], fills)
    return graph.cast(scaled, "float")
