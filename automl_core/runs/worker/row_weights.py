"""How much a row counts in training: its own weight, and that of its class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl_core.runs.executor import DataLink

Floats = NDArray[np.float64]
Targets = NDArray[np.float64] | NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class RowWeights:
    """The weights of rows, scaled so that those of a fold's training rows have the mean 1."""

    mass: Floats | None  # (classes,) that a class has in the fold; None: all count alike
    mean: float  # of the fold's weights before they were scaled; 0: all are 1

    def of(self, y: Targets, weight: Floats | None) -> Floats:
        """Weights (n,) of rows with these targets and own weights."""
        if not self.mean > 0:
            return np.ones(len(y))
        return _unscaled(y, weight, self.mass) / self.mean


def training_weights(link: DataLink, y: Targets, weight: Floats | None) -> RowWeights | None:
    """The weights of the rows of a fold (n,), and of others like them; None: all are equal."""
    if weight is None and not link.balanced:
        return None
    mass: Floats | None = None
    if link.balanced and link.task != "regression":
        own = np.ones(len(y)) if weight is None else weight
        classes = len(link.coder.labels)
        mass = np.bincount(y.astype(np.int64), own, minlength=classes).astype(np.float64)
    unscaled = _unscaled(y, weight, mass)
    return RowWeights(mass, float(unscaled.mean()) if len(unscaled) else 0.0)


def _unscaled(y: Targets, weight: Floats | None, mass: Floats | None) -> Floats:
    own = np.ones(len(y)) if weight is None else weight
    return own if mass is None else own / np.maximum(mass, 1e-12)[y.astype(np.int64)]
