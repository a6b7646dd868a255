"""Losses of boosting: their first and second derivatives by the raw scores.

Regression: half the squared error. Two classes: log loss of one logit. More classes: log loss
of the softmax of one score a class (Friedman 2001, "Greedy function approximation"), with the
diagonal of its second derivatives.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.types import Task

Floats = NDArray[np.float64]
Derivatives = NDArray[np.float32]

FLAT = -37.0
"""Logits below count as this one: the sigmoid is 1e-16 there, and its exponential still finite."""


def derivatives(
    task: Task, y: NDArray[Any], raw: Floats, weight: Floats | None
) -> tuple[Derivatives, Derivatives]:
    """First and second derivatives (n, outputs) of each row's loss, times its weight.

    `y` (n,) holds values or class numbers, `raw` (n, outputs) the raw scores: one output for
    regression and two classes, otherwise one a class.
    """
    if task == "regression":
        first, second = raw - y[:, None], np.ones_like(raw)
    elif raw.shape[1] == 1:
        first, second = _of_logit(y[:, None], raw)
    else:
        first, second = _of_softmax(y.astype(np.intp), raw)
    if weight is not None:
        first, second = first * weight[:, None], second * weight[:, None]
    return first.astype(np.float32), second.astype(np.float32)


def _of_logit(y: Floats, raw: Floats) -> tuple[Floats, Floats]:
    power = np.exp(-np.maximum(raw, FLAT))
    below = 1.0 + power
    return ((1.0 - y) - y * power) / below, power / (below * below)


def _of_softmax(y: NDArray[np.intp], raw: Floats) -> tuple[Floats, Floats]:
    powers = np.exp(raw - raw.max(axis=1, keepdims=True))
    share = powers / powers.sum(axis=1, keepdims=True)
    first = share.copy(order="K")
    first[np.arange(len(y)), y] -= 1.0
    return first, share * (1.0 - share)
