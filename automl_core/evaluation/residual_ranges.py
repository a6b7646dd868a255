"""Predicted minus actual by range of the prediction: where values are too high or too low.

Numbers and one sentence; a range is named where its mean differs from 0 by more than chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl_core.evaluation.mean_interval import chance_above
from automl_core.evaluation.number_words import plain_number

Floats = NDArray[np.float64]

RANGES, RANGE_ROWS = 10, 30
"""Ranges at most, and rows in each at least."""

JUDGED_ROWS = 20
"""Rows from which on a range is judged: equal predictions can make some smaller than others."""

CHANCE = 0.05
"""That any range is named where none is off: shared among all of them (Bonferroni)."""


@dataclass(frozen=True)
class ResidualRange:
    """The rows whose prediction lies in a range."""

    low: float  # least and greatest prediction in it
    high: float
    rows: int
    mean: float  # of predicted minus actual, in the target's units; > 0: too high
    quantiles: tuple[float, float, float, float, float]  # at 5, 25, 50, 75 and 95 %
    is_off: bool  # whether the mean differs from 0 by more than chance


def residual_ranges(y: Floats, prediction: Floats) -> tuple[ResidualRange, ...]:
    """Ranges of prediction (n,) with about as many rows each, against y (n,); () below 30 rows."""
    known = np.isfinite(y) & np.isfinite(prediction)
    y, prediction = y[known], prediction[known]
    count = min(RANGES, len(y) // RANGE_ROWS)
    if count < 1:
        return ()
    starts = np.unique(np.quantile(prediction, np.arange(count) / count, method="inverted_cdf"))
    place = np.searchsorted(starts, prediction, side="right") - 1
    limit = CHANCE / len(starts)
    return tuple(_range(y[place == i], prediction[place == i], limit) for i in range(len(starts)))


def _range(y: Floats, prediction: Floats, limit: float) -> ResidualRange:
    off = prediction - y
    rows, mean = len(off), float(off.mean())
    error = float(off.std(ddof=1)) / rows**0.5 if rows > 1 else 0.0
    least = 1e-9 * float(np.abs(y).max(initial=0.0))  # an error of rounding is none
    surely = False
    if rows >= JUDGED_ROWS and abs(mean) > least:
        surely = error == 0 or 2 * chance_above(abs(mean) / error, rows - 1) <= limit
    points = [float(v) for v in np.quantile(off, (0.05, 0.25, 0.5, 0.75, 0.95))]
    quantiles = (points[0], points[1], points[2], points[3], points[4])
    ends = float(prediction.min()), float(prediction.max())
    return ResidualRange(*ends, rows, mean, quantiles, surely)


def residual_sentence(ranges: Sequence[ResidualRange]) -> str:
    """The range that is furthest off, or that none is, in words."""
    off = [part for part in ranges if part.is_off]
    if not off:
        return "In no range of the prediction are values too high or too low by more than chance."
    worst = max(off, key=lambda part: abs(part.mean))
    side = "high" if worst.mean > 0 else "low"
    return (
        f"Predictions from {plain_number(worst.low)} to {plain_number(worst.high)} are too {side} "
        f"by {plain_number(abs(worst.mean))} on average; {len(off)} of {len(ranges)} ranges are "
        "off by more than chance."
    )
