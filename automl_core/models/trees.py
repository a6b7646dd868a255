"""An ensemble of decision trees as plain arrays: the models of boosting and forests.

Independent of how trees were grown. Inputs are float32, so a threshold is kept as the
largest float32 that is not above it: `x <= t` then gives the same answer for every float32 x,
and the arrays predict exactly what the library that grew them predicts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import ModelError
from automl_core.models.base import Array
from automl_core.models.model_files import pack_arrays, unpack_arrays

Floats = NDArray[np.float64]
Integers = NDArray[np.int32]
Indices = NDArray[np.intp]

ARRAYS = ("root", "feature", "threshold", "after", "missing_left", "leaf", "column")

CHUNK = 2048
"""Walks that go on together: what they touch then stays in the processor's cache.

Of many rows a tree at a time, of few rows many trees: each step costs the same calls then.
"""

LEVELS = 3
"""Steps down between two looks at which rows have reached a leaf."""


@dataclass(frozen=True, eq=False)
class Trees:
    """t trees with m nodes together and v stored leaf values of width w.

    Nodes are numbered over all trees, each tree from its root in preorder: the left child is
    the next node. At a leaf, `feature` is -1.
    """

    root: Integers  # (t,)
    feature: Integers  # (m,), -1 at a leaf
    threshold: NDArray[np.float32]  # (m,), go left where x <= threshold
    after: Integers  # (m,), the right child; at a leaf the row of `leaf` with its value
    missing_left: NDArray[np.bool_]  # (m,), where a missing value goes
    leaf: Floats  # (v, w)
    column: Integers  # (t,), output that a tree adds to; -1: to all w of them

    def add_to(self, out: Floats, x: Array) -> None:
        """Add all trees' values to `out` (n, outputs) in place, tree by tree in order.

        `x` is (n, d), d > every split feature. A row's sum does not depend on other rows.
        """
        for start in range(0, len(x), CHUNK):
            part = out[start : start + CHUNK]
            for first, nodes in self.ends(x[start : start + CHUNK]):
                self.add_leaves(part, first, nodes)

    def ends(self, x: Array) -> Iterator[tuple[int, Indices]]:
        """The leaf nodes (k, n) of rows in each k trees from tree `first` on: (first, nodes)."""
        cells = Cells(x)
        for first, some in self.blocks(len(x)):
            here = np.repeat(some.astype(np.intp), len(x))
            rows = np.tile(np.arange(len(x)), len(some))
            yield first, self.steps.walk(cells, here, rows).reshape(len(some), len(x))

    def blocks(self, rows: int, walks: int = CHUNK) -> Iterator[tuple[int, Integers]]:
        """The roots of all trees, with the number of the first; of so many rows about `walks`."""
        step = max(1, walks // max(1, rows))
        for first in range(0, len(self.root), step):
            yield first, self.root[first : first + step]

    def add_leaves(self, out: Floats, first: int, nodes: Indices) -> None:
        """Add the values at the leaf nodes (k, n) of the trees from `first` on, tree by tree."""
        places = self.after.take(nodes)
        for column, leaves in zip(self.column[first : first + len(nodes)], places, strict=True):
            if column < 0:
                out += self.leaf.take(leaves, axis=0)
            else:
                out[:, column] += self.leaf[:, 0].take(leaves)

    @cached_property
    def steps(self) -> Steps:
        """The nodes, ready to be walked."""
        return Steps(self)

    def pack(self) -> bytes:
        """The arrays as .npz: about 10 bytes a node."""
        arrays = {name: getattr(self, name) for name in ARRAYS}
        narrow = int(self.feature.max(initial=0)) < 2**15
        arrays["feature"] = self.feature.astype(np.int16 if narrow else np.int32)
        arrays["missing_left"] = np.packbits(self.missing_left)
        return pack_arrays(arrays)


class Cells:
    """A matrix (n, d) whose rows walk down."""

    def __init__(self, x: Array) -> None:
        whole = np.ascontiguousarray(x, dtype=np.float32)
        self.flat = whole.ravel()
        self.width = whole.shape[1]
        self.missing = bool(np.isnan(whole).any())  # whether any cell is


class Steps:
    """The nodes once more, laid out for walking down many rows at a time."""

    def __init__(self, trees: Trees) -> None:
        at_leaf = trees.feature < 0
        own = np.arange(len(at_leaf))
        self.inside = ~at_leaf
        self.feature: Indices = np.where(at_leaf, 0, trees.feature).astype(np.intp)
        self.threshold = trees.threshold
        self.missing_left = trees.missing_left
        # where a row goes next: 2 * node + goes left; a leaf leads to itself
        self.next: Indices = np.empty(2 * len(own), dtype=np.intp)
        self.next[0::2] = np.where(at_leaf, own, trees.after)
        self.next[1::2] = np.where(at_leaf, own, own + 1)

    def walk(self, cells: Cells, here: Indices, rows: Indices) -> Indices:
        """The leaf node (w,) of each walk from the node `here` (w,) by the row `rows` (w,)."""
        offset = rows * cells.width
        ended: Indices = here
        walks: Indices | None = None  # those that go on; None: all
        while True:
            for _ in range(LEVELS):
                cell = cells.flat.take(offset + self.feature.take(here))
                left = cell <= self.threshold.take(here)
                if cells.missing:
                    left |= np.isnan(cell) & self.missing_left.take(here)
                here = self.next.take(2 * here + left)
            going = np.flatnonzero(self.inside.take(here))
            if len(going) and len(going) > 0.6 * len(here):
                continue
            if walks is None:  # those that reached a leaf walk no further
                ended, walks = here, going
            else:
                ended[walks] = here
                walks = walks[going]
            if not len(going):
                return ended
            here, offset = here[going], offset[going]


def unpack_trees(data: bytes, features: int, outputs: int) -> Trees:
    """The trees that `pack` wrote, for a matrix of `features` columns and so many outputs.

    Raises ModelError where an index points nowhere: damaged files must not crash or loop.
    """
    arrays = unpack_arrays(data, ARRAYS)
    if arrays["feature"].dtype == np.int16:
        arrays["feature"] = arrays["feature"].astype(np.int32)
    if arrays["missing_left"].dtype == np.uint8:
        bits = np.unpackbits(arrays["missing_left"].ravel())
        arrays["missing_left"] = bits[: arrays["feature"].size].astype(np.bool_)
    kinds = {"threshold": np.float32, "missing_left": np.bool_, "leaf": np.float64}
    for name in ARRAYS:
        if arrays[name].dtype != np.dtype(kinds.get(name, np.int32)):
            raise ModelError(f"The trees' array {name!r} has the wrong type.")
    trees = Trees(**arrays)
    if not _sound(trees, features, outputs):
        raise ModelError("The model's trees are damaged.", "Download or train the model again.")
    return trees


def _sound(trees: Trees, features: int, outputs: int) -> bool:
    nodes = len(trees.feature)
    per_node = (trees.feature, trees.threshold, trees.after, trees.missing_left)
    if any(a.shape != (nodes,) for a in per_node):
        return False
    if trees.leaf.ndim != 2 or trees.root.ndim != 1 or trees.column.shape != trees.root.shape:
        return False
    split = np.flatnonzero(trees.feature >= 0)
    width, wide = trees.leaf.shape[1], trees.column < 0
    checks = (
        _within(trees.root, 0, nodes),
        _within(trees.feature, -1, features),
        _within(trees.column, -1, outputs),
        _within(trees.after[trees.feature < 0], 0, len(trees.leaf)),
        _within(trees.after[split], 0, nodes) and _within(split + 1, 0, nodes),
        bool((trees.after[split] > split).all()),  # only ever downwards: a walk ends
        bool(wide.all()) if width != 1 else (outputs == 1 or not wide.any()),
        width in (1, outputs),
        bool(np.isfinite(trees.leaf).all()),
        not np.isnan(trees.threshold[split]).any(),  # infinity: all cells that are not missing
    )
    return all(checks)


def _within(values: NDArray[Any], low: int, high: int) -> bool:
    return bool(((values >= low) & (values < high)).all())


@dataclass(frozen=True, eq=False)
class OneTree:
    """One tree while it is being collected, in preorder; nodes count from its own root."""

    feature: NDArray[Any]  # (m,), -1 at a leaf
    threshold: Floats  # (m,)
    right: NDArray[Any]  # (m,), anything at a leaf
    missing_left: NDArray[Any]  # (m,)
    value: Floats  # (m, w), read at leaves only
    column: int  # output it adds to, -1: all


def join_trees(trees: list[OneTree], width: int) -> Trees:
    """Many trees as one set of arrays; equal leaf values of a tree are stored once."""
    parts: dict[str, list[NDArray[Any]]] = {name: [np.zeros(0)] for name in ARRAYS}
    parts["leaf"] = [np.zeros((0, width))]
    nodes = leaves = 0
    for tree in trees:
        at_leaf = tree.feature < 0
        values, place = _distinct_rows(tree.value[at_leaf])
        after = tree.right.astype(np.int64) + nodes
        after[at_leaf] = place + leaves
        parts["root"].append(np.array([nodes]))
        parts["feature"].append(np.where(at_leaf, -1, tree.feature))
        parts["threshold"].append(np.where(at_leaf, 0.0, tree.threshold))
        parts["after"].append(after)
        parts["missing_left"].append(tree.missing_left.astype(np.bool_) & ~at_leaf)
        parts["leaf"].append(values)
        parts["column"].append(np.array([tree.column]))
        nodes, leaves = nodes + len(at_leaf), leaves + len(values)
    joined = {name: np.concatenate(parts[name]) for name in ARRAYS}
    return Trees(
        root=joined["root"].astype(np.int32),
        feature=joined["feature"].astype(np.int32),
        threshold=_round_down(joined["threshold"]),
        after=joined["after"].astype(np.int32),
        missing_left=joined["missing_left"].astype(np.bool_),
        leaf=joined["leaf"].astype(np.float64),
        column=joined["column"].astype(np.int32),
    )


def _distinct_rows(values: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Distinct rows, and for each row the number of its equal; compared as bytes, so exact."""
    rows = np.ascontiguousarray(values)
    keys = rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))).ravel()
    _, first, place = np.unique(keys, return_index=True, return_inverse=True)
    return rows[first], place.astype(np.int64)


def _round_down(threshold: Floats) -> NDArray[np.float32]:
    """The largest float32 not above each threshold; infinity stays infinity."""
    with np.errstate(over="ignore"):
        near = threshold.astype(np.float32)
    below = np.nextafter(near, np.float32(-np.inf))
    return np.asarray(np.where(near > threshold, below, near), dtype=np.float32)
