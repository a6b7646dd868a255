"""Columns of a matrix in a graph: put side by side, chosen, put in order; casts at their end."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from automl_core.onnx_export import GraphBuilder


def side_by_side(graph: GraphBuilder, values: Sequence[str]) -> str:
    """Matrices (rows, k) of one element type as one matrix; there is at least one."""
    return values[0] if len(values) == 1 else graph.add("Concat", values, {"axis": 1})


def as_column(graph: GraphBuilder, value: str) -> str:
    """Values (rows,) as (rows, 1)."""
    return graph.add("Unsqueeze", [value, graph.constant([1])])


def chosen(graph: GraphBuilder, value: str, places: Sequence[int], width: int) -> str:
    """These columns of a matrix (rows, width), in this order; a column may come twice."""
    if list(places) == list(range(width)):
        return value
    return graph.columns(value, list(places))


def whole(graph: GraphBuilder, values: Sequence[str], places: Sequence[int]) -> str:
    """Matrices side by side, their columns put where `places` says: one place a column."""
    order = np.argsort(list(places), kind="stable").tolist()
    return chosen(graph, side_by_side(graph, values), order, len(places))
