"""Gradient boosting whichever library grows the trees: rounds, early stopping, the sum of trees.

Independent of how a tree is grown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import ModelError
from automl_core.files import dump_json
from automl_core.models.again import Again, Bits, Rows, anew
from automl_core.models.base import Array, FitControl, FitData
from automl_core.models.class_priors import class_shares, mean_and_scale, weights_of
from automl_core.models.metric_tracker import MetricTracker
from automl_core.models.model_files import read_file, read_json
from automl_core.models.tree_paths import TreePaths
from automl_core.models.trees import Trees
from automl_core.records import to_plain
from automl_core.types import Config, Files, StopReason, Task

Floats = NDArray[np.float64]

MODEL_FILE, TREES_FILE = "boosting.json", "trees.npz"
REPORT_EVERY = 5
"""Rounds between two reports; fixed, so that a run without a clock is reproducible."""

LARGEST_STEP = 5.0
"""Of a logit: the Newton step of a leaf with one row of a rare class is far too long."""

PACE_ROUNDS = (3, 10, 25)
"""Rounds after which the learning rate is fitted to the time that is left."""

FASTEST = 0.3
"""No learning rate is raised above this, however little time there is."""

CONVERGED = 16.0
"""Rounds times learning rate that are wanted at least. With half of it, boosting that the clock
ends is still far from its best; a larger rate costs less than that."""


class TreeSum(Protocol):
    """Trees as plain arrays (models/trees.py, models/oblivious.py)."""

    def add_to(self, out: Floats, x: Array) -> None:
        """Add all trees' values to `out` (n, outputs) in place."""
        ...

    def pack(self) -> bytes:
        """The arrays as .npz."""
        ...


@dataclass(frozen=True)
class BoostingRecord:
    """The baseline that the trees add to, and the task that says how to read the sum."""

    task: Task
    classes: int
    features: int  # columns of the matrix
    baseline: tuple[float, ...]  # raw score of each output before the first tree


@dataclass(frozen=True, eq=False)
class BoostedTrees:
    """A sum of trees: a logit, one score a class, or a value."""

    record: BoostingRecord
    trees: TreeSum

    def predict(self, x: Array) -> Floats:
        """Probabilities (n, classes), or values (n,)."""
        raw = np.tile(np.asarray(self.record.baseline, dtype=np.float64), (len(x), 1))
        self.trees.add_to(raw, x)
        return from_raw(self.record.task, raw)

    def remember(self, x: Array, bits: Bits, room: int) -> Again:
        """See `Remembering`; oblivious trees ask all their questions anyway."""
        trees, record = self.trees, self.record
        if not isinstance(trees, Trees) or TreePaths.bytes_for(trees, len(x)) > room:
            return anew(self)
        paths = TreePaths(trees, x, bits)

        def again(rows: Rows, x: Array, changed: Bits) -> Floats:
            raw = np.tile(np.asarray(record.baseline, dtype=np.float64), (len(x), 1))
            paths.add_to(raw, rows, x, changed)
            return from_raw(record.task, raw)

        return again

    def files(self) -> Files:
        """A JSON record and the trees' arrays."""
        return {MODEL_FILE: dump_json(to_plain(self.record)), TREES_FILE: self.trees.pack()}


def baseline_of(data: FitData) -> tuple[Floats, list[int]]:
    """Raw scores (outputs,) before the first tree, and the outputs that trees are grown for.

    A class without a training row gets a small share and no trees: nothing can be learned
    about it, and its logit would run away. With two classes the one output is the logit.
    """
    if data.task == "regression":
        return np.array([mean_and_scale(data)[0]]), [0] if np.ptp(data.y) > 0 else []
    mass = np.bincount(data.y, weights=weights_of(data), minlength=data.classes)
    present = [int(k) for k in np.flatnonzero(mass > 0)]
    growing = present if len(present) > 1 else []
    every = len(present) == data.classes
    logs = np.log(mass / mass.sum() if every else class_shares(data))
    if data.classes == 2:
        return logs[1:] - logs[:1], [0] if growing else []
    return logs - logs.mean(), growing


