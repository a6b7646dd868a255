"""Gradient boosting by LightGBM (Ke et al. 2017): quick rounds and large leaves.

The only file that imports the library. The library grows one round of trees at a time from
gradients of models/losses.py; models/boosting.py decides when to stop. Its trees become plain
arrays, read from its documented text format, and are predicted without it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from automl_core.models.base import Array, FitControl, FitData, FitResult
from automl_core.models.boosting import (
    LARGEST_STEP,
    BoostedTrees,
    Floats,
    Rounds,
    baseline_of,
    boosted,
    load_boosted,
)
from automl_core.models.class_priors import mean_and_scale
from automl_core.models.losses import derivatives
from automl_core.models.trees import OneTree, join_trees, unpack_trees
from automl_core.types import Config, Files, StopReason

DEFAULT_LEFT, NAN_IS_MISSING = 2, 8  # bits of LightGBM's decision_type
BIN_ROWS = 20_000
"""Rows that bins are chosen by: sorting more takes time and changes nothing."""

BLOCK_CELLS, MANY_CELLS = 2_000_000, 20_000_000
"""Cells binned between two looks at the clock; and from where on the library shall not look
for columns to bundle, which nothing can interrupt."""

FEWEST_COLUMNS = 12
"""Columns that a tree sees at least, whatever the share of columns in the configuration."""

FEW_ROWS = 50
"""Below so many rows, none is left out of a tree."""

WIDE, WIDE_BINS = 5_000, 63
"""Columns of a very wide matrix, and bins a column there: each costs time and memory."""

HISTOGRAMS_MB = 1_024
"""Memory for the histograms of a tree's leaves; those that find no room are counted again."""


def fit(data: FitData, config: Config, control: FitControl) -> FitResult:
    """Boost until validation loss stops improving, the rounds are used up, or time is.

    Whenever it ends, the model holds the rounds up to the best one. The clock is looked at
    before every round, which grows one tree a class.
    """
    boosting = _Boosting(data, config, control)
    reason = boosting.run()
    rounds = boosting.rounds
    return FitResult(boosting.model(), reason, rounds.best, rounds.early_stopped)


def fit_with_gains(
    data: FitData, config: Config, control: FitControl
) -> tuple[FitResult, NDArray[np.float64]]:
    """As `fit`, and the total gain of the splits on each column (d,), over all rounds done."""
    boosting = _Boosting(data, config, control)
    reason = boosting.run()
    gains = np.zeros(data.x.shape[1])
    if boosting.booster is not None:
        gains = np.asarray(boosting.booster.feature_importance("gain"), dtype=np.float64)
    return FitResult(boosting.model(), reason, boosting.rounds.best), gains


def load(files: Files) -> BoostedTrees:
    """The model from its files; ModelError where they are damaged."""
    return load_boosted(files, unpack_trees)


class _InterruptionError(Exception):
    """Raised through the library where time is up or the run was stopped."""

    def __init__(self, reason: StopReason) -> None:
        super().__init__(reason)
        self.reason = reason


