"""Where rows end in each tree, and which features they are asked for on their way there.

After a change of few features only those rows walk down again that were asked for one of them; all
others end where they did.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from automl_core.models.again import Bits, Rows
from automl_core.models.base import Array
from automl_core.models.trees import CHUNK, Cells, Floats, Trees

SOME = 4 * CHUNK
"""Known rows and trees that are looked at together: a part of them walks, CHUNK or so."""


class TreePaths:
    """The paths of known rows (n, d); `bits` (d,) are those of the features."""

    def __init__(self, trees: Trees, x: Array, bits: Bits) -> None:
        self._trees = trees
        self._asked = _asked(trees, bits)
        self._ends = np.empty((len(trees.root), len(x)), dtype=_width(trees))
        for start in range(0, len(x), CHUNK):
            part = self._ends[:, start : start + CHUNK]
            for first, nodes in trees.ends(x[start : start + CHUNK]):
                part[first : first + len(nodes)] = nodes

    @staticmethod
    def bytes_for(trees: Trees, rows: int) -> int:
        """What the paths of so many rows take."""
        return len(trees.root) * rows * _width(trees).itemsize

    def add_to(self, out: Floats, rows: Rows, x: Array, changed: Bits) -> None:
        """As `Trees.add_to(out, x)`, where row i is the known row rows[i] but for features whose
        bit is in changed[i]."""
        for start in range(0, len(x), SOME):
            some = slice(start, start + SOME)
            self._add(out[some], rows[some], Cells(x[some]), changed[some])

    def _add(self, out: Floats, rows: Rows, cells: Cells, changed: Bits) -> None:
        trees = self._trees
        for first, roots in trees.blocks(len(rows), SOME):
            ends = self._ends[first : first + len(roots)].take(rows, axis=1).astype(np.intp)
            again = np.flatnonzero(self._asked.take(ends) & changed)
            if len(again):
                tree, row = np.divmod(again, len(rows))
                start = roots[tree].astype(np.intp)
                ends.ravel()[again] = trees.steps.walk(cells, start, row)
            trees.add_leaves(out, first, ends)


def _asked(trees: Trees, bits: Bits) -> Bits:
    """(m,) for each node, the bits of all features that are asked for on the way to it."""
    found = np.zeros(len(trees.feature), dtype=np.uint64)
    here = trees.root.astype(np.intp)
    while len(here := here[trees.feature[here] >= 0]):  # a level at a time
        here = np.unique(here)  # a damaged file may lead two ways to one node
        both = found[here] | bits[trees.feature[here]]
        for child in (here + 1, trees.after[here].astype(np.intp)):
            np.bitwise_or.at(found, child, both)
        here = np.concatenate([here + 1, trees.after[here].astype(np.intp)])
    return found


def _width(trees: Trees) -> np.dtype[Any]:
    """The narrowest type for the number of a node."""
    return np.min_scalar_type(len(trees.feature))
