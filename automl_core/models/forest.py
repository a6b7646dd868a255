"""Forests: trees grown one at a time and averaged; split at random, or where it is best.

Random forest (Breiman 2001) and extremely randomised trees (Geurts et al. 2006): two families.
Each tree is scikit-learn's; they are grown one by one, so that a fit can stop after any of them.
Nodes are split down to so many rows that a model stays light. The model is plain arrays.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.tree import (
    DecisionTreeClassifier,
    DecisionTreeRegressor,
    ExtraTreeClassifier,
    ExtraTreeRegressor,
)

from automl_core.errors import ModelError
from automl_core.files import dump_json
from automl_core.models.again import Again, Bits, Rows, anew
from automl_core.models.base import Array, FitControl, FitData, FitResult
from automl_core.models.class_priors import class_shares, mean_and_scale
from automl_core.models.metric_tracker import MetricTracker
from automl_core.models.model_files import read_file, read_json
from automl_core.models.tree_paths import TreePaths
from automl_core.models.trees import OneTree, Trees, join_trees, unpack_trees
from automl_core.records import to_plain
from automl_core.types import Config, Files, StopReason, Task

Floats = NDArray[np.float64]

MODEL_FILE, TREES_FILE = "forest.json", "trees.npz"
OLD_FILE = "extra_trees.json"  # what MODEL_FILE was called in the first models
REPORT_EVERY = 10
"""Trees between two reports; fixed, so that a run without a clock is reproducible."""

MOST_BYTES = 16_000_000
"""Of all trees: splitting ends at more rows until the trees fit."""

ONE_FOR_ALL = 3
"""A forest that stands for those of all folds may have this many times as many bytes."""

PRIOR = 0.01
"""Weight of the classes' shares beside the trees': no class is ever impossible."""

MOST_ROWS, MOST_CELLS, FEWEST_ROWS = 30_000, 4_000_000, 5_000
"""A tree sees a random part of larger tables, so that it is grown in a fraction of a second."""

FEWEST_TREES, MOST_TREES, TREE_ROWS = 100, 300, 1_500_000
"""The number of trees where the setting is 0: as many as grow on so many rows, within limits."""


@dataclass(frozen=True)
class ForestRecord:
    """Task, shape and prior: all that turns the trees' sum into a prediction."""

    task: Task
    classes: int
    features: int  # columns of the matrix
    prior: tuple[float, ...]  # shares of the classes, or the mean: what no tree would say
    prior_trees: float = 0.1  # trees that the shares weigh as much as; the first models' silence


@dataclass(frozen=True, eq=False)
class Forest:
    """The average of the trees."""

    record: ForestRecord
    trees: Trees

    def predict(self, x: Array) -> Floats:
        """Probabilities (n, classes), or values (n,)."""
        total = np.zeros((len(x), len(self.record.prior)))
        self.trees.add_to(total, x)
        return average(self.record, total, len(self.trees.root))

    def remember(self, x: Array, bits: Bits, room: int) -> Again:
        """See `Remembering`."""
        if TreePaths.bytes_for(self.trees, len(x)) > room:
            return anew(self)
        paths = TreePaths(self.trees, x, bits)

        def again(rows: Rows, x: Array, changed: Bits) -> Floats:
            total = np.zeros((len(x), len(self.record.prior)))
            paths.add_to(total, rows, x, changed)
            return average(self.record, total, len(self.trees.root))

        return again

    def files(self) -> Files:
        """A JSON record and the trees' arrays."""
        return {MODEL_FILE: dump_json(to_plain(self.record)), TREES_FILE: self.trees.pack()}


def average(record: ForestRecord, total: Floats, trees: int) -> Floats:
    """Predictions of the trees' sum (n, outputs)."""
    prior, weight = np.asarray(record.prior, dtype=np.float64), record.prior_trees
    if record.task == "regression":
        return total[:, 0] / trees if trees else np.full(len(total), prior[0])
    return np.asarray((total + weight * prior) / (trees + weight))


def load(files: Files) -> Forest:
    """The model from its files; ModelError where they are damaged."""
    record = read_json(files, OLD_FILE if OLD_FILE in files else MODEL_FILE, ForestRecord)
    outputs = max(1, record.classes)
    if len(record.prior) != outputs or not 0 < record.prior_trees < math.inf:
        raise ModelError(f"The model's file {MODEL_FILE!r} is damaged.")
    trees = unpack_trees(read_file(files, TREES_FILE), record.features, outputs)
    return Forest(record, trees)


def fit(data: FitData, config: Config, control: FitControl) -> FitResult:
    """Grow the trees; a fit that is stopped keeps those it has, or the prior alone."""
    tracker, planned = MetricTracker(data), _trees(int(config["trees"]), data)
    grower = _Grower(data, config, control.seed)
    total = np.zeros((len(data.y_valid), max(1, data.classes)))
    trees: list[OneTree] = []
    reason: StopReason | None = None
    while len(trees) < planned and reason is None:
        reason = control.interrupted()
        if reason is not None:
            break
        tree, valid = grower.grow(len(trees))
        if not trees and grower.too_large(tree, planned):
            continue
        trees.append(tree)
        total += valid
        done = len(trees)
        if done == 1 or done % REPORT_EVERY == 0 or done == planned:
            prediction = average(_record(data, done), total, done)
            # trees fit their own training rows nearly exactly: that loss would mislead
            losses = float("nan"), tracker.valid_loss(prediction)
            progress = max(done / planned, control.elapsed())
            score = tracker.valid_score(prediction)
            reason = control.report(tracker.epoch(done, progress, losses, score, None))
    record = _record(data, len(trees))
    model = Forest(record, join_trees(trees, len(record.prior)))
    early_stopped: Config = {"trees": len(trees), "min_rows_split": grower.min_rows_split}
    reason = reason or StopReason.COMPLETED
    return FitResult(model, reason, len(trees), early_stopped if trees else None)


