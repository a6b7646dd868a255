"""Decision trees as tensors: all rows go one step down all trees at once, as deep as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import ModelError
from automl_core.keras_export.sums import added
from automl_core.keras_export.tables import Tables

Integers = NDArray[np.int64]

LESS_OR_EQUAL = 0
"""The only question that our trees ask."""


@dataclass(frozen=True, eq=False)
class _Nodes:
    """Inner nodes, then leaves, in one numbering; a leaf leads to itself."""

    feature: Integers  # (m,)
    split: NDArray[np.float64]  # (m,)
    missing_true: NDArray[np.bool_]  # (m,)
    when_true: Integers  # (m,)
    when_false: Integers  # (m,)
    value: NDArray[np.float64]  # (m,), 0 at inner nodes
    roots: Integers  # (t,)
    target: Integers  # (t,) what each tree adds to
    depth: int

    @property
    def table(self) -> NDArray[np.float64]:
        """A row of COLUMNS for each node, (m, 6)."""
        columns = (
            self.feature, self.split, self.missing_true, self.when_true, self.when_false, self.value
        )  # fmt: skip
        return np.stack(columns, axis=1).astype(np.float64)


FEATURE, SPLIT, MISSING_TRUE, WHEN_TRUE, WHEN_FALSE, VALUE = range(6)
"""Columns of the table of nodes."""


def tree_ensemble(ops: Any, tables: Tables, x: Any, attributes: dict[str, Any]) -> Any:
    """The node TreeEnsemble of ai.onnx.ml 5: (n, d) in double to (n, n_targets)."""
    nodes = _nodes(attributes)
    read, any_missing = tables.reader(nodes.table), bool(nodes.missing_true.any())
    place = added(ops, ops.zeros_like(x[:, :1], dtype="int64"), tables.whole(nodes.roots[None]))
    for _ in range(nodes.depth):
        node = read(place)  # (n, t, 6)
        feature = ops.cast(node[..., FEATURE], "int64")
        cell = ops.take_along_axis(x, feature, axis=1)
        yes = ops.less_equal(cell, node[..., SPLIT])
        if any_missing:
            known = ops.cast(node[..., MISSING_TRUE], "bool")
            yes = ops.logical_or(yes, ops.logical_and(ops.isnan(cell), known))
        place = ops.cast(ops.where(yes, node[..., WHEN_TRUE], node[..., WHEN_FALSE]), "int64")
    values = read(place)[..., VALUE]
    adds_to = np.zeros((len(nodes.roots), attributes["n_targets"]))
    adds_to[np.arange(len(nodes.roots)), nodes.target] = 1.0
    return ops.einsum("ij,jk->ik", values, tables.whole(adds_to))  # matmul makes float32 of it


def _nodes(attributes: dict[str, Any]) -> _Nodes:
    from onnx import numpy_helper

    modes = numpy_helper.to_array(attributes["nodes_modes"])
    if (modes != LESS_OR_EQUAL).any() or attributes["aggregate_function"] != 1:
        raise ModelError("These trees have no form in Keras.", "Choose another format.")
    inner, leaves = len(modes), len(attributes["leaf_targetids"])
    own = np.arange(inner, inner + leaves)

    def joined(name: str, at_leaf: Any) -> Any:
        found = attributes[name]
        array = found if isinstance(found, list) else numpy_helper.to_array(found)
        return np.concatenate([np.asarray(array), at_leaf])

    def children(name: str) -> Integers:
        number = np.asarray(attributes[f"nodes_{name}nodeids"], dtype=np.int64)
        is_leaf = np.asarray(attributes[f"nodes_{name}leafs"], dtype=bool)
        return np.concatenate([np.where(is_leaf, number + inner, number), own])

    nothing, when_true, when_false = np.zeros(leaves), children("true"), children("false")
    weights = numpy_helper.to_array(attributes["leaf_weights"])
    roots = np.asarray(attributes["tree_roots"], dtype=np.int64)
    depth, first_leaf = _depth(roots, when_true, when_false, inner)
    return _Nodes(
        joined("nodes_featureids", nothing).astype(np.int64),
        joined("nodes_splits", nothing),
        joined("nodes_missing_value_tracks_true", nothing).astype(bool),
        when_true,
        when_false,
        np.concatenate([np.zeros(inner), weights]),
        roots,
        np.asarray(attributes["leaf_targetids"], dtype=np.int64)[first_leaf - inner],
        depth,
    )


def _depth(
    roots: Integers, when_true: Integers, when_false: Integers, inner: int
) -> tuple[int, Integers]:
    """Steps to the deepest leaf, and the first leaf of each tree (t,)."""
    first = roots
    while (first < inner).any():
        first = when_true[first]
    depth, level = 0, roots
    while len(level := level[level < inner]):
        level = np.concatenate([when_true[level], when_false[level]])
        depth += 1
    return depth, first
