"""Rows that a model has predicted, predicted again after few of their features have changed.

What a model keeps of the rows makes that cheaper, and changes no bit of a prediction. Explanations
ask for it: they change one column, or two, of the same rows many times.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from automl_core.models.base import Array, Model

Rows = NDArray[np.int64]
Bits = NDArray[np.uint64]
"""Each feature has one of 64 bits, or shares it; those of several features are their sum (or)."""

Again = Callable[[Rows, Array, Bits], NDArray[np.float64]]
"""The predictions of rows x (m, d): row i is the known row rows[i], but for the features whose bit
is in changed[i]."""


@runtime_checkable
class Remembering(Protocol):
    """A model that predicts known rows again in less time."""

    def remember(self, x: Array, bits: Bits, room: int) -> Again:
        """Keep what helps of the rows x (n, d), in `room` bytes at most; `bits` (d,)."""
        ...


def remembered(model: Model, x: Array, bits: Bits, room: int) -> Again:
    """The model on rows that are those of x (n, d) but for few features."""
    if isinstance(model, Remembering):
        return model.remember(x, bits, room)
    return anew(model)


def anew(model: Model) -> Again:
    """The model as it always predicts."""
    return lambda _rows, x, _changed: model.predict(x)