def _record(data: FitData, trees: int) -> ForestRecord:
    regression = data.task == "regression"
    prior = mean_and_scale(data)[:1] if regression else class_shares(data)
    weight = PRIOR * trees if trees else 1.0
    return ForestRecord(data.task, data.classes, data.x.shape[1], tuple(map(float, prior)), weight)


_KINDS = {  # by whether it is regression, and whether splits are random
    (False, False): DecisionTreeClassifier,
    (False, True): ExtraTreeClassifier,
    (True, False): DecisionTreeRegressor,
    (True, True): ExtraTreeRegressor,
}


def _share(wanted: float, data: FitData, random_splits: bool) -> float:
    """Share of columns tried at a split.

    0: the root of their number for classes; for values all of them where splits are random,
    else half.
    """
    if wanted:
        return wanted
    if data.task != "regression":
        return float(len(data.features) ** -0.5)
    return 1.0 if random_splits else 0.5


def _trees(wanted: int, data: FitData) -> int:
    """The number of trees; 0: more where they are cheap, as shares of few leaves are coarse."""
    return wanted or max(FEWEST_TREES, min(MOST_TREES, TREE_ROWS // len(data.y)))


class _Grower:
    """Grows tree number i from the seed and i alone."""

    def __init__(self, data: FitData, config: Config, seed: int) -> None:
        self._data, self._seed = data, seed
        # the library refuses arrays that it could not write to
        self._x = np.require(data.x, np.float32, ["C", "W"])
        self._x_valid = np.require(data.x_valid, np.float32, ["C", "W"])
        self._y = np.require(data.y, requirements=["W"])
        random_splits = bool(config["random_splits"])
        self._kind = _KINDS[data.task == "regression", random_splits]
        self._max_features = _share(float(config["max_features"]), data, random_splits)
        self._bootstrap = bool(config["bootstrap"])
        # two classes that overlap make for noisy trees; many classes need fine ones
        self.min_rows_split = int(config["min_rows_split"]) or (24 if data.classes == 2 else 2)
        self._outputs = max(1, data.classes)

    def too_large(self, tree: OneTree, planned: int) -> bool:
        """True where so many such trees would be too large; splitting then ends at more rows."""
        if len(tree.feature) == 1:  # it cannot be smaller
            return False
        size = len(join_trees([tree], self._outputs).pack()) * planned
        # without rows that validate it is what stands for the forests of all folds
        if size <= MOST_BYTES * (1 if len(self._x_valid) else ONE_FOR_ALL):
            return False
        self.min_rows_split = max(
            self.min_rows_split + 1, round(self.min_rows_split * size / MOST_BYTES)
        )
        return True

    def grow(self, number: int) -> tuple[OneTree, Floats]:
        """The tree, and its values (m, outputs) for the validation rows."""
        data = self._data
        rng = np.random.default_rng((self._seed, number))
        rows = self._rows(rng)
        tree = self._kind(
            max_features=self._max_features,
            min_samples_split=self.min_rows_split,
            random_state=int(rng.integers(2**31)),
        )
        x, y, weight = self._x, self._y, data.weight
        if rows is not None:
            x, y, weight = x[rows], y[rows], None if weight is None else weight[rows]
        tree.fit(x, y, sample_weight=weight)
        arrays = _as_arrays(tree, self._outputs)
        leaves = tree.tree_.apply(self._x_valid)
        return arrays, arrays.value[leaves]

    def _rows(self, rng: np.random.Generator) -> NDArray[np.int64] | None:
        n, d = len(self._x), len(self._data.features)
        most = min(MOST_ROWS, max(FEWEST_ROWS, MOST_CELLS // d))
        if self._bootstrap:
            return rng.integers(0, n, min(n, most))
        if n > most:
            return rng.choice(n, most, replace=False)
        return None


def _as_arrays(tree: Any, outputs: int) -> OneTree:
    """The arrays of a fitted scikit-learn tree; classes it has not seen get 0."""
    nodes = tree.tree_
    is_leaf = nodes.children_left < 0
    number = np.arange(nodes.node_count)
    assert (nodes.children_left == number + 1)[~is_leaf].all(), "not in preorder"
    value = nodes.value[:, 0, :]
    if outputs > 1:
        full = np.zeros((len(value), outputs))
        full[:, tree.classes_] = value / value.sum(axis=1, keepdims=True)
        value = full
    return OneTree(
        feature=np.where(is_leaf, -1, nodes.feature),
        threshold=nodes.threshold,
        right=nodes.children_right,
        missing_left=nodes.missing_go_to_left,
        value=np.ascontiguousarray(value, dtype=np.float64),
        column=-1,
    )
