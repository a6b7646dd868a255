"""Decision trees as `TreeEnsemble` nodes: thresholds, leaf values and sums in `graph.real`.

The thresholds of models/trees.py are float32 numbers and so are the cells, hence `x <= t` is the
same comparison in float64 as in float32. ONNX Runtime walks all trees of a node for one row after
the other: a node holds no more of them than stay in the processor's cache meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.models import Trees
from automl_core.onnx_export import ML, GraphBuilder, lookup_table
from automl_core.onnx_export.models.repeated_row import repeat_row

Integers = NDArray[np.int64]

BRANCH_LESS_OR_EQUAL, SUM, NO_TRANSFORM = 0, 1, 0
MOST_AT_ONCE = 2048
"""Values (trees times outputs) of a row that are looked up before they are added."""

MOST_NODES = 32_000
"""Of the trees of one node of the graph, which takes 32 bytes for each; a tree may have more."""

ROUNDING = 1e-12
"""Sums that differ by no more are equal."""


def write_trees(graph: GraphBuilder, trees: Trees, x: str, outputs: int) -> str:
    """The sum of all trees' values: float64 (rows, outputs) of a float32 matrix (rows, d)."""
    x = graph.cast(x, graph.real)
    single = np.flatnonzero(trees.feature[trees.root] < 0)
    several = np.flatnonzero(trees.feature[trees.root] >= 0)
    total = graph.constant(_of_single_leaves(trees, single, outputs))
    if not len(several):
        return repeat_row(graph, total, x)
    width = trees.leaf.shape[1]
    most = max(1, MOST_AT_ONCE // width) if width > 1 else len(several)
    for some in _groups(trees, several, most):
        if width == 1:
            target = np.maximum(trees.column, 0).astype(np.int64)
            ensemble = _Ensemble(trees, some, target, trees.leaf[:, 0], outputs)
            part = graph.to_double(_write_ensemble(graph, ensemble, x))
        elif width == 2 and np.ptp(trees.leaf.sum(axis=1)) <= ROUNDING:
            part = _write_two(graph, trees, some, x)
        else:
            part = _write_wide(graph, trees, some, x)
        total = graph.add("Add", [total, part])
    return total


def _groups(trees: Trees, chosen: Integers, most: int) -> Iterator[Integers]:
    """The chosen trees in order, at most so many together, and at most `MOST_NODES` nodes."""
    nodes = np.bincount(_tree_of_node(trees), minlength=len(trees.root))[chosen]
    start = size = 0
    for place, count in enumerate(nodes.tolist()):
        if place > start and (place - start == most or size + count > MOST_NODES):
            yield chosen[start:place]
            start, size = place, 0
        size += count
    yield chosen[start:]


@dataclass(frozen=True, eq=False)
class _Ensemble:
    """Trees whose roots ask something, each adding one number to one target."""

    trees: Trees
    chosen: Integers  # numbers of the trees
    target: Integers  # (t,) of all trees
    value: NDArray[Any]  # (v,), of the rows of `leaf`
    targets: int


def _of_single_leaves(trees: Trees, single: Integers, outputs: int) -> NDArray[np.float64]:
    """What trees of one leaf add to every row (1, outputs)."""
    fixed = np.zeros((1, outputs))
    for tree in single:
        values, column = trees.leaf[trees.after[trees.root[tree]]], trees.column[tree]
        if column < 0:
            fixed[0] += values
        else:
            fixed[0, column] += values[0]
    return fixed


def _write_two(graph: GraphBuilder, trees: Trees, chosen: Integers, x: str) -> str:
    """Trees that add two values each, of which one says the other: their sum is always the same."""
    target = np.zeros(len(trees.root), dtype=np.int64)
    second = _write_ensemble(graph, _Ensemble(trees, chosen, target, trees.leaf[:, 1], 1), x)
    total = float(trees.leaf[0].sum()) * len(chosen)
    signed = graph.add("Mul", [graph.to_double(second), graph.constant([[-1.0, 1.0]])])
    return graph.add("Add", [signed, graph.constant([[total, 0.0]])])


def _write_wide(graph: GraphBuilder, trees: Trees, chosen: Integers, x: str) -> str:
    """Trees that add a row of values each: the ensemble finds the row's number for each tree."""
    place = np.zeros(len(trees.root), dtype=np.int64)
    place[chosen] = np.arange(len(chosen))
    used = np.unique(trees.after[_nodes_of(trees, chosen) & (trees.feature < 0)])
    number = np.zeros(len(trees.leaf))
    number[used] = np.arange(len(used))
    found = _write_ensemble(graph, _Ensemble(trees, chosen, place, number, len(chosen)), x)
    leaf = lookup_table(graph, trees.leaf[used])
    values = graph.add("Gather", [leaf, graph.cast(found, "int64")])
    total = graph.add("ReduceSum", [values, graph.constant([1])], {"keepdims": 0})
    return graph.to_double(total)


def _nodes_of(trees: Trees, chosen: Integers) -> NDArray[np.bool_]:
    """(m,) which nodes belong to the chosen trees."""
    return np.isin(_tree_of_node(trees), chosen)


def _tree_of_node(trees: Trees) -> Integers:
    """(m,) the number of each node's tree."""
    order = np.argsort(trees.root, kind="stable")
    place = np.searchsorted(trees.root[order], np.arange(len(trees.feature)), side="right") - 1
    return order[place].astype(np.int64)


def _write_ensemble(graph: GraphBuilder, ensemble: _Ensemble, x: str) -> str:
    """Values (rows, targets) in `graph.real`, of cells in it."""
    trees, real = ensemble.trees, np.float64 if graph.real == "double" else np.float32
    tree = _tree_of_node(trees)
    ours = np.isin(tree, ensemble.chosen)
    inner, at_leaf = ours & (trees.feature >= 0), ours & (trees.feature < 0)
    number = np.where(inner, np.cumsum(inner), np.cumsum(at_leaf)) - 1  # among nodes, or leaves
    node = np.flatnonzero(inner)
    left, right = node + 1, trees.after[node]
    attributes = {
        "tree_roots": number[trees.root[ensemble.chosen]].tolist(),
        "nodes_featureids": trees.feature[node].tolist(),
        "nodes_splits": trees.threshold[node].astype(real),
        "nodes_modes": np.full(len(node), BRANCH_LESS_OR_EQUAL, dtype=np.uint8),
        "nodes_missing_value_tracks_true": trees.missing_left[node].astype(int).tolist(),
        "nodes_truenodeids": number[left].tolist(),
        "nodes_trueleafs": at_leaf[left].astype(int).tolist(),
        "nodes_falsenodeids": number[right].tolist(),
        "nodes_falseleafs": at_leaf[right].astype(int).tolist(),
        "leaf_targetids": ensemble.target[tree[at_leaf]].tolist(),
        "leaf_weights": ensemble.value[trees.after[at_leaf]].astype(real),
        "n_targets": ensemble.targets,
        "aggregate_function": SUM,
        "post_transform": NO_TRANSFORM,
    }
    return graph.add("TreeEnsemble", [x], attributes, ML)
