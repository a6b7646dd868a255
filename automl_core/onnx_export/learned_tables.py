"""Learned numbers as constants of a graph: as they are, or rounded where the graph is to be light.

ONNX Runtime turns a stored constant back into float32 once, when it opens the file: rounding makes
the file small, and costs no time in a prediction.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.onnx_export import GraphBuilder

FEW = 256
"""Numbers, up to which rounding saves nothing that is worth its error."""

LARGEST_HALF = 65_504.0  # of float16
STEPS = 127.0  # of int8 on each side of 0


def lookup_table(graph: GraphBuilder, values: NDArray[Any]) -> str:
    """Numbers of which some are picked and added: as they are, or float16 as float32."""
    if graph.precision == "exact":
        return graph.constant(values)
    exact = values.astype(np.float32)
    if values.size <= FEW or not np.abs(values).max() <= LARGEST_HALF:
        return graph.constant(exact)
    return graph.cast(graph.constant(exact.astype(np.float16)), "float")


def matrix(graph: GraphBuilder, values: NDArray[np.float32]) -> str:
    """A matrix (..., inputs, outputs) that rows are multiplied with, in `graph.real`.

    In int8 each output has a scale of its own.
    """
    if graph.precision == "exact":
        return graph.cast(graph.constant(values), "double")
    if graph.precision == "float16" or values.size <= FEW:
        return lookup_table(graph, values)
    scale = np.abs(values).max(axis=-2, keepdims=True) / np.float32(STEPS)
    scale = np.where(scale > 0, scale, np.float32(1.0)).astype(np.float32)
    whole = np.rint(values / scale).astype(np.int8)
    return graph.add("Mul", [graph.cast(graph.constant(whole), "float"), graph.constant(scale)])
