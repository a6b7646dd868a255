"""The score of the test rows: their predictions as they come in, the metric, its interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl_core.metrics import bootstrap_interval
from automl_core.runs.setup import RunData

NEED_CLASSES = ("roc_auc", "f1")  # metrics without meaning where all rows are of one class


@dataclass(frozen=True)
class FinalScore:
    """The metric on the test rows, with its bootstrap interval."""

    value: float | None = None
    low: float | None = None
    high: float | None = None


class FinalScorer:
    """Collects the parts of the prediction, and scores them together."""

    def __init__(self, data: RunData, metric: str) -> None:
        self._test_set, self._metric = data.test_set, metric
        self._tasks: list[int] = []
        self._predicted: dict[int, NDArray[np.float64]] = {}  # by task

    def expect(self, tasks: list[int]) -> None:
        """The tasks that predict the test rows, in the order of the rows."""
        self._tasks = tasks

    def take(self, task: int, prediction: NDArray[np.float64]) -> None:
        """The prediction of one part of the rows."""
        self._predicted[task] = prediction

    @property
    def is_complete(self) -> bool:
        """True where all rows are predicted."""
        return len(self._predicted) == len(self._tasks)

    def score(self) -> tuple[FinalScore, str]:
        """The score, and why there is none, in words; "" where there is one, or no test row."""
        if not self._tasks:
            return FinalScore(), ""
        if not self.is_complete:
            return FinalScore(), "The test rows could not be scored in the time that was left."
        prediction = np.concatenate([self._predicted[task] for task in self._tasks])
        rows, truth = self._test_set.rows, self._test_set.truth
        value = truth.score(self._metric, rows, prediction)
        if self._metric in NEED_CLASSES and len(np.unique(truth.y[rows])) < 2:
            return FinalScore(), "The test rows have no score: all of them are of one class."
        if value is None:
            return FinalScore(), "The test rows have no score: none has a weight above 0."
        weight = None if truth.weight is None else truth.weight[rows]
        low, high = bootstrap_interval(self._metric, truth.y[rows], prediction, weight)
        return FinalScore(*map(_finite, (value, low, high))), ""


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
