"""The target of every stored row, with its weight; the score of predictions for some of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from automl_core.metrics import score


@dataclass(frozen=True, eq=False)
class Targets:
    """The target of every stored row, and its weight; rows without a target are never asked."""

    y: np.ndarray  # (n,)
    weight: np.ndarray | None  # (n,)

    def score(self, metric: str, rows: np.ndarray, prediction: np.ndarray) -> float | None:
        """The score of predictions for these rows; None where there is none."""
        if not len(rows):
            return None
        weight = None if self.weight is None else self.weight[rows]
        value = score(metric, self.y[rows], prediction, weight)
        return float(value) if np.isfinite(value) else None
