"""Beta calibration: a smooth curve of what probabilities of two classes come true as.

logit(share) = a ln p - b ln(1 - p) + c (Kull, Silva Filho and Flach 2017): three numbers undo
confidence that is too high or too low, differently for small and for large probabilities, and a
wrong share of the classes. a = b = 1 and c = 0 change nothing; few rows stay near that. Works on
arrays only.
"""

from __future__ import annotations

import numpy as np

from automl_core.evaluation.ranking import Floats

LEAST = 1e-6  # probabilities are clipped to this, and to 1 minus it
UNCHANGED = np.array([1.0, 1.0, 0.0])
PRIOR = np.array([4.0, 4.0, 1.0])  # inverse variance of a, b and c before any row is seen
STEPS = 25
CLOSE = 1e-3  # a step so short is the last: the next would be a thousandth of it
LONGEST = 2.0  # of a step in one of the three numbers: far ones overshoot


def calibrated_shares(probability: Floats, weight: Floats) -> Floats:
    """The share of the second class at each probability, (samples, groups).

    `probability` (groups,), `weight` (samples, groups, 2) the rows of each class at it; each
    sample is fitted by itself, to the most probable numbers.
    """
    p = np.clip(probability, LEAST, 1 - LEAST)
    features = np.column_stack([np.log(p), -np.log1p(-p), np.ones_like(p)])
    products = (features[:, :, None] * features[:, None, :]).reshape(len(p), 9)
    numbers = UNCHANGED[None]
    # The samples are alike: from what fits their mean it is a step or two to each.
    for sample in (weight.mean(axis=0, keepdims=True), weight):
        numbers = _fitted(features, products, sample, numbers)
    return _logistic(numbers @ features.T)


def _fitted(features: Floats, products: Floats, weight: Floats, start: Floats) -> Floats:
    """Newton's steps to the numbers (samples, 3), from the same start for each."""
    rows, found = weight.sum(axis=2), weight[:, :, 1]
    numbers = np.repeat(start, len(weight), axis=0)
    for _ in range(STEPS):
        share = _logistic(numbers @ features.T)
        slope = (found - rows * share) @ features - PRIOR * (numbers - UNCHANGED)
        bend = ((rows * share * (1 - share)) @ products).reshape(-1, 3, 3) + np.diag(PRIOR)
        step = np.linalg.solve(bend, slope[:, :, None])[:, :, 0]
        length = np.abs(step).max(axis=1, keepdims=True)
        numbers = numbers + step * np.minimum(1.0, LONGEST / np.maximum(length, 1e-300))
        if length.max() < CLOSE:
            break
    return numbers


def _logistic(logit: Floats) -> Floats:
    share: Floats = 1 / (1 + np.exp(-np.clip(logit, -50, 50)))
    return share
