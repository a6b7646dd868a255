"""Candidates whose errors are known: truth, plus what they share, plus noise of their own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from automl_core.ensemble.candidates import Candidate, Problem
from automl_core.types import Task

Floats = NDArray[np.float64]
METRICS: dict[str, tuple[Task, int]] = {
    "roc_auc": ("binary", 2),
    "log_loss": ("multiclass", 4),
    "accuracy": ("multiclass", 3),
    "balanced_accuracy": ("binary", 2),
    "f1": ("binary", 2),
    "rmse": ("regression", 0),
    "mae": ("regression", 0),
    "r2": ("regression", 0),
}


def softmax(logits: Floats) -> Floats:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def candidate(prediction: Floats, family: str = "a", members: int = 5) -> Candidate:
    return Candidate(family, prediction, members, predict_ms_per_row=0.01, size_bytes=1000)


def case(
    metric: str, rows: int = 1_000, count: int = 8, seed: int = 0, noise: float = 1.0
) -> tuple[Problem, list[Candidate]]:
    """`count` candidates that are equally good and whose errors are independent.

    Their logits are true ones plus noise; classes are drawn from the true ones, so that the
    best score possible is known to be that of `noise` 0.
    """
    task, classes = METRICS[metric]
    rng = np.random.default_rng(seed)
    if classes == 0:
        y = 1e5 + 100 * rng.normal(size=rows)
        values = [y + 100 * noise * rng.normal(size=rows) for _ in range(count)]
        return Problem(metric, task, y, None), [candidate(v) for v in values]
    logits = 1.5 * rng.normal(size=(rows, classes))
    chances = softmax(logits).cumsum(axis=1)
    y_classes = (rng.random((rows, 1)) > chances[:, :-1]).sum(axis=1).astype(np.int64)
    parts = [softmax(logits + noise * rng.normal(size=logits.shape)) for _ in range(count)]
    return Problem(metric, task, y_classes, None), [candidate(p) for p in parts]
