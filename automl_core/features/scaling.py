"""Numbers to a common scale: centre and width from quantiles, extremes bent in smoothly.

Knows nothing of columns, missing cells (NaN passes through) or models.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import ModelError

Numbers = NDArray[np.float64]

LIMIT = 1e30
"""Scaled values stay within this, so that float32 and sums of squares of it are finite."""

SMALLEST_SCALE = 1e-290
RELATIVE_RANGE = 1e-13
"""A column whose range is below this share of its size is constant but for rounding."""


def require(condition: bool, what: str) -> None:
    """Raise ModelError where a stored encoder contradicts itself."""
    if not condition:
        raise ModelError(f"The model's encoder is damaged: {what}.", "Export the model again.")


@dataclass(frozen=True)
class Scaling:
    """z = (x - centre) / scale; where `smooth`, z / sqrt(1 + (z / 3)^2), within -3..3."""

    centre: float
    scale: float
    smooth: bool

    def __post_init__(self) -> None:
        finite = bool(np.isfinite(self.centre) and np.isfinite(self.scale))
        require(finite and self.scale > 0, "a scale is not a positive number")

    def apply(self, values: Numbers) -> Numbers:
        """Scaled values, same shape; NaN stays NaN, everything else becomes finite."""
        with np.errstate(over="ignore"):
            scaled = (values - self.centre) / self.scale
        scaled = np.clip(scaled, -LIMIT, LIMIT)
        if self.smooth:
            scaled /= np.sqrt(1.0 + np.square(scaled / 3.0))
        return scaled


def fit_scaling(values: Numbers, smooth: bool) -> Scaling | None:
    """The scale of finite `values` (n,); None where they are constant, or none.

    Two distinct values become -1 and 1. Otherwise the centre is the median and the scale
    the distance of the quartiles, as in RealMLP (Holzmueller et al. 2024). Where these
    coincide, as in a column that is mostly zeros, it is twice the median distance of the
    other values from the centre, which for a symmetric column is the same number.
    """
    if len(values) == 0:
        return None
    # Whole positions, not interpolated: the difference of two huge numbers would overflow.
    # All is halved for the same reason.
    low, lower, centre, upper, high = _at_shares(values / 2, (0.0, 0.25, 0.5, 0.75, 1.0))
    if high - low <= _rounding(low, high):
        return None
    if not np.any((values / 2 != low) & (values / 2 != high)):
        return Scaling(low + high, high - low, smooth)
    width = upper - lower
    if width <= _rounding(lower, upper):
        distances = np.abs(values / 2 - centre)
        apart = distances > _rounding(centre, centre) / 4  # true for the lowest or the highest
        width = 2 * _at_shares(distances[apart], (0.5,))[0]
    return Scaling(2 * centre, min(2 * width, float(np.finfo(np.float64).max)), smooth)


def _at_shares(values: Numbers, shares: tuple[float, ...]) -> list[float]:
    """The values (n >= 1,) at these shares of their order."""
    positions = [round(share * (len(values) - 1)) for share in shares]
    in_place = np.partition(values, sorted(set(positions)))
    return [float(in_place[position]) for position in positions]


def _rounding(low: float, high: float) -> float:
    """A difference of two such numbers that may be rounding."""
    return max(RELATIVE_RANGE * max(abs(low), abs(high)), SMALLEST_SCALE)
