"""Rankings to test with: ties, weights, and probabilities that mean what they say."""

from __future__ import annotations

import numpy as np

from automl_core.evaluation import Ranking, rank_rows

LABELS = ("no", "yes")


def rows(number: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Classes that the probabilities, beta(1, 4) in steps of 0.01, say the truth about."""
    random = np.random.default_rng(seed)
    probability = np.round(random.beta(1, 4, number), 2)
    return (random.random(number) < probability).astype(np.int64), probability


def ranked(
    y: np.ndarray | list[int],
    probability: np.ndarray | list[float],
    weight: np.ndarray | list[float] | None = None,
) -> Ranking:
    """The ranking of rows that have one."""
    weights = None if weight is None else np.asarray(weight, np.float64)
    found = rank_rows(np.asarray(y), np.asarray(probability, np.float64), weights, LABELS)
    assert isinstance(found, Ranking), found
    return found
