"""Counts of k things in a row, of their places; the logarithms of counts."""

from __future__ import annotations

import numpy as np

from automl_core.onnx_export import GraphBuilder


def write_counts(graph: GraphBuilder, places: str, rows: str, k: int) -> str:
    """Counts (rows, k) in float64 of places (rows, m), int64; place k is none of them.

    `rows` is their number, int64 (1,). The cells are added to a matrix of zeros, which needs no
    memory for rows times m times k.
    """
    zeros = _filled(graph, 0.0, graph.add("Concat", [rows, graph.constant([k + 1])], {"axis": 0}))
    ones = _filled(graph, 1.0, graph.add("Shape", [places]))
    options = {"axis": 1, "reduction": "add"}
    counts = graph.add("ScatterElements", [zeros, places, ones], options)
    ends = [graph.constant([number]) for number in (0, k, 1)]
    return graph.add("Slice", [counts, *ends])


TABLE = np.log1p(np.arange(1024.0))
"""Logarithms of 1 + n as numpy has them: trees split exactly at such numbers, and another
library's may differ in the last bit."""


def write_log_count(graph: GraphBuilder, numbers: str) -> str:
    """log(1 + n) in float64 of whole numbers n >= 0, int64, of any shape."""
    last = graph.constant(len(TABLE) - 1)
    small = graph.add("Gather", [graph.constant(TABLE), graph.add("Min", [numbers, last])])
    large = graph.add("Add", [graph.cast(numbers, "double"), graph.constant(1.0)])
    is_large = graph.add("Greater", [numbers, last])
    return graph.add("Where", [is_large, graph.add("Log", [large]), small])


def _filled(graph: GraphBuilder, number: float, shape: str) -> str:
    return graph.add("Expand", [graph.constant(number), shape])
