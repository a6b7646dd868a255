"""Gradient boosting on histograms: trees in rounds, watched, until validation stops improving.

The trees are scikit-learn's (models/histogram.py); the rounds are here, so that the clock is
looked at before every tree and every few rounds are reported. The model is plain arrays.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import ModelError
from automl_core.files import dump_json
from automl_core.models.base import (
    Array,
    Config,
    Files,
    FitControl,
    FitData,
    FitResult,
    StopReason,
    Task,
)
from automl_core.models.histogram import Binned, GrownTree, Loss, TreeSettings, grow_tree
from automl_core.models.priors import class_shares
from automl_core.models.storage import read_file, read_json
from automl_core.models.trees import Trees, join_trees, unpack_trees
from automl_core.models.watch import Watch
from automl_core.records import to_plain

Floats = NDArray[np.float64]

MODEL_FILE, TREES_FILE = "boosting.json", "trees.npz"
REPORT_EVERY = 5
"""Rounds between two reports; fixed, so that a run without a clock is reproducible."""

LARGEST_STEP = 5.0
"""Of a logit: the Newton step of a leaf with one row of a rare class is far too long."""

PACE_ROUNDS = (3, 10, 25)
"""Rounds after which the learning rate is fitted to the time that is left."""


@dataclass(frozen=True)
class BoostingRecord:
    """What the trees add to, and how the sum is read."""

    task: Task
    classes: int
    features: int  # columns of the matrix
    baseline: tuple[float, ...]  # raw score of each output before the first tree


@dataclass(frozen=True, eq=False)
class BoostedTrees:
    """A sum of trees: a logit, one score a class, or a value."""

    record: BoostingRecord
    trees: Trees

    def predict(self, x: Array) -> Floats:
        """Probabilities (n, classes), or values (n,)."""
        raw = np.tile(np.asarray(self.record.baseline, dtype=np.float64), (len(x), 1))
        self.trees.add_to(raw, x)
        return from_raw(self.record.task, raw)

    def files(self) -> Files:
        """A JSON record and the trees' arrays."""
        return {MODEL_FILE: dump_json(to_plain(self.record)), TREES_FILE: self.trees.pack()}