class _Blocks(lightgbm.Sequence):
    """A matrix that the library bins block by block, the clock being looked at in between."""

    def __init__(self, x: Array, interrupted: Callable[[], StopReason | None]) -> None:
        self._x, self._interrupted = x, interrupted
        self.batch_size = max(1, BLOCK_CELLS // x.shape[1])

    def __len__(self) -> int:
        return len(self._x)

    def __getitem__(self, index: Any) -> NDArray[Any]:
        if isinstance(index, slice) and (reason := self._interrupted()) is not None:
            raise _InterruptionError(reason)
        return np.asarray(self._x[index], dtype=np.float64)


class _Boosting:
    """One fit in progress."""

    def __init__(self, data: FitData, config: Config, control: FitControl) -> None:
        self.data, self.config, self.control = data, config, control
        self.rounds = Rounds(data, config, control)
        self.baseline, self.growing = baseline_of(data)
        # the library keeps gradients in float32: numbers near 1 lose the least
        self.scale = mean_and_scale(data)[1] if data.task == "regression" else 1.0
        self.booster: Any = None
        self.kept = 0  # rounds of the library up to the best of ours: it forgets empty ones

    def run(self) -> StopReason:
        """Bin, then add rounds; returns why it ended."""
        starts = [np.tile(self.baseline, (len(y), 1)) for y in (self.data.y, self.data.y_valid)]
        if not self.growing:
            return self.rounds.without(*starts)
        reason = self.control.interrupted()
        if reason is not None:
            return reason
        parameters = _parameters(self.data, self.config, self.control.seed)
        parameters["num_class"] = len(self.growing)
        blocks = _Blocks(self.data.x, self.control.interrupted)
        train = lightgbm.Dataset(blocks, np.zeros(len(blocks)), params=parameters)
        try:
            train.construct()
        except _InterruptionError as interruption:
            return interruption.reason
        if all(train.feature_num_bin(j) < 2 for j in range(self.data.x.shape[1])):
            return self.rounds.without(*starts)  # the library refuses constant columns only
        self.booster = lightgbm.Booster(parameters, train)
        if len(valid := np.ascontiguousarray(self.data.x_valid)):
            rows = train.create_valid(valid, np.zeros(len(valid)), params=parameters)
            self.booster.add_valid(rows, "valid")
        self.rounds.begin(starts[1])
        return self._add_rounds()

    def _add_rounds(self) -> StopReason:
        while True:
            reason = self.control.interrupted()
            if reason is None:
                self.booster.update(fobj=self._gradients)
                reason = self.rounds.after(
                    lambda: self._raw(self.booster.eval_train), self._raw(self.booster.eval_valid)
                )
                if self.rounds.best == self.rounds.done:
                    self.kept = self.booster.current_iteration()
            if reason is not None:
                return reason
            if (rate := self.rounds.wanted_rate()) != self.rounds.learning_rate:
                self.rounds.learning_rate = rate
                self.booster.reset_parameter({"learning_rate": rate})

    def model(self) -> BoostedTrees:
        """The rounds up to the best one, as plain arrays."""
        trees: list[OneTree] = []
        if self.kept:
            text = self.booster.model_to_string(num_iteration=self.kept, importance_type="gain")
            columns = self.growing * self.kept
            trees = [
                _as_arrays(part, self.scale, column)
                for part, column in zip(text.split("\nTree=")[1:], columns, strict=True)
            ]
        return boosted(self.data, self.baseline, join_trees(trees, 1))

    def _raw(self, evaluate: Any) -> Floats:
        """Raw scores (n, outputs) of the rows that `evaluate` of the booster knows."""
        found: list[NDArray[Any]] = []

        def take(sums: NDArray[Any], _: Any) -> tuple[str, float, bool]:
            found.append(self._with_baseline(sums))
            return "", 0.0, False

        evaluate(feval=take)
        return found[0] if found else np.empty((0, len(self.baseline)))

    def _with_baseline(self, sums: NDArray[Any]) -> Floats:
        """The library's sums of the growing outputs, on top of the baseline."""
        raw = np.tile(self.baseline, (len(sums), 1)) if len(self.growing) > 1 else None
        if raw is None:
            return self.baseline + self.scale * sums.reshape(-1, 1)
        raw[:, self.growing] += sums
        return raw

    def _gradients(self, sums: NDArray[Any], _: Any) -> tuple[NDArray[Any], NDArray[Any]]:
        """Gradients and hessians of the growing outputs, as the library wants them."""
        raw = np.asfortranarray(self._with_baseline(sums))
        gradient, hessian = derivatives(self.data.task, self.data.y, raw, self.data.weight)
        if len(self.growing) == 1:
            return gradient[:, 0] / np.float32(self.scale), np.ascontiguousarray(hessian[:, 0])
        return gradient[:, self.growing], hessian[:, self.growing]


def _parameters(data: FitData, config: Config, seed: int) -> dict[str, Any]:
    columns = data.x.shape[1]
    row_share = float(config["row_share"]) if len(data.y) >= FEW_ROWS else 1.0
    return {
        "objective": "none",
        "metric": "none",
        "boost_from_average": False,
        "learning_rate": float(config["learning_rate"]),
        "num_leaves": int(config["max_leaves"]),
        # on a small table 20 rows a leaf would leave no tree at all
        "min_data_in_leaf": min(int(config["min_rows_leaf"]), max(2, len(data.y) // 20)),
        "lambda_l2": float(config["l2"]),
        "feature_fraction": min(1.0, max(float(config["max_features"]), FEWEST_COLUMNS / columns)),
        "bagging_fraction": row_share,
        "bagging_freq": int(row_share < 1.0),
        "extra_trees": bool(config["random_splits"]),
        "max_delta_step": 0.0 if data.task == "regression" else LARGEST_STEP,
        "bin_construct_sample_cnt": BIN_ROWS,
        "max_bin": WIDE_BINS if columns >= WIDE else 255,  # the library's
        "histogram_pool_size": HISTOGRAMS_MB,
        "min_data_in_bin": min(3, 1 + len(data.y) // 500),
        "feature_pre_filter": False,
        "enable_bundle": data.x.size <= MANY_CELLS,
        "seed": seed % 2**31,
        "deterministic": True,
        "force_col_wise": True,
        "num_threads": 1,
        "verbosity": -1,
    }


def _as_arrays(text: str, scale: float, column: int) -> OneTree:
    """A tree of the library's text format, in preorder."""
    lines = text.split("\n\n", maxsplit=1)[0].splitlines()
    fields = dict(line.split("=", 1) for line in lines if "=" in line)
    value = _numbers(fields["leaf_value"]) * scale
    if fields["num_leaves"] == "1":
        only = np.zeros(1)
        return OneTree(only - 1, only, only, only > 0, value.reshape(1, 1), column)
    feature, threshold = _numbers(fields["split_feature"]), _numbers(fields["threshold"])
    left, right = (_numbers(fields[f"{side}_child"]).astype(int) for side in ("left", "right"))
    kind = _numbers(fields["decision_type"]).astype(int)
    # where training had no missing value, the library reads one as 0
    missing_left = np.where(kind & NAN_IS_MISSING, (kind & DEFAULT_LEFT) > 0, threshold >= 0)
    order, after = _preorder(left.tolist(), right.tolist())
    inner, at_leaf = np.maximum(order, 0), order < 0
    return OneTree(
        feature=np.where(at_leaf, -1, feature[inner].astype(int)),
        threshold=threshold[inner],
        right=after,
        missing_left=missing_left[inner],
        value=np.where(at_leaf, value[np.where(at_leaf, ~order, 0)], math.nan).reshape(-1, 1),
        column=column,
    )


def _numbers(text: str) -> Floats:
    return np.array(text.split(" "), dtype=np.float64)


def _preorder(left: list[int], right: list[int]) -> tuple[NDArray[Any], NDArray[Any]]:
    """The library's numbers of a tree's nodes (leaf i is ~i) in preorder, and right children."""
    order: list[int] = []
    after: list[int] = []
    waiting = [(0, -1)]  # a node, and whose right child it is
    while waiting:
        node, parent = waiting.pop()
        if parent >= 0:
            after[parent] = len(order)
        if node >= 0:
            waiting += [(right[node], len(order)), (left[node], -1)]
        order.append(node)
        after.append(0)
    return np.array(order), np.array(after)
