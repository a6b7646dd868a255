"""Lists the classes in the prediction set of a row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def in_set(prediction: Floats, least: float) -> NDArray[np.bool_]:
    """(n, classes) which classes are in the set of each row of probabilities (n, classes)."""
    members = prediction >= least
    members[np.arange(len(prediction)), prediction.argmax(axis=1)] = True
    return members
