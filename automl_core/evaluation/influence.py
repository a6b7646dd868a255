"""Each row's influence on a score: the score as a mean over rows, to first order.

The infinitesimal jackknife (Jaeckel 1972); for the area under the ROC curve these are the
placements of DeLong, DeLong and Clarke-Pearson 1988. Their spread is that of the score, for every
metric, without resampling.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.metrics import EPSILON, metric_named, score

Floats = NDArray[np.float64]
Targets = NDArray[Any]  # (n,) class numbers or values
_Influence = Callable[[Targets, Floats, Floats], Floats]


def influences(metric: str, y: Targets, prediction: Floats, weight: Floats | None = None) -> Floats:
    """Each row's influence (n,) on the score: their mean is 0, their spread that of the score.

    `prediction` is (n, classes) or (n,); `weight` (n,) or None.
    """
    metric_named(metric)
    weights = np.ones(len(y)) if weight is None else weight
    return _INFLUENCE[metric](y, prediction, weights)


def _mean(values: Floats, weight: Floats) -> Floats:
    """Influence of rows on the weighted mean of their values."""
    total = max(float(weight.sum()), 1e-300)
    return len(values) * weight / total * (values - float(weight @ values) / total)


def _log_loss(y: Targets, prediction: Floats, weight: Floats) -> Floats:
    chosen = prediction[np.arange(len(prediction)), y.astype(np.int64)]
    return _mean(-np.log(np.clip(chosen, EPSILON, 1.0)), weight)


def _right(y: Targets, prediction: Floats) -> NDArray[np.bool_]:
    return np.asarray(prediction.argmax(axis=1) == y)


def _accuracy(y: Targets, prediction: Floats, weight: Floats) -> Floats:
    return _mean(_right(y, prediction).astype(np.float64), weight)


def _balanced_accuracy(y: Targets, prediction: Floats, weight: Floats) -> Floats:
    right = _right(y, prediction).astype(np.float64)
    present = np.unique(y)
    parts = [_mean(right, weight * (y == k)) for k in present]
    return np.asarray(np.mean(parts, axis=0))


def _f1(y: Targets, prediction: Floats, weight: Floats) -> Floats:
    """F1 is 2 hits / (actual + claimed): its influence by the delta method, a mean over classes."""
    guess = prediction.argmax(axis=1)
    occurring = np.union1d(y.astype(np.int64), guess)
    parts = []
    for k in [1] if prediction.shape[1] == 2 else occurring:
        both = (y == k) * 1.0 + (guess == k)
        hits = 2.0 * ((y == k) & (guess == k))
        total = float(weight @ both)
        if total > 0:
            value = float(weight @ hits) / total
            parts.append(len(guess) * weight / total * (hits - value * both))
    return np.asarray(np.mean(parts, axis=0)) if parts else np.zeros(len(guess))


def _roc_auc(y: Targets, prediction: Floats, weight: Floats) -> Floats:
    classes = [1] if prediction.shape[1] == 2 else np.unique(y).astype(int).tolist()
    parts = [_one_auc(y == k, prediction[:, k], weight) for k in classes]
    return np.asarray(np.mean(parts, axis=0))


def _one_auc(positive: NDArray[np.bool_], values: Floats, weight: Floats) -> Floats:
    """A positive row's placement is the share of negatives below it, and the other way round."""
    ups, downs = np.where(positive, weight, 0.0), np.where(positive, 0.0, weight)
    total_up, total_down = float(ups.sum()), float(downs.sum())
    if not (total_up > 0 and total_down > 0):
        return np.zeros(len(values))
    order = np.argsort(values)
    ordered = values[order]
    first = np.concatenate(([True], ordered[1:] != ordered[:-1]))
    starts = np.flatnonzero(first)
    place = np.empty(len(values), dtype=np.int64)  # of each row among the different values
    place[order] = np.cumsum(first) - 1
    up, down = np.add.reduceat(ups[order], starts), np.add.reduceat(downs[order], starts)
    below = ((np.cumsum(down) - 0.5 * down) / total_down)[place]
    above = (1.0 - (np.cumsum(up) - 0.5 * up) / total_up)[place]
    return _mean(below, ups) + _mean(above, downs)


def _square(y: Targets, prediction: Floats, weight: Floats) -> Floats:
    return _mean((prediction - y) ** 2, weight)


def _rmse(y: Targets, prediction: Floats, weight: Floats) -> Floats:
    error = score("rmse", y, prediction, weight)
    return _square(y, prediction, weight) / max(2.0 * error, 1e-300)


def _r2(y: Targets, prediction: Floats, weight: Floats) -> Floats:
    """Of 1 - error / spread, both of which the rows move."""
    off = y - np.full(len(weight), weight @ y / max(float(weight.sum()), 1e-300))
    spread = max(score("rmse", y, y - off, weight) ** 2, 1e-300)
    share = score("rmse", y, prediction, weight) ** 2 / spread
    return (share * _mean(off**2, weight) - _square(y, prediction, weight)) / spread


def _mae(y: Targets, prediction: Floats, weight: Floats) -> Floats:
    return _mean(np.abs(prediction - y), weight)


_INFLUENCE: dict[str, _Influence] = {
    "roc_auc": _roc_auc,
    "log_loss": _log_loss,
    "accuracy": _accuracy,
    "balanced_accuracy": _balanced_accuracy,
    "f1": _f1,
    "rmse": _rmse,
    "mae": _mae,
    "r2": _r2,
}
