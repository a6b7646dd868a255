"""Tiny encoded tables for tests of models, and a fit's surroundings that note what happens."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from automl_core.features.feature_layout import Encoding, Feature
from automl_core.models.base import Epoch, FitControl, FitData
from automl_core.types import StopReason, Task

METRIC = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}
ENCODING = Encoding(category="code", missing="nan", numeric="plain")
CODES = 5


def matrix(n: int, encoding: Encoding, rng: np.random.Generator) -> np.ndarray:
    """Two numbers that matter, one that does not, a constant, and a category (n, 5)."""
    x = rng.normal(size=(n, 5))
    x[:, 3] = 1.0
    x[:, 4] = rng.integers(0, CODES, n)
    if encoding.missing == "nan":
        x[rng.random(n) < 0.1, 0] = np.nan
    return x.astype(np.float32)


def features(encoding: Encoding) -> tuple[Feature, ...]:
    """The columns of `matrix`."""
    numbers = tuple(Feature(f"x{i}", f"x{i}", "number") for i in range(4))
    if encoding.category == "code":
        return (*numbers, Feature("colour", "colour", "code", CODES))
    return (*numbers, Feature("colour", "colour", "number"))


def target(x: np.ndarray, task: Task, rng: np.random.Generator) -> np.ndarray:
    """Something that can be learned from the first two columns."""
    signal = np.nan_to_num(x[:, 0]) + 0.5 * x[:, 1] + 0.2 * rng.normal(size=len(x))
    if task == "regression":
        return 1000.0 + 50.0 * signal.astype(np.float64)
    edges = [0.0] if task == "binary" else [-0.7, 0.0, 0.7]
    return np.digitize(signal, edges).astype(np.int64)


def table(
    task: Task, encoding: Encoding = ENCODING, *, rows: int = 240, weighted: bool = False
) -> FitData:
    """A fold of a tiny table."""
    rng = np.random.default_rng(7)
    x, x_valid = matrix(rows, encoding, rng), matrix(80, encoding, rng)
    y, y_valid = target(x, task, rng), target(x_valid, task, rng)
    weight = rng.uniform(0.5, 1.5, rows) if weighted else None
    return FitData(
        task=task,
        classes={"binary": 2, "multiclass": 4, "regression": 0}[task],
        features=features(encoding),
        x=x,
        y=y,
        weight=None if weight is None else weight / weight.mean(),
        x_valid=x_valid,
        y_valid=y_valid,
        weight_valid=rng.uniform(0.5, 1.5, 80) if weighted else None,
        metric=METRIC[task],
    )


@dataclass
class Surroundings:
    """Notes every epoch; asks to stop after so many looks at the clock."""

    stop_after: int | None = None
    prune_after: int | None = None
    share: float = 0.0
    looks: int = 0
    epochs: list[Epoch] = field(default_factory=list)

    def report(self, epoch: Epoch) -> StopReason | None:
        self.epochs.append(epoch)
        pruned = self.prune_after is not None and len(self.epochs) >= self.prune_after
        return StopReason.PRUNED if pruned else None

    def interrupted(self) -> StopReason | None:
        self.looks += 1
        stop = self.stop_after is not None and self.looks > self.stop_after
        return StopReason.STOPPED if stop else None

    def control(self, seed: int = 0) -> FitControl:
        return FitControl(self.report, self.interrupted, lambda: self.share, seed)
