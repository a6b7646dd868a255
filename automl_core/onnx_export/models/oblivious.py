"""Oblivious trees as arithmetic: all questions at once, then one lookup a tree.

Trees of fewer levels get questions that every row answers with no, so that all have one depth.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from automl_core.models import ObliviousTrees
from automl_core.onnx_export import GraphBuilder, lookup_table
from automl_core.onnx_export.models.repeated_row import repeat_row

MOST_AT_ONCE = 4096
"""Questions, or leaf values, of a row that are held in memory together."""


def write_oblivious(graph: GraphBuilder, trees: ObliviousTrees, x: str, outputs: int) -> str:
    """The sum of all trees' values: float64 (rows, outputs) of a float32 matrix (rows, d)."""
    levels = max(1, int(trees.depth.max(initial=1)))
    feature, border = _of_one_depth(trees, levels)
    ends = np.cumsum(2 ** trees.depth.astype(np.int64))
    first = np.concatenate([[0], ends[:-1]])  # leaf of each tree where all answers are no
    step = max(1, MOST_AT_ONCE // max(levels, outputs))
    total = ""
    for start in range(0, len(trees.depth), step):
        some = slice(start, start + step)
        number = _answers(graph, x, feature[some], border[some])
        own = (first[some] - first[start])[None, :]
        leaf = trees.leaf[first[start] : ends[some][-1]]
        place = graph.add("Add", [number, graph.constant(own)])
        values = graph.add("Gather", [lookup_table(graph, leaf), place])
        part = graph.add("ReduceSum", [values, graph.constant([1])], {"keepdims": 0})
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
    graph: GraphBuilder, x: str, feature: NDArray[np.int64], border: NDArray[np.float32]
) -> str:
    """The number that a row's answers make, the first being the lowest bit: int64 (rows, t)."""
    levels = feature.shape[1]
    cells = graph.add("Gather", [x, graph.constant(feature.ravel())], {"axis": 1})
    yes = graph.add("Greater", [cells, graph.constant(border.reshape(1, -1))])
    answers = graph.add(
        "Reshape", [graph.cast(yes, "float"), graph.constant([0, len(feature), levels])]
    )
    powers = (2.0 ** np.arange(levels)).astype(np.float32)[:, None]
    number = graph.add("MatMul", [answers, graph.constant(powers)])  # below 2**16, so exact
    return graph.add("Squeeze", [graph.cast(number, "int64"), graph.constant([2])])
