"""Ridge regression on encoded columns: a quick linear model beside the quick booster.

Values, or the indicators of classes, by least squares with a penalty that generalised
cross-validation picks (Golub, Heath and Wahba 1979). Independent of how columns are chosen.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from automl_core.feature_selection.quick_booster import Interrupted, Matrices, OutOfTimeError

Floats = NDArray[np.float64]

FAMILY = "linear"

PENALTIES = (1e-3, 1e-2, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
"""Penalties that are tried, as multiples of the mean eigenvalue."""

MOST_SIDE = 800
"""Training rows that are used at most where there are as many matrix columns."""

LEAST_PROBABILITY = 0.01


def predict(matrices: Matrices, interrupted: Interrupted) -> Floats:
    """Fit, and predict the validation rows: values (m,), or probabilities (m, classes).

    Raises OutOfTimeError where it may not start.
    """
    if interrupted() is not None:
        raise OutOfTimeError
    fit = matrices.fit
    step = 1
    if min(fit.x.shape) > MOST_SIDE:
        step = -(-len(fit.x) // MOST_SIDE)
    x, y = fit.x[::step].astype(np.float64), fit.y[::step]
    targets = y[:, None].astype(np.float64)
    if fit.task != "regression":
        targets = np.asarray(y[:, None] == np.arange(fit.classes), dtype=np.float64)
    weight = np.ones(len(x)) if fit.weight is None else fit.weight[::step]
    weight = weight / max(float(weight.sum()), 1e-300)
    centre, level = weight @ x, weight @ targets
    root = np.sqrt(weight * len(x))[:, None]
    values = level + (fit.x_valid - centre) @ _slopes(root * (x - centre), root * (targets - level))
    if fit.task == "regression":
        return np.asarray(values[:, 0])
    values = np.clip(values, LEAST_PROBABILITY, 1.0)
    return np.asarray(values / values.sum(axis=1, keepdims=True))


def _slopes(x: Floats, y: Floats) -> Floats:
    """Coefficients (d, k) of centred rows (n, d) and targets (n, k)."""
    rows, width = x.shape
    is_wide = width > rows
    spread, basis = np.linalg.eigh(x @ x.T if is_wide else x.T @ x)
    spread = np.maximum(spread, 0.0)
    scores = basis.T @ (y if is_wide else x.T @ y)
    unit = max(float(spread.sum()), 1e-12) / min(rows, width)
    total = float((y**2).sum())
    best, slopes = np.inf, np.zeros((width, y.shape[1]))
    for penalty in PENALTIES:
        shrunk = spread / (spread + penalty * unit)
        power = scores**2 if is_wide else scores**2 / np.maximum(spread, 1e-9 * unit)[:, None]
        missed = total - float(((1.0 - (1.0 - shrunk) ** 2)[:, None] * power).sum())
        free = max(1.0 - float(shrunk.sum()) / rows, 1e-3)
        if missed / free**2 < best:
            best = missed / free**2
            slopes = basis @ (scores / (spread + penalty * unit)[:, None])
    return x.T @ slopes if is_wide else slopes
