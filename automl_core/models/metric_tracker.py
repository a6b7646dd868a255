"""Measures a fit while it goes on: losses, and the run's score on the validation rows.

The loss is the log loss, or the squared error in units of the target's variance, so that the
curves of all families can stand in one chart. Works on predictions, independent of models.
"""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.metrics import score
from automl_core.models.base import Epoch, FitData
from automl_core.models.class_priors import mean_and_scale

Floats = NDArray[np.float64]


class MetricTracker:
    """Measures predictions of one fit, and counts its seconds from here on."""

    def __init__(self, data: FitData) -> None:
        self._data = data
        self._started = time.perf_counter()
        self._variance = mean_and_scale(data)[1] ** 2 if data.task == "regression" else 1.0

    def seconds(self) -> float:
        """Seconds since this fit began."""
        return time.perf_counter() - self._started

    def train_loss(self, prediction: Floats) -> float:
        """Loss of predictions (n, classes) or (n,) of the training rows."""
        return self._loss(self._data.y, prediction, self._data.weight)

    def valid_loss(self, prediction: Floats) -> float:
        """Loss of predictions of the validation rows; NaN where there are none."""
        return self._loss(self._data.y_valid, prediction, self._data.weight_valid)

    def valid_score(self, prediction: Floats) -> float:
        """The run's metric on the validation rows, natural sign."""
        data = self._data
        return score(data.metric, data.y_valid, prediction, data.weight_valid)

    def epoch(
        self,
        number: int,
        progress: float,
        losses: tuple[float, float],
        valid_score: float,
        learning_rate: float | None,
    ) -> Epoch:
        """The report of one step; `losses` of training and validation, numbers or NaN."""
        train, valid = losses
        return Epoch(
            number,
            min(1.0, max(1e-6, progress)),
            _finite(train),
            _finite(valid),
            _finite(valid_score),
            learning_rate,
            self.seconds(),
        )

    def _loss(self, y: NDArray[Any], prediction: Floats, weight: Floats | None) -> float:
        if self._data.task == "regression":
            return score("rmse", y, prediction, weight) ** 2 / self._variance
        return score("log_loss", y, prediction, weight)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
