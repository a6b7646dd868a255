"""Gradient boosting on histograms: trees in rounds, watched, until validation stops improving.

The trees are scikit-learn's (models/histogram.py); the rounds are here, so that the clock is
looked at before every tree and every few rounds are reported. The model is plain arrays.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from automl_core.models.base import FitControl, FitData, FitResult
from automl_core.models.boosting import (
    LARGEST_STEP,
    BoostedTrees,
    BoostingRecord,
    Rounds,
    baseline_of,
    load_boosted,
)
from automl_core.models.histogram import Binned, GrownTree, Loss, TreeSettings, grow_tree
from automl_core.models.trees import join_trees, unpack_trees
from automl_core.types import Config, Files, StopReason


def fit(data: FitData, config: Config, control: FitControl) -> FitResult:
    """Boost until validation loss stops improving, the rounds are used up, or time is.

    Whenever it ends, the model holds the rounds up to the best one; none at all where it was
    stopped before the first.
    """
    boosting = _Boosting(data, config, control)
    reason = boosting.run()
    rounds = boosting.rounds
    return FitResult(boosting.model(), reason, rounds.best, rounds.settled)


def load(files: Files) -> BoostedTrees:
    """The model from its files; ModelError where they are damaged."""
    return load_boosted(files, unpack_trees)


class _Boosting:
    """One fit in progress: the raw scores and the trees so far."""

    def __init__(self, data: FitData, config: Config, control: FitControl) -> None:
        self.data, self.control = data, control
        self.rounds = Rounds(data, config, control)
        self.settings = TreeSettings(
            max_leaves=int(config["max_leaves"]),
            # on a small table 20 rows a leaf would leave no tree at all
            min_rows_leaf=min(int(config["min_rows_leaf"]), max(2, len(data.y) // 20)),
            l2=float(config["l2"]),
            max_features=float(config["max_features"]),
            largest_step=math.inf if data.task == "regression" else LARGEST_STEP,
        )
        self.rng = np.random.default_rng(control.seed)
        weight = None if data.weight is None else np.ascontiguousarray(data.weight, np.float64)
        self.loss = Loss(data.task, data.classes, weight)
        self.y = np.ascontiguousarray(data.y, dtype=np.float64)
        self.baseline, self.growing = baseline_of(data)
        self.raw = np.asfortranarray(np.tile(self.baseline, (len(data.y), 1)))
        self.raw_valid = np.asfortranarray(np.tile(self.baseline, (len(data.y_valid), 1)))
        self.trees: list[dict[int, GrownTree]] = []

    def run(self) -> StopReason:
        """Bin, then add rounds; returns why it ended."""
        if not self.growing:
            return self.rounds.without(self.raw, self.raw_valid)
        binned = Binned(self.data.x, self.control.seed, self.control.interrupted)
        if not binned.complete:
            return self.control.interrupted() or StopReason.STOPPED
        cells_valid = binned.apply(self.data.x_valid)
        self.rounds.begin(self.raw_valid)
        while True:
            reason = self._add_round(binned, cells_valid)
            if reason is None:
                reason = self.rounds.after(lambda: self.raw, self.raw_valid)
            if reason is not None:
                return reason
            self.rounds.learning_rate = self.rounds.wanted_rate()

    def model(self) -> BoostedTrees:
        """The rounds up to the best one."""
        kept = [
            tree.arrays(column)
            for trees in self.trees[: self.rounds.best]
            for column, tree in trees.items()
        ]
        data = self.data
        record = BoostingRecord(
            data.task, data.classes, data.x.shape[1], tuple(map(float, self.baseline))
        )
        return BoostedTrees(record, join_trees(kept, 1))

    def _add_round(self, binned: Binned, cells_valid: NDArray[np.uint8]) -> StopReason | None:
        gradient, hessian = self.loss.gradients(self.y, self.raw)
        rate = self.rounds.learning_rate
        trees: dict[int, GrownTree] = {}
        for k in self.growing:
            reason = self.control.interrupted()
            if reason is not None:
                return reason
            g, h = gradient[:, k], hessian[:, k]
            trees[k] = grow_tree(binned, g, h, self.settings, learning_rate=rate, rng=self.rng)
        for k, tree in trees.items():
            tree.update(self.raw[:, k])
            if len(cells_valid):
                self.raw_valid[:, k] += tree.predict_binned(cells_valid)
        self.trees.append(trees)
        return None
