"""The same values for every row of a graph whose number of rows is not known before."""

from __future__ import annotations

from automl_core.onnx_export import GraphBuilder


def repeat_row(graph: GraphBuilder, row: str, like: str) -> str:
    """The values (1, k) as often as `like` has rows: (rows, k)."""
    rows = graph.add("Shape", [like], {"start": 0, "end": 1})
    shape = graph.add("Concat", [rows, graph.constant([1])], {"axis": 0})
    return graph.add("Expand", [row, shape])
