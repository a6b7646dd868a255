"""Sets of classes, one of which a row should have, from probabilities of rows not seen in training.

Split conformal prediction with the probability of the own class as the score (Sadinle et al. 2019);
the most probable class is always in the set. What is said of their coverage is measured on rows
that did not set their limit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl_core.evaluation.prediction_intervals import LEVEL, MAX_ROWS, PARTS, ROWS_FOR_INTERVALS
from automl_core.evaluation.probabilities import wilson
from automl_core.evaluation.set_members import in_set

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class PredictionSets:
    """The limit for new rows, and how sets did on rows that they had not been made from."""

    level: float
    least: float  # a class is in the set from this probability on, 0 to 1
    rows: int  # that were looked at
    covered: float  # share of the rows whose class is in their set
    covered_low: float  # 95 % interval of that share
    covered_high: float
    size: float  # mean number of classes in a set


def prediction_sets(
    y: Integers, prediction: Floats, level: float = LEVEL, seed: int = 0
) -> PredictionSets | None:
    """Sets from classes y (n,) and out-of-fold probabilities (n, classes).

    None where there are fewer than ROWS_FOR_INTERVALS rows. Coverage and size are cross-fitted:
    each fifth of the rows meets a limit that was set on the other four.
    """
    known = np.isfinite(prediction).all(axis=1)
    y, prediction = y[known].astype(np.int64), prediction[known]
    rng = np.random.default_rng(seed)
    if len(y) > MAX_ROWS:
        drawn = rng.choice(len(y), MAX_ROWS, replace=False)
        y, prediction = y[drawn], prediction[drawn]
    n = len(y)
    if n < ROWS_FOR_INTERVALS:
        return None
    own, part = prediction[np.arange(n), y], rng.permutation(n) % PARTS
    inside = np.zeros(n, np.bool_)
    sizes = np.zeros(n)
    for i in range(PARTS):
        members = in_set(prediction[part == i], _limit(own[part != i], level))
        inside[part == i] = members[np.arange(len(members)), y[part == i]]
        sizes[part == i] = members.sum(axis=1)
    covered = float(inside.mean())
    low, high = wilson(np.array([covered]), np.array([float(n)]))
    return PredictionSets(
        level, _limit(own, level), n, covered, float(low[0]), float(high[0]), float(sizes.mean())
    )


def _limit(own: Floats, level: float) -> float:
    """The probability of their own class that so many of the rows (n,) reach, and a new one."""
    rank = math.ceil((len(own) + 1) * level)
    return 0.0 if rank > len(own) else float(np.sort(own)[len(own) - rank])
