"""Metrics of predictions, in their natural sign, fast enough for every epoch.

Knows arrays only: no models, tables or runs. Every metric takes row weights. A metric is
prepared once for a set of predictions (sorting included) and then evaluated for any number
of row weights, which is what makes bootstrap intervals cheap.

Definitions follow scikit-learn's user guide, section "Metrics and scoring"; where the
library warns or returns NaN (a class without rows, a single row) these return the value of a
guess: 0.5 for AUC, 0 for R2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import SpecError, did_you_mean

Floats = NDArray[np.float64]
Targets = NDArray[Any]  # (n,) int64 class numbers, or float64 values
Prepared = Callable[[Floats], float]
"""Row weights (n,), not all zero, to the score under these weights."""

EPSILON = float(np.finfo(np.float64).eps)
"""Probabilities are clipped to this from below before the logarithm: a loss of at most 36."""

CLASSES = ("binary", "multiclass")


@dataclass(frozen=True)
class Metric:
    """One metric: its name, direction and words, for people and for the search."""

    name: str
    title: str
    higher_is_better: bool
    tasks: tuple[str, ...]  # binary, multiclass, regression
    unit: str  # "" for a pure number, "target" for the units of the target


METRICS: dict[str, Metric] = {
    m.name: m
    for m in (
        Metric("roc_auc", "Area under the ROC curve", True, CLASSES, ""),
        Metric("log_loss", "Log loss", False, CLASSES, ""),
        Metric("accuracy", "Accuracy", True, CLASSES, ""),
        Metric("balanced_accuracy", "Balanced accuracy", True, CLASSES, ""),
        Metric("f1", "F1", True, CLASSES, ""),
        Metric("rmse", "Root mean squared error", False, ("regression",), "target"),
        Metric("mae", "Mean absolute error", False, ("regression",), "target"),
        Metric("r2", "R²", True, ("regression",), ""),
    )
}

DEFAULTS = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}


def metric_named(name: str) -> Metric:
    """The metric called `name`; raises SpecError with the closest name otherwise."""
    if name not in METRICS:
        raise SpecError(f"There is no metric {name!r}.", did_you_mean(name, METRICS))
    return METRICS[name]


def default_metric(task: str) -> str:
    """The metric that a run uses where none was chosen."""
    return DEFAULTS[task]


def metrics_for(task: str) -> tuple[str, ...]:
    """Names of the metrics that make sense for a task, the default first."""
    names = [m.name for m in METRICS.values() if task in m.tasks]
    return tuple(sorted(names, key=lambda name: name != DEFAULTS[task]))


def score(metric: str, y: Targets, prediction: Floats, weight: Floats | None = None) -> float:
    """The score of a prediction, in the metric's natural sign.

    `y` (n,) class numbers or values; `prediction` probabilities (n, classes) or values (n,);
    `weight` (n,) or None. Classes without a row in `y` are allowed. With two classes, AUC and
    F1 are those of class 1; with more they are averaged over the classes that occur (F1: or
    are predicted). NaN where there is no row, or a prediction is not a number.
    """
    if len(y) == 0 or not np.isfinite(prediction).all():
        return float("nan")
    weights = np.ones(len(y)) if weight is None else np.asarray(weight, dtype=np.float64)
    if not weights.sum() > 0:
        return float("nan")
    return prepare(metric, y, prediction)(weights)


def loss_of(metric: str, value: float) -> float:
    """The score turned so that smaller is better."""
    return -value if metric_named(metric).higher_is_better else value


def better(metric: str, a: float, b: float) -> bool:
    """True where score `a` is strictly better than score `b`; NaN is never better."""
    if np.isnan(b):
        return not np.isnan(a)
    return loss_of(metric, a) < loss_of(metric, b)


def bootstrap_interval(
    metric: str,
    y: Targets,
    prediction: Floats,
    weight: Floats | None = None,
    *,
    repeats: int = 200,
    seed: int = 0,
) -> tuple[float, float]:
    """95 % interval of the score over resampled rows (percentile bootstrap, Efron 1979)."""
    if len(y) == 0 or not np.isfinite(prediction).all():
        return float("nan"), float("nan")
    scores = bootstrap_scores(metric, y, [prediction], weight, repeats=repeats, seed=seed)[:, 0]
    if not len(scores):
        return float("nan"), float("nan")
    low, high = np.quantile(scores, (0.025, 0.975))
    return float(low), float(high)


def bootstrap_scores(
    metric: str,
    y: Targets,
    predictions: Sequence[Floats],
    weight: Floats | None = None,
    *,
    repeats: int = 200,
    seed: int = 0,
) -> Floats:
    """Scores (draws, models) of several finite predictions for the same rows (n > 0).

    Each draw resamples the rows once for all, so that differences are paired. Draws without any
    weight are left out.
    """
    n = len(y)
    evaluate = [prepare(metric, y, prediction) for prediction in predictions]
    base = np.ones(n) if weight is None else np.asarray(weight, dtype=np.float64)
    rng = np.random.default_rng(seed)
    scores = []
    for _ in range(repeats):
        weights = base * np.bincount(rng.integers(0, n, n), minlength=n)
        if weights.sum() > 0:
            scores.append([one(weights) for one in evaluate])
    return np.array(scores, dtype=np.float64).reshape(len(scores), len(evaluate))


def prepare(metric: str, y: Targets, prediction: Floats) -> Prepared:
    """The score of a prediction as a function of row weights; arguments as those of `score`."""
    metric_named(metric)
    return _PREPARE[metric](np.asarray(y), np.asarray(prediction, dtype=np.float64))


def _one_auc(positive: NDArray[np.bool_], values: Floats) -> Prepared:
    """Mann-Whitney statistic, ties counted half (Fawcett 2006)."""
    order = np.argsort(values)
    ordered = values[order]
    starts = np.concatenate(([0], np.flatnonzero(ordered[1:] != ordered[:-1]) + 1))
    is_positive = positive[order]

    def evaluate(weight: Floats) -> float:
        weights = weight[order]
        ups = np.add.reduceat(np.where(is_positive, weights, 0.0), starts)
        downs = np.add.reduceat(np.where(is_positive, 0.0, weights), starts)
        pairs = ups.sum() * downs.sum()
        below = np.cumsum(downs) - 0.5 * downs
        return float(ups @ below / pairs) if pairs > 0 else float("nan")

    return evaluate


def _roc_auc(y: Targets, probability: Floats) -> Prepared:
    if probability.shape[1] == 2:
        parts = [_one_auc(y == 1, probability[:, 1])]
    else:
        present = np.unique(y)
        parts = [_one_auc(y == k, probability[:, k]) for k in present]

    def evaluate(weight: Floats) -> float:
        areas = [a for a in (part(weight) for part in parts) if not np.isnan(a)]
        return float(np.mean(areas)) if areas else 0.5

    return evaluate


def _log_loss(y: Targets, probability: Floats) -> Prepared:
    chosen = probability[np.arange(len(y)), y]
    losses = -np.log(np.clip(chosen, EPSILON, 1.0))
    return lambda weight: float(np.average(losses, weights=weight))


def _accuracy(y: Targets, probability: Floats) -> Prepared:
    right = (probability.argmax(axis=1) == y).astype(np.float64)
    return lambda weight: float(np.average(right, weights=weight))


def _balanced_accuracy(y: Targets, probability: Floats) -> Prepared:
    right = probability.argmax(axis=1) == y
    classes = probability.shape[1]

    def evaluate(weight: Floats) -> float:
        total = np.bincount(y, weights=weight, minlength=classes)
        hits = np.bincount(y, weights=weight * right, minlength=classes)
        seen = total > 0
        return float(np.mean(hits[seen] / total[seen]))

    return evaluate


def _f1(y: Targets, probability: Floats) -> Prepared:
    guess = probability.argmax(axis=1)
    right = guess == y
    classes = probability.shape[1]

    def evaluate(weight: Floats) -> float:
        actual = np.bincount(y, weights=weight, minlength=classes)
        claimed = np.bincount(guess, weights=weight, minlength=classes)
        hits = np.bincount(y, weights=weight * right, minlength=classes)
        both = actual + claimed
        each = 2 * hits / np.where(both > 0, both, 1.0)
        return float(each[1]) if classes == 2 else float(each[both > 0].mean())

    return evaluate


def _rmse(y: Targets, value: Floats) -> Prepared:
    squares = (y - value) ** 2
    return lambda weight: float(np.sqrt(np.average(squares, weights=weight)))


def _mae(y: Targets, value: Floats) -> Prepared:
    sizes = np.abs(y - value)
    return lambda weight: float(np.average(sizes, weights=weight))


def _r2(y: Targets, value: Floats) -> Prepared:
    squares = (y - value) ** 2

    def evaluate(weight: Floats) -> float:
        spread = float(np.average((y - np.average(y, weights=weight)) ** 2, weights=weight))
        error = float(np.average(squares, weights=weight))
        if spread == 0:
            return 1.0 if error == 0 else 0.0
        return 1.0 - error / spread

    return evaluate


_PREPARE: dict[str, Callable[[Targets, Floats], Prepared]] = {
    "roc_auc": _roc_auc,
    "log_loss": _log_loss,
    "accuracy": _accuracy,
    "balanced_accuracy": _balanced_accuracy,
    "f1": _f1,
    "rmse": _rmse,
    "mae": _mae,
    "r2": _r2,
}
