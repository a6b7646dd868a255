"""Models that are statistically as good as the best one, by paired comparison on the same rows.

The score is written as a mean over rows to first order: each row's influence on it (the
infinitesimal jackknife, Jaeckel 1972; for the area under the ROC curve these are the placements of
DeLong, DeLong and Clarke-Pearson 1988). The spread of the differences of two models' influences
is the standard error of the difference of their scores, for every metric, without resampling.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from automl_core.ensemble.candidates import Candidate, Floats, Problem, sample_rows, take
from automl_core.metrics import EPSILON, loss_of, metric_named, score

TIED_CELLS = 40_000  # rows times classes that are compared, at most; never below 1,000 rows

CLOSE = 1.5  # standard errors

_Influence = Callable[[Problem, Floats, Floats], Floats]


def tied(problem: Problem, winner: Floats, predictions: Sequence[Floats]) -> tuple[bool, ...]:
    """One answer a model: True where it is not significantly worse than the winner.

    `winner` and `predictions` are (n, classes) or (n,). Tied: the 95 % interval of the paired
    difference (Student's t) holds 0, or the model is better. Uses a fixed sample where there
    are many rows.
    """
    rows = sample_rows(len(problem.y), _most(winner))
    part = take(problem, rows)
    best = influences(part, winner[rows])
    answers = []
    for prediction in predictions:
        worse, error = _compare(part, prediction[rows], winner[rows], best)
        answers.append(bool(worse <= _quantile(len(rows)) * error))
    return tuple(answers)


def smallest_tied(problem: Problem, winner: Floats, candidates: Sequence[Candidate]) -> int | None:
    """The candidate with the fewest bytes, then milliseconds, that is tied; None: none is."""
    answers = tied(problem, winner, [c.prediction for c in candidates])
    small = [i for i, answer in enumerate(answers) if answer]

    def size(i: int) -> tuple[int, float]:
        return candidates[i].size_bytes, candidates[i].predict_ms_per_row

    return min(small, key=size, default=None)


def share_close(problem: Problem, best: Floats, others: Sequence[Floats]) -> float:
    """The share of the others that are worse than `best` by less than luck may be; 0 without any.

    CLOSE standard errors of the difference: the best of six equal models is ahead of the others
    by 1.1 of them on average.
    """
    rows = sample_rows(len(problem.y), _most(best))
    part = take(problem, rows)
    of_best = influences(part, best[rows])
    scale = np.sqrt(len(rows) / max(1, len(problem.y)))
    pairs = [_compare(part, other[rows], best[rows], of_best) for other in others]
    return (
        float(np.mean([worse <= CLOSE * scale * error for worse, error in pairs])) if pairs else 0.0
    )


def standard_error(problem: Problem, a: Floats, b: Floats) -> float:
    """The standard error of the difference between the scores of two predictions (n rows)."""
    rows = sample_rows(len(problem.y), _most(a))
    part = take(problem, rows)
    spread = influences(part, a[rows]) - influences(part, b[rows])
    return float(spread.std() / np.sqrt(max(1, len(problem.y) - 1)))


def _compare(problem: Problem, a: Floats, b: Floats, of_b: Floats) -> tuple[float, float]:
    spread = influences(problem, a) - of_b
    metric, y, weight = problem.metric, problem.y, problem.weight
    worse = loss_of(metric, score(metric, y, a, weight)) - loss_of(
        metric, score(metric, y, b, weight)
    )
    return worse, float(spread.std() / np.sqrt(max(1, len(spread) - 1)))


def influences(problem: Problem, prediction: Floats) -> Floats:
    """Each row's influence (n,) on the score: their mean is 0, their spread that of the score."""
    metric_named(problem.metric)
    n = len(problem.y)
    weight = np.ones(n) if problem.weight is None else problem.weight
    return _INFLUENCE[problem.metric](problem, prediction, weight)


def _most(prediction: Floats) -> int:
    return max(1_000, TIED_CELLS // max(1, prediction[:1].size))


def _quantile(rows: int) -> float:
    """97.5 % quantile of Student's t, good to three digits from 30 rows on."""
    return 1.96 + 2.4 / max(1, rows - 1)


def _mean(values: Floats, weight: Floats) -> Floats:
    """Influence of rows on the weighted mean of their values."""
    total = max(float(weight.sum()), 1e-300)
    return len(values) * weight / total * (values - float(weight @ values) / total)


def _log_loss(problem: Problem, prediction: Floats, weight: Floats) -> Floats:
    chosen = prediction[np.arange(len(prediction)), problem.y.astype(np.int64)]
    return _mean(-np.log(np.clip(chosen, EPSILON, 1.0)), weight)


def _right(problem: Problem, prediction: Floats) -> NDArray[np.bool_]:
    return np.asarray(prediction.argmax(axis=1) == problem.y)


def _accuracy(problem: Problem, prediction: Floats, weight: Floats) -> Floats:
    return _mean(_right(problem, prediction).astype(np.float64), weight)


def _balanced_accuracy(problem: Problem, prediction: Floats, weight: Floats) -> Floats:
    right = _right(problem, prediction).astype(np.float64)
    present = np.unique(problem.y)
    parts = [_mean(right, weight * (problem.y == k)) for k in present]
    return np.asarray(np.mean(parts, axis=0))


def _f1(problem: Problem, prediction: Floats, weight: Floats) -> Floats:
    """F1 is 2 hits / (actual + claimed): its influence by the delta method, a mean over classes."""
    guess = prediction.argmax(axis=1)
    occurring = np.union1d(problem.y.astype(np.int64), guess)
    parts = []
    for k in [1] if prediction.shape[1] == 2 else occurring:
        both = (problem.y == k) * 1.0 + (guess == k)
        hits = 2.0 * ((problem.y == k) & (guess == k))
        total = float(weight @ both)
        if total > 0:
            value = float(weight @ hits) / total
            parts.append(len(guess) * weight / total * (hits - value * both))
    return np.asarray(np.mean(parts, axis=0)) if parts else np.zeros(len(guess))


def _roc_auc(problem: Problem, prediction: Floats, weight: Floats) -> Floats:
    classes = [1] if prediction.shape[1] == 2 else np.unique(problem.y).astype(int).tolist()
    parts = [_one_auc(problem.y == k, prediction[:, k], weight) for k in classes]
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


def _square(problem: Problem, prediction: Floats, weight: Floats) -> Floats:
    return _mean((prediction - problem.y) ** 2, weight)


def _rmse(problem: Problem, prediction: Floats, weight: Floats) -> Floats:
    error = score("rmse", problem.y, prediction, weight)
    return _square(problem, prediction, weight) / max(2.0 * error, 1e-300)


def _r2(problem: Problem, prediction: Floats, weight: Floats) -> Floats:
    """With the spread of y taken as known: it is the same for all models."""
    mean = np.full(len(weight), weight @ problem.y / max(float(weight.sum()), 1e-300))
    spread = score("rmse", problem.y, mean, weight)
    return -_square(problem, prediction, weight) / max(spread**2, 1e-300)


def _mae(problem: Problem, prediction: Floats, weight: Floats) -> Floats:
    return _mean(np.abs(prediction - problem.y), weight)


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
