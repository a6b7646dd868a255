"""A trial's learning curves in short: one line for a small picture, and the gap at its best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl_core.runs.record.state import Curve, Trial

POINTS = 24


@dataclass(frozen=True)
class CurveSummary:
    """The mean over folds of what the curves know."""

    validation: tuple[float, ...]  # loss from start to end of training; () where none is known
    gap: float | None  # see `summarize_curves`


def summarize_curves(trial: Trial) -> CurveSummary:
    """At most POINTS losses; folds are brought to the same progress.

    The gap is (validation - training loss) / validation loss at the least validation loss of each
    fold, averaged: 0.2 means that a fifth of the validation loss is not in the training rows.
    """
    lines = [line for curve in trial.curves.values() if len(line := _line(curve)) > 1]
    gaps = [gap for curve in trial.curves.values() if (gap := _gap(curve)) is not None]
    gap = float(np.mean(gaps)) if gaps else None
    if not lines:
        return CurveSummary((), gap)
    points = min(POINTS, max(len(line) for line in lines))
    steps = np.linspace(0.0, 1.0, points)
    spread = [np.interp(steps, np.linspace(0.0, 1.0, len(line)), line) for line in lines]
    return CurveSummary(tuple(float(value) for value in np.mean(spread, axis=0)), gap)


def _line(curve: Curve) -> NDArray[np.float64]:
    losses = np.array([np.nan if v is None else v for v in curve.valid_loss], dtype=np.float64)
    return losses[np.isfinite(losses)]


def _gap(curve: Curve) -> float | None:
    pairs = [
        (valid, train)
        for valid, train in zip(curve.valid_loss, curve.train_loss, strict=False)
        if valid is not None and train is not None and np.isfinite(valid) and np.isfinite(train)
    ]
    if not pairs:
        return None
    valid, train = min(pairs)
    return (valid - train) / valid if valid > 0 else None
