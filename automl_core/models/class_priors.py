"""Shares of classes, smoothed so that no class is impossible.

A class may have no row in one fold's training part and still turn up later.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.models.base import FitData


def weights_of(data: FitData) -> NDArray[np.float64]:
    """Weights of the training rows (n,), ones where none are given."""
    return np.ones(len(data.y)) if data.weight is None else data.weight


def class_shares(data: FitData) -> NDArray[np.float64]:
    """Weighted share of each class (classes,), summing to 1, with half a row added to each.

    Half a row is the Jeffreys prior of a share (Jeffreys 1946).
    """
    weight = weights_of(data)
    if data.soft is None:
        rows: NDArray[Any] = np.bincount(data.y, weights=weight, minlength=data.classes)
    else:
        rows = np.asarray(weight @ data.soft)
    counts = rows + 0.5
    return np.asarray(counts / counts.sum(), dtype=np.float64)


def mean_and_scale(data: FitData) -> tuple[float, float]:
    """Weighted mean and standard deviation of a numeric target; a deviation of 0 becomes 1."""
    weight = weights_of(data)
    mean = float(np.average(data.y, weights=weight))
    scale = float(np.sqrt(np.average((data.y - mean) ** 2, weights=weight)))
    return mean, scale if np.isfinite(scale) and scale > 0 else 1.0