def from_raw(task: Task, raw: Floats) -> Floats:
    """Probabilities (n, classes) or values (n,) of raw scores (n, outputs)."""
    if task == "regression":
        return raw[:, 0].copy()
    if raw.shape[1] == 1:
        power = np.exp(-np.abs(raw))  # never overflows
        likely, unlikely = 1 / (1 + power), power / (1 + power)
        return np.where(raw < 0, np.hstack([likely, unlikely]), np.hstack([unlikely, likely]))
    powers = np.exp(raw - raw.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def boosted(data: FitData, baseline: Floats, trees: TreeSum) -> BoostedTrees:
    """The fitted model of `data`: trees that add to `baseline` (outputs,)."""
    outputs = tuple(map(float, baseline))
    return BoostedTrees(BoostingRecord(data.task, data.classes, data.x.shape[1], outputs), trees)


def load_boosted(files: Files, unpack: Callable[[bytes, int, int], TreeSum]) -> BoostedTrees:
    """The model from its files; `unpack` reads the trees. ModelError where they are damaged."""
    record = read_json(files, MODEL_FILE, BoostingRecord)
    outputs = record.classes if record.classes > 2 else 1
    if len(record.baseline) != outputs:
        raise ModelError(f"The model's file {MODEL_FILE!r} is damaged.")
    return BoostedTrees(record, unpack(read_file(files, TREES_FILE), record.features, outputs))


class Rounds:
    """Counts and reports rounds; early stopping, and the number of the best round."""

    def __init__(self, data: FitData, config: Config, control: FitControl) -> None:
        self._task, self._control = data.task, control
        self._tracker = MetricTracker(data)
        self.planned = int(config["max_iterations"])
        self.learning_rate = float(config["learning_rate"])
        self._patience = int(config["patience"])
        self.done = self.best = 0
        self._best_loss = np.nan
        self._ready = control.elapsed()

    def begin(self, raw_valid: Floats) -> None:
        """Take the scores before the first round; the time until now is not the rounds'."""
        self._best_loss = self._tracker.valid_loss(from_raw(self._task, raw_valid))
        self._ready = self._control.elapsed()

    def without(self, raw: Floats, raw_valid: Floats) -> StopReason:
        """Report a fit that has nothing to grow a tree for."""
        loss = self._tracker.valid_loss(from_raw(self._task, raw_valid))
        return self._report(lambda: raw, raw_valid, loss) or StopReason.COMPLETED

    def after(self, raw: Callable[[], Floats], raw_valid: Floats) -> StopReason | None:
        """Count one more round with its raw scores (n, outputs); returns a reason to stop or None.

        `raw`, of the training rows, is called only in rounds that are reported.
        """
        self.done += 1
        loss = self._tracker.valid_loss(from_raw(self._task, raw_valid))
        if loss < self._best_loss or np.isnan(self._best_loss):
            self._best_loss, self.best = loss, self.done
        if self.done <= 2 or self.done % REPORT_EVERY == 0 or self.done == self.planned:
            reason = self._report(raw, raw_valid, loss)
            if reason is not None:
                return reason
        # a loss that is no number ends here too: it is never better than the best
        if self.done - self.best >= self._patience:
            return StopReason.EARLY
        return StopReason.COMPLETED if self.done >= self.planned else None

    def wanted_rate(self) -> float:
        """A larger learning rate where time will not last for enough small steps.

        See CONVERGED; without a clock nothing changes.
        """
        elapsed = self._control.elapsed()
        if self.done not in PACE_ROUNDS or elapsed <= self._ready:
            return self.learning_rate
        affordable = (1.0 - elapsed) * self.done / (elapsed - self._ready)
        wanted = CONVERGED / self.learning_rate - self.done
        if affordable >= wanted:
            return self.learning_rate
        faster = self.learning_rate * wanted / max(affordable, 1.0)
        return max(self.learning_rate, min(FASTEST, faster))

    @property
    def early_stopped(self) -> Config | None:
        """Settings that grow the best number of rounds without validation rows; None: no round."""
        if not self.best:
            return None
        return {"max_iterations": self.best, "learning_rate": self.learning_rate}

    def _report(
        self, raw: Callable[[], Floats], raw_valid: Floats, valid_loss: float
    ) -> StopReason | None:
        train_loss = self._tracker.train_loss(from_raw(self._task, raw()))
        score = self._tracker.valid_score(from_raw(self._task, raw_valid))
        progress = max(self.done / max(1, self.planned), self._control.elapsed())
        losses = (train_loss, valid_loss)
        return self._control.report(
            self._tracker.epoch(max(1, self.done), progress, losses, score, self.learning_rate)
        )