def from_raw(task: Task, raw: Floats) -> Floats:
    """Probabilities (n, classes) or values (n,) of raw scores (n, outputs)."""
    if task == "regression":
        return raw[:, 0].copy()
    if raw.shape[1] == 1:
        raw = np.concatenate([np.zeros_like(raw), raw], axis=1)
    powers = np.exp(raw - raw.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def fit(data: FitData, config: Config, control: FitControl) -> FitResult:
    """Boost until validation loss stops improving, the rounds are used up, or time is.

    Whenever it ends, the model holds the rounds up to the best one; none at all where it was
    stopped before the first.
    """
    boosting = _Boosting(data, config, control)
    reason = boosting.run()
    return FitResult(boosting.model(), reason, boosting.best_round)


def load(files: Files) -> BoostedTrees:
    """The model from its files; ModelError where they are damaged."""
    record = read_json(files, MODEL_FILE, BoostingRecord)
    outputs = record.classes if record.classes > 2 else 1
    if len(record.baseline) != outputs:
        raise ModelError(f"The model's file {MODEL_FILE!r} is damaged.")
    trees = unpack_trees(read_file(files, TREES_FILE), record.features, outputs)
    return BoostedTrees(record, trees)


class _Boosting:
    """One fit in progress: raw scores so far, rounds so far, and which was best."""

    def __init__(self, data: FitData, config: Config, control: FitControl) -> None:
        self.data, self.control, self.watch = data, control, Watch(data)
        self.rounds_planned = int(config["max_iterations"])
        self.patience = int(config["patience"])
        self.learning_rate = float(config["learning_rate"])
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
        self.baseline, self.growing = _baseline(data, self.loss, self.y)
        self.raw = np.asfortranarray(np.tile(self.baseline, (len(data.y), 1)))
        self.raw_valid = np.asfortranarray(np.tile(self.baseline, (len(data.y_valid), 1)))
        self.rounds: list[dict[int, GrownTree]] = []
        self.best_round = 0
        self.best_loss = self._valid_loss()

    def run(self) -> StopReason:
        """Bin, then add rounds; returns why it ended."""
        self.ready = self.control.elapsed()
        binned = Binned(self.data.x, self.control.seed, self.control.interrupted)
        if not binned.complete:
            return self.control.interrupted() or StopReason.STOPPED
        cells_valid = binned.apply(self.data.x_valid)
        self.ready = self.control.elapsed()
        while self.growing and len(self.rounds) < self.rounds_planned:
            reason = self._add_round(binned, cells_valid)
            if reason is not None:
                return reason
            loss = self._valid_loss()
            if loss < self.best_loss or np.isnan(self.best_loss):
                self.best_loss, self.best_round = loss, len(self.rounds)
            reason = self._report(loss)
            if reason is not None:
                return reason
            # a loss that is no number ends here too: it is never better than the best
            if len(self.rounds) - self.best_round >= self.patience:
                return StopReason.EARLY
            self._pace()
        if not self.rounds:
            self._report(self.best_loss)
        return StopReason.COMPLETED

    def model(self) -> BoostedTrees:
        """The rounds up to the best one."""
        kept = [
            tree.arrays(column)
            for trees in self.rounds[: self.best_round]
            for column, tree in trees.items()
        ]
        data = self.data
        record = BoostingRecord(
            data.task, data.classes, data.x.shape[1], tuple(map(float, self.baseline))
        )
        return BoostedTrees(record, join_trees(kept, 1))

    def _add_round(self, binned: Binned, cells_valid: NDArray[np.uint8]) -> StopReason | None:
        gradient, hessian = self.loss.gradients(self.y, self.raw)
        trees: dict[int, GrownTree] = {}
        for k in self.growing:
            reason = self.control.interrupted()
            if reason is not None:
                return reason
            g, h = gradient[:, k], hessian[:, k]
            trees[k] = grow_tree(
                binned, g, h, self.settings, learning_rate=self.learning_rate, rng=self.rng
            )
        for k, tree in trees.items():
            tree.update(self.raw[:, k])
            if len(cells_valid):
                self.raw_valid[:, k] += tree.predict_binned(cells_valid)
        self.rounds.append(trees)
        return None

    def _valid_loss(self) -> float:
        return self.watch.valid_loss(from_raw(self.data.task, self.raw_valid))

    def _report(self, valid_loss: float) -> StopReason | None:
        done = len(self.rounds)
        if done > 2 and done % REPORT_EVERY and done != self.rounds_planned:
            return None
        task = self.data.task
        train_loss = self.watch.train_loss(from_raw(task, self.raw))
        score = self.watch.valid_score(from_raw(task, self.raw_valid))
        progress = max(done / self.rounds_planned, self.control.elapsed())
        losses = (train_loss, valid_loss)
        return self.control.report(
            self.watch.epoch(max(1, done), progress, losses, score, self.learning_rate)
        )

    def _pace(self) -> None:
        """Take larger steps where time will not last for enough small ones.

        About 6 / learning rate rounds are wanted at least; without a clock nothing changes.
        """
        done, elapsed = len(self.rounds), self.control.elapsed()
        if done not in PACE_ROUNDS or elapsed <= self.ready:
            return
        affordable = (1.0 - elapsed) * done / (elapsed - self.ready)
        wanted = 6.0 / self.learning_rate - done
        if affordable < wanted:
            faster = self.learning_rate * wanted / max(affordable, 1.0)
            self.learning_rate = max(self.learning_rate, min(0.3, faster))


def _baseline(data: FitData, loss: Loss, y: Floats) -> tuple[Floats, list[int]]:
    """Raw scores before the first tree, and the outputs that trees are grown for.

    A class without a training row gets a small share and no trees: nothing can be learned
    about it, and its logit would run away.
    """
    if data.task == "regression":
        return loss.baseline(y), [0]
    counts = np.bincount(data.y, minlength=data.classes)
    present = [int(k) for k in np.flatnonzero(counts)]
    growing = present if len(present) > 1 else []
    if data.classes == 2:
        growing = [0] if growing else []
    if len(present) == data.classes:
        return loss.baseline(y), growing
    logs = np.log(class_shares(data))
    return (logs[1:] - logs[:1] if data.classes == 2 else logs - logs.mean()), growing
