"""Scaling of numbers in a graph, in float64 and in the order of `Scaling.apply`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from automl_core.features import LIMIT, Scaling
from automl_core.onnx_export import GraphBuilder


def write_scaled(
    graph: GraphBuilder, values: str, scalings: Sequence[Scaling], fills: Sequence[bool]
) -> str:
    """Numbers (rows, k), one scaling a column, as scaled numbers in float64.

    What is NaN becomes 0 in the columns that are filled, and stays NaN in the others.
    """
    centre = graph.constant([[s.centre for s in scalings]])
    scale = graph.constant([[s.scale for s in scalings]])
    scaled = graph.add("Div", [graph.add("Sub", [values, centre]), scale])
    scaled = graph.add("Clip", [scaled, graph.constant(-LIMIT), graph.constant(LIMIT)])
    smooth = [s.smooth for s in scalings]
    if any(smooth):
        bent = _bent(graph, scaled)
        scaled = (
            bent
            if all(smooth)
            else graph.add("Where", [graph.constant(np.array([smooth])), bent, scaled])
        )
    return write_filled(graph, scaled, graph.add("IsNaN", [values]), fills)


def write_filled(graph: GraphBuilder, values: str, missing: str, fills: Sequence[bool]) -> str:
    """Numbers (rows, k) in float64, where they are missing 0 if filled and NaN if not."""
    empty = graph.constant([[0.0 if fill else np.nan for fill in fills]])
    return graph.add("Where", [missing, empty, values])


def _bent(graph: GraphBuilder, scaled: str) -> str:
    third = graph.add("Div", [scaled, graph.constant(3.0)])
    square = graph.add("Mul", [third, third])
    root = graph.add("Sqrt", [graph.add("Add", [graph.constant(1.0), square])])
    return graph.add("Div", [scaled, root])
