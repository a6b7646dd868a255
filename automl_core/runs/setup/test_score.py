"""The score of predictions for a run's test rows, with its interval and the baseline's score."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from automl_core.metrics import bootstrap_interval
from automl_core.runs.record import HeldOutScore
from automl_core.runs.setup.run_data import RunData
from automl_core.runs.setup.targets import Targets
from automl_core.splitting import RowIndex

NEED_CLASSES = ("roc_auc", "f1")  # metrics without meaning where all rows are of one class
NO_SCORE = HeldOutScore(None, None, None)


def score_test_rows(
    data: RunData, metric: str, prediction: NDArray[np.float64]
) -> tuple[HeldOutScore, str]:
    """The score of a prediction, (rows, classes) or (rows,), for all test rows of a run.

    Also why there is none, in words; "" where there is one.
    """
    rows, truth = data.test_set.rows, data.test_set.truth
    value = truth.score(metric, rows, prediction)
    if metric in NEED_CLASSES and len(np.unique(truth.y[rows])) < 2:
        return NO_SCORE, "The test rows have no score: all of them are of one class."
    if value is None:
        return NO_SCORE, "The test rows have no score: none has a weight above 0."
    weight = None if truth.weight is None else truth.weight[rows]
    low, high = bootstrap_interval(metric, truth.y[rows], prediction, weight)
    constant = _constant(data.truth, data.trained_rows, prediction)
    baseline = truth.score(metric, rows, constant)
    return HeldOutScore(value, _finite(low), _finite(high), baseline), ""


def _constant(trained: Targets, rows: RowIndex, like: NDArray[np.float64]) -> NDArray[np.float64]:
    """The baseline's prediction: the class shares, or the mean, of the rows that trained."""
    y = trained.y[rows]
    weight = None if trained.weight is None else trained.weight[rows]
    if like.ndim == 1:
        return np.full(len(like), np.average(y, weights=weight))
    shares = np.bincount(y.astype(np.int64), weights=weight, minlength=like.shape[1])
    return np.tile(shares / shares.sum(), (len(like), 1))


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
