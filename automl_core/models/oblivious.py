"""An ensemble of oblivious trees as plain arrays: every level of a tree asks one question.

A tree of depth k is k questions and 2**k leaves; a row's leaf is the number that its answers
make, the first question being the lowest bit. Independent of how trees were grown.
"""

from __future__ import annotations

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

ARRAYS = ("depth", "feature", "border", "leaf")
DEEPEST = 16

CHUNK = 2048
"""Rows that are answered together: what they touch then stays in the processor's cache."""

FEW = 16
"""Rows of which all trees are answered at once: of so few the calls cost more than the numbers."""


@dataclass(frozen=True, eq=False)
class ObliviousTrees:
    """t trees with q questions and v leaves together, each tree's one after the other's."""

    depth: Integers  # (t,)
    feature: Integers  # (q,)
    border: NDArray[np.float32]  # (q,), yes where x > border; a missing value says no
    leaf: Floats  # (v, outputs)

    def add_to(self, out: Floats, x: Array) -> None:
        """Add all trees' values to `out` (n, outputs) in place, tree by tree in order.

        `x` is (n, d), d > every feature. A row's sum does not depend on other rows.
        """
        if len(x) <= FEW:
            self._add_at_once(out, x)
            return
        used = np.unique(self.feature)
        place = np.searchsorted(used, self.feature)
        for start in range(0, len(x), CHUNK):
            columns = np.ascontiguousarray(x[start : start + CHUNK, used].T, dtype=np.float32)
            part = out[start : start + CHUNK]
            question = first = 0
            for depth in self.depth.tolist():
                number = np.full(len(part), first, dtype=np.intp)
                for bit in range(depth):
                    yes = columns[place[question]] > self.border[question]
                    number += yes.astype(np.intp) << bit
                    question += 1
                part += self.leaf.take(number, axis=0)
                first += 1 << depth

    def _add_at_once(self, out: Floats, x: Array) -> None:
        """The same for few rows, to the last bit: values are added in the same order."""
        begins, powers, first = self._layout
        yes = (np.asarray(x, dtype=np.float32)[:, self.feature] > self.border) * powers
        sums = np.concatenate([np.zeros((len(x), 1), np.int64), yes.cumsum(axis=1)], axis=1)
        number = sums[:, begins[1:]] - sums[:, begins[:-1]] + first
        values = np.concatenate([out[:, None], self.leaf[number]], axis=1)
        out[...] = np.add.accumulate(values, axis=1)[:, -1]

    @cached_property
    def _layout(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Where the questions of each tree begin, and where they end (t + 1,); what a yes is worth
        (q,); the first leaf of each tree (t,)."""
        depth = self.depth.astype(np.int64)
        begins = np.concatenate([[0], depth.cumsum()])
        bit = np.arange(begins[-1]) - np.repeat(begins[:-1], depth)
        leaves = 2**depth
        return begins, 2**bit, leaves.cumsum() - leaves

    def pack(self) -> bytes:
        """The arrays as .npz: 8 bytes a leaf and output."""
        return pack_arrays({name: getattr(self, name) for name in ARRAYS})


def unpack_oblivious(data: bytes, features: int, outputs: int) -> ObliviousTrees:
    """The trees that `pack` wrote, for a matrix of `features` columns and so many outputs.

    Raises ModelError where an index points nowhere: damaged files must not crash.
    """
    trees = ObliviousTrees(**unpack_arrays(data, ARRAYS))
    if not _sound(trees, features, outputs):
        raise ModelError("The model's trees are damaged.", "Download or train the model again.")
    return trees


def _sound(trees: ObliviousTrees, features: int, outputs: int) -> bool:
    kinds = {"border": np.float32, "leaf": np.float64}
    arrays: list[NDArray[Any]] = [getattr(trees, name) for name in ARRAYS]
    for name, array in zip(ARRAYS, arrays, strict=True):
        if array.dtype != kinds.get(name, np.int32) or array.ndim != 1 + (name == "leaf"):
            return False
    depth, feature = trees.depth, trees.feature
    if ((depth < 0) | (depth > DEEPEST)).any() or ((feature < 0) | (feature >= features)).any():
        return False
    questions, leaves = int(depth.sum()), int((2 ** depth.astype(np.int64)).sum())
    shapes = (len(feature), len(trees.border), trees.leaf.shape)
    return shapes == (questions, questions, (leaves, outputs)) and bool(
        np.isfinite(trees.leaf).all() and np.isfinite(trees.border).all()
    )
