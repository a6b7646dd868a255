"""Intervals around predicted values, from the errors on rows that the model had not seen.

Split conformal prediction (Vovk et al. 2005; Lei et al. 2018, also for errors that are divided by
a local spread). What is said of their coverage is measured on rows that did not set their width.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl_core.evaluation.probabilities import wilson

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LEVEL = 0.9
ROWS_FOR_INTERVALS = 100
"""Rows below which an interval would say more than is known."""

BINS, BIN_ROWS = 10, 50  # of the local spread: bins at most, rows in each at least
SHORTER = 0.98  # of the constant width that the local one needs to be worth it
PARTS = 5

MAX_ROWS = 20_000
"""Rows that are looked at, drawn at random where there are more: a width needs no more."""


@dataclass(frozen=True)
class CoverageRange:
    """Rows whose prediction lies in a range."""

    low: float  # least and greatest prediction in it
    high: float
    rows: int
    covered: float  # share of the actual values inside their interval
    covered_low: float  # 95 % interval of that share
    covered_high: float
    width: float  # mean, from lower to upper end, in the target's units


@dataclass(frozen=True)
class PredictionIntervals:
    """Intervals for new rows, and how they did on rows that they had not been made from."""

    level: float
    starts: tuple[float, ...]  # ascending: from this prediction on ...
    half_widths: tuple[float, ...]  # ... the interval reaches so far on both sides
    rows: int  # that were looked at
    covered: float  # as in CoverageRange, of all of them
    covered_low: float
    covered_high: float
    width: float  # mean
    by_range: tuple[CoverageRange, ...]

    @property
    def is_local(self) -> bool:
        """True where the width depends on the prediction."""
        return len(self.starts) > 1


@dataclass(frozen=True, eq=False)
class _Band:
    starts: Floats  # (bins,), the first one -inf
    half: Floats  # (bins,)

    def at(self, prediction: Floats) -> Floats:
        return self.half[np.searchsorted(self.starts, prediction, side="right") - 1]


def prediction_intervals(
    y: Floats, prediction: Floats, level: float = LEVEL, seed: int = 0
) -> PredictionIntervals | None:
    """Intervals from y (n,) and out-of-fold predictions (n,), in the target's units.

    None where there are fewer than ROWS_FOR_INTERVALS rows. Coverage and widths are cross-fitted:
    each fifth of the rows meets a band whose kind and width were chosen on the other four.
    """
    known = np.isfinite(y) & np.isfinite(prediction)
    y, prediction = y[known], prediction[known]
    rng = np.random.default_rng(seed)
    if len(y) > MAX_ROWS:
        drawn = rng.choice(len(y), MAX_ROWS, replace=False)
        y, prediction = y[drawn], prediction[drawn]
    n = len(y)
    if n < ROWS_FOR_INTERVALS:
        return None
    error = np.abs(y - prediction)
    part, half = rng.permutation(n) % PARTS, np.empty(n)
    for i in range(PARTS):
        train, test = part != i, part == i
        half[test] = _best_band(prediction[train], error[train], level).at(prediction[test])
    final = _best_band(prediction, error, level)
    inside = error <= half
    covered = float(inside.mean())
    low, high = _ends_of(covered, n)
    return PredictionIntervals(
        level=level,
        starts=tuple(final.starts.tolist()),
        half_widths=tuple(final.half.tolist()),
        rows=n,
        covered=covered,
        covered_low=low,
        covered_high=high,
        width=float(2 * half.mean()),
        by_range=_by_range(prediction, inside, half),
    )


def interval_ends(
    starts: Sequence[float], half_widths: Sequence[float], prediction: Floats
) -> tuple[Floats, Floats]:
    """Lower and upper ends (n,) around predictions (n,).

    `half_widths` has one entry more than `starts`, which ascend: its first one is for predictions
    below the first start.
    """
    half = np.asarray(half_widths, np.float64)[
        np.searchsorted(np.asarray(starts, np.float64), prediction, side="right")
    ]
    return prediction - half, prediction + half


def _best_band(prediction: Floats, error: Floats, level: float) -> _Band:
    """The local band where it is shorter than the constant one at equal coverage, else that."""
    local = _width(prediction, error, level, True) < SHORTER * _width(
        prediction, error, level, False
    )
    return _band(prediction, error, level, local)


def _width(prediction: Floats, error: Floats, level: float, local: bool) -> float:
    """Mean half width of a kind of band, stretched until it covers exactly `level`, cross-fitted.

    Every fifth row of the order given is left out in turn.
    """
    part, half = np.arange(len(error)) % PARTS, np.empty(len(error))
    for i in range(PARTS):
        train, test = part != i, part == i
        half[test] = _band(prediction[train], error[train], level, local).at(prediction[test])
    if not half.min() > 0:
        return float(half.mean())
    return float(np.quantile(error / half, level) * half.mean())


def _band(prediction: Floats, error: Floats, level: float, local: bool) -> _Band:
    bins = min(BINS, len(error) // BIN_ROWS) if local else 1
    starts = np.array([-np.inf])
    if bins > 1:
        inner = np.unique(np.quantile(prediction, np.arange(1, bins) / bins))
        starts = np.concatenate([starts, inner[inner > prediction.min()]])
    place = np.searchsorted(starts, prediction, side="right") - 1
    rows = np.bincount(place, minlength=len(starts))
    total = np.bincount(place, error, minlength=len(starts))
    overall = float(error.mean())
    if not overall > 0:
        return _Band(starts[:1], np.zeros(1))
    least = 1e-3 * overall  # nowhere so sure that a division breaks down
    spread = np.maximum(total / np.maximum(rows, 1), least)
    # A row is divided by the spread of the others, as a new one is: else coverage falls short.
    others = (total[place] - error) / np.maximum(rows[place] - 1, 1)
    scores = np.sort(error / np.maximum(others, least))
    rank = min(len(scores), math.ceil((len(scores) + 1) * level))
    return _Band(starts, scores[rank - 1] * spread)


def _by_range(
    prediction: Floats, inside: NDArray[np.bool_], half: Floats
) -> tuple[CoverageRange, ...]:
    count = max(1, min(BINS, len(prediction) // BIN_ROWS))
    starts = np.unique(np.quantile(prediction, np.arange(count) / count, method="inverted_cdf"))
    place: Integers = np.searchsorted(starts, prediction, side="right") - 1
    ranges = []
    for i in range(len(starts)):
        chosen = place == i
        rows, covered = int(chosen.sum()), float(inside[chosen].mean())
        low, high = _ends_of(covered, rows)
        ends = float(prediction[chosen].min()), float(prediction[chosen].max())
        width = float(2 * half[chosen].mean())
        ranges.append(CoverageRange(*ends, rows, covered, low, high, width))
    return tuple(ranges)


def _ends_of(share: float, rows: int) -> tuple[float, float]:
    """The 95 % interval of a share that was seen in so many rows."""
    low, high = wilson(np.array(share), np.array(float(rows)))
    return float(low), float(high)
