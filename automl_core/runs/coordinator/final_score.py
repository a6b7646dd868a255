"""The predictions of the test rows as they come in, part by part, and their score."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from automl_core.runs.record import HeldOutScore
from automl_core.runs.setup import NO_SCORE, RunData, score_test_rows

TOO_LATE = "The test rows could not be scored in the time that was left. They can be scored now."


class FinalScorer:
    """Collects the parts of the prediction, and scores them together."""

    def __init__(self, data: RunData, metric: str) -> None:
        self._data, self._metric = data, metric
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

    def score(self) -> tuple[HeldOutScore, str]:
        """The score, and why there is none, in words; "" where there is one, or no test row."""
        if not self._tasks:
            return NO_SCORE, ""
        if not self.is_complete:
            return NO_SCORE, TOO_LATE
        prediction = np.concatenate([self._predicted[task] for task in self._tasks])
        return score_test_rows(self._data, self._metric, prediction)
