"""Growing one histogram tree at a time with scikit-learn's own tree grower.

The only file that touches private parts of the library (`_hist_gradient_boosting`, `_loss`): its
public estimator grows all trees in one call, which can neither be stopped nor watched, and
bins the data anew whenever it is continued. tests/models/test_hist_boosting.py holds the
result equal to the public estimator's.

Knows nothing of when to stop. One thread.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn._loss.loss import HalfBinomialLoss, HalfMultinomialLoss, HalfSquaredError
from sklearn.ensemble._hist_gradient_boosting._gradient_boosting import _update_raw_predictions
from sklearn.ensemble._hist_gradient_boosting.binning import _BinMapper
from sklearn.ensemble._hist_gradient_boosting.grower import TreeGrower

from automl_core.models.base import Array
from automl_core.models.trees import OneTree
from automl_core.types import Task

Floats = NDArray[np.float64]

MAX_BINS = 255
BLOCK_CELLS = 2_000_000
"""Cells binned between two looks at the clock; about 0.2 seconds."""


@dataclass(frozen=True)
class TreeSettings:
    """How a tree is grown; the names of scikit-learn's parameters are in the comments."""

    max_leaves: int  # max_leaf_nodes
    min_rows_leaf: int  # min_samples_leaf
    l2: float  # l2_regularization
    max_features: float  # share of columns tried at each split
    largest_step: float = math.inf  # of a leaf, before it is multiplied by the learning rate


class Binned:
    """A training matrix in 256 bins a column, the last one for missing values."""

    def __init__(self, x: Array, seed: int, interrupted: Callable[[], object]) -> None:
        """Bin (n, d); where `interrupted` answers, `complete` is False and nothing else holds."""
        n, d = x.shape
        self._mappers: list[tuple[slice, Any]] = []
        self.cells: NDArray[np.uint8] = np.empty((n, d), dtype=np.uint8, order="F")
        self.complete = False
        width = max(1, BLOCK_CELLS // max(1, n))
        for start in range(0, d, width):
            if interrupted():
                return
            block = slice(start, min(start + width, d))
            mapper = _BinMapper(n_bins=MAX_BINS + 1, random_state=seed, n_threads=1)
            cells = x[:, block].astype(np.float64)
            empty = np.isnan(cells).all(axis=0)  # the library cannot bin a column of holes
            mapper.fit(np.where(empty, 0.0, cells))
            self.cells[:, block] = mapper.transform(cells)
            self._mappers.append((block, mapper))
        self.thresholds = [t for _, m in self._mappers for t in m.bin_thresholds_]
        self.used = np.concatenate([m.n_bins_non_missing_ for _, m in self._mappers])
        self.has_missing = (self.cells == MAX_BINS).any(axis=0).astype(np.uint8)
        self.complete = True

    def apply(self, x: Array) -> NDArray[np.uint8]:
        """Other rows (m, d) in the same bins."""
        cells: NDArray[np.uint8] = np.empty(x.shape, dtype=np.uint8)
        if not len(x):  # the library would refuse
            return cells
        for block, mapper in self._mappers:
            cells[:, block] = mapper.transform(x[:, block].astype(np.float64))
        return cells


class GrownTree:
    """A tree with the library's objects still behind it."""

    def __init__(self, grower: Any, predictor: Any) -> None:
        self._grower = grower
        self.predictor = predictor

    def update(self, raw: Floats) -> None:
        """Add the tree's values to `raw` (n,) of the training rows, in place; once."""
        _update_raw_predictions(raw, self._grower, 1)
        self._grower = None  # holds the histograms of all its nodes

    def predict_binned(self, cells: NDArray[np.uint8]) -> Floats:
        """Values (m,) of rows that `Binned.apply` has binned."""
        return np.asarray(self.predictor.predict_binned(cells, MAX_BINS, 1))

    def arrays(self, column: int) -> OneTree:
        """The tree as plain arrays, adding to output `column`."""
        nodes = self.predictor.nodes
        is_leaf = nodes["is_leaf"].astype(bool)
        assert (nodes["left"] == np.arange(1, len(nodes) + 1))[~is_leaf].all(), "not in preorder"
        return OneTree(
            feature=np.where(is_leaf, -1, nodes["feature_idx"]),
            threshold=nodes["num_threshold"].astype(np.float64),
            right=nodes["right"],
            missing_left=nodes["missing_go_to_left"],
            value=nodes["value"].astype(np.float64).reshape(-1, 1),
            column=column,
        )


def grow_tree(
    binned: Binned,
    gradient: NDArray[np.float32],
    hessian: NDArray[np.float32],
    settings: TreeSettings,
    *,
    learning_rate: float,
    rng: np.random.Generator,
) -> GrownTree:
    """Grow one tree on gradients (n,) and hessians (n,), or (1,) where they are all equal."""
    grower = TreeGrower(
        X_binned=binned.cells,
        gradients=gradient,
        hessians=hessian,
        n_bins=MAX_BINS + 1,
        n_bins_non_missing=binned.used,
        has_missing_values=binned.has_missing,
        max_leaf_nodes=settings.max_leaves,
        min_samples_leaf=settings.min_rows_leaf,
        l2_regularization=settings.l2,
        feature_fraction_per_split=settings.max_features,
        rng=rng,
        shrinkage=learning_rate,
        n_threads=1,
    )
    grower.grow()
    largest = settings.largest_step * learning_rate
    for leaf in grower.finalized_leaves:
        leaf.value = max(-largest, min(largest, leaf.value))
    return GrownTree(grower, grower.make_predictor(binning_thresholds=binned.thresholds))


class Loss:
    """The library's loss on raw scores: log loss of logits, or half the squared error."""

    def __init__(self, task: Task, classes: int, weight: Floats | None) -> None:
        if task == "regression":
            self._loss = HalfSquaredError(sample_weight=weight)
        elif classes == 2:
            self._loss = HalfBinomialLoss(sample_weight=weight)
        else:
            self._loss = HalfMultinomialLoss(sample_weight=weight, n_classes=classes)
        self._weight = weight

    def gradients(self, y: Floats, raw: Floats) -> tuple[NDArray[Any], NDArray[Any]]:
        """Gradient (n, outputs) and hessian (n, outputs), or (1, 1) where it is constant."""
        gradient, hessian = self._loss.init_gradient_and_hessian(len(y), np.float32, "F")
        if self._loss.constant_hessian:
            self._loss.gradient(y, raw, self._weight, gradient_out=gradient)
        else:
            self._loss.gradient_hessian(y, raw, self._weight, gradient, hessian)
        outputs = raw.shape[1]
        return gradient.reshape(-1, outputs, order="F"), hessian.reshape(-1, outputs, order="F")
