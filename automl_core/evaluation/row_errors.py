"""The error of each row, by the measures whose mean over any rows says something.

A ranking such as the AUC has no error of a single row; the log loss stands for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.metrics import EPSILON

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ErrorMeasure:
    """A measure of rows; smaller is better."""

    name: str
    title: str
    share: bool  # whether each row counts 0 or 1, so that the mean is a share of rows
    in_target_units: bool  # of a regression


_WRONG = ErrorMeasure("wrong", "Share of wrong rows", True, False)
_LOG_LOSS = ErrorMeasure("log_loss", "Log loss", False, False)
_ABSOLUTE = ErrorMeasure("absolute", "Mean absolute error", False, True)
_COUNTED = ("accuracy", "balanced_accuracy", "f1")


def error_measures(metric: str, task: str) -> tuple[ErrorMeasure, ...]:
    """The measures that fit the task, the one nearest to the run's metric first."""
    if task == "regression":
        return (_ABSOLUTE,)
    return (_WRONG, _LOG_LOSS) if metric in _COUNTED else (_LOG_LOSS, _WRONG)


def row_errors(measure: ErrorMeasure, y: NDArray[Any], prediction: Floats) -> Floats:
    """Errors (n,) of `prediction`, probabilities (n, classes) or values (n,), against y (n,)."""
    if measure == _ABSOLUTE:
        return np.asarray(np.abs(prediction - y), dtype=np.float64)
    if measure == _WRONG:
        return np.asarray(prediction.argmax(axis=1) != y, dtype=np.float64)
    own = prediction[np.arange(len(y)), y.astype(np.int64)]
    return np.asarray(-np.log(np.clip(own, EPSILON, 1.0)))
