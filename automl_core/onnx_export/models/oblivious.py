"""Oblivious trees as arithmetic: each question once for all rows, then one lookup a tree.

Rows stand side by side, not below each other: a question then reads a whole run of memory, where
picking columns of a matrix copies number by number. Trees of fewer levels get questions that every
row answers with no, so that all have one depth.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from automl_core.models import ObliviousTrees
from automl_core.onnx_export import GraphBuilder, lookup_table
from automl_core.onnx_export.models.repeated_row import repeat_row

MOST_AT_ONCE = 4096
"""Answers, or leaf values, of a row that are held in memory together."""


def write_oblivious(graph: GraphBuilder, trees: ObliviousTrees, x: str, outputs: int) -> str:
    """The sum of all trees' values: float64 (rows, outputs) of a float32 matrix (rows, d)."""
    levels = max(1, int(trees.depth.max(initial=1)))
    feature, border = _of_one_depth(trees, levels)
    ends = np.cumsum(2 ** trees.depth.astype(np.int64))
    first = np.concatenate([[0], ends[:-1]])  # leaf of each tree where all answers are no
    step = max(1, MOST_AT_ONCE // max(levels, outputs))
    cells = graph.add("Transpose", [x], {"perm": [1, 0]})
    total = ""
    for start in range(0, len(trees.depth), step):
        some = slice(start, start + step)
        number = _answers(graph, cells, feature[some], border[some])
        own = (first[some] - first[start])[:, None]
        leaf = trees.leaf[first[start] : ends[some][-1]]
        place = graph.add("Add", [number, graph.constant(own)])
        values = graph.add("Gather", [lookup_table(graph, leaf), place])
        part = graph.add("ReduceSum", [values, graph.constant([0])], {"keepdims": 0})
        part = graph.to_double(part)
        total = graph.add("Add", [total, part]) if total else part
    return total or repeat_row(graph, graph.constant(np.zeros((1, outputs))), x)


def _of_one_depth(
    trees: ObliviousTrees, levels: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Features and borders (t, levels): no cell is above infinity."""
    asked = np.arange(levels) < trees.depth[:, None]
    feature = np.zeros(asked.shape, dtype=np.int64)
    border = np.full(asked.shape, np.inf, dtype=np.float32)
    feature[asked], border[asked] = trees.feature, trees.border
    return feature, border


def _answers(
    graph: GraphBuilder, cells: str, feature: NDArray[np.int64], border: NDArray[np.float32]
) -> str:
    """The number that a row's answers make, the first being the lowest bit: int64 (t, rows).

    `cells` is (d, rows).
    """
    count, levels = feature.shape
    both = np.stack([feature.ravel().astype(np.float64), border.ravel()], axis=1)
    asked, place = np.unique(both, axis=0, return_inverse=True)
    rows = graph.add("Gather", [cells, graph.constant(asked[:, 0].astype(np.int64))])
    yes = graph.add("Greater", [rows, graph.constant(asked[:, 1:].astype(np.float32))])
    by_level = np.ascontiguousarray(place.reshape(count, levels).T)
    answers = graph.add("Gather", [graph.cast(yes, "float"), graph.constant(by_level)])
    flat = graph.add("Reshape", [answers, graph.constant([levels, -1])])
    powers = (2.0 ** np.arange(levels)).astype(np.float32)[None, :]
    number = graph.add("MatMul", [graph.constant(powers), flat])  # below 2**16, so exact
    return graph.cast(graph.add("Reshape", [number, graph.constant([count, -1])]), "int64")
