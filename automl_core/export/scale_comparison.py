"""Numbers to be scored that are 100 or 1,000 times those of training: another unit, it seems.

A percentage is written as 45, 45% or 0.45, an amount in euros or in cents.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from automl_core.features import Encoder, NumericEncoder

FACTORS = (0.001, 0.01, 100.0, 1000.0)
FEWEST = 5  # values; fewer say nothing about how they are spread
NEAR = 2.5  # the middle and the width are this close to the factor, times or divided by


def typical_numbers(encoders: Sequence[Encoder], name: str) -> tuple[float, float] | None:
    """The middle and the width of a column's numbers in training; None where no encoder has it."""
    for encoder in encoders:
        for column in encoder.of_column(name):
            if isinstance(column, NumericEncoder) and column.scaling:
                return column.scaling.centre, column.scaling.scale
    return None


def factor_between(middle: float, width: float, numbers: NDArray[np.float64]) -> float | None:
    """The factor, one of FACTORS, between numbers (n,) and those of training; None: no such one.

    `middle` and `width` are the median and the distance of the quartiles in training. Fewer than
    FEWEST finite numbers give None.
    """
    known = numbers[np.isfinite(numbers)]
    if len(known) < FEWEST or not middle:
        return None
    lower, centre, upper = np.quantile(known, (0.25, 0.5, 0.75))
    for factor in FACTORS:
        if _near(centre / middle / factor) and _near((upper - lower) / width / factor):
            return factor
    return None


def _near(ratio: float) -> bool:
    return 1 / NEAR <= ratio <= NEAR
