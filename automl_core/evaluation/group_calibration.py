"""Calibration by groups: in each what was predicted against what came, and how far they are apart.

The error of a group is the expected calibration error over bins of about as many rows each
(Naeini, Cooper and Hauskrecht 2015). Chance alone makes it larger than 0, and the more so the fewer
rows a group has: errors here are those that, with chance added, would show as what was seen
(an interval by inverting a test, so that a group that is calibrated has 0 in it).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from automl_core.evaluation.group_fairness import Predicted
from automl_core.evaluation.mean_interval import half_width
from automl_core.evaluation.number_words import plain_number
from automl_core.evaluation.probabilities import BINS, NORMAL_95, ROWS_OF_BIN, wilson
from automl_core.evaluation.slices import CLAIMED_BY_CHANCE, Parts
from automl_core.words import count

Floats = NDArray[np.float64]

FEWEST_BINS = 5
FEWEST_ROWS = FEWEST_BINS * ROWS_OF_BIN
DRAWS = 1_000
TAIL = 0.025
SIZES = np.linspace(0.0, 3.0, 61)  # true errors that are tried, as multiples of those seen


@dataclass(frozen=True)
class GroupCurve:
    """One group, in bins of its predictions; shares, or units of the target."""

    label: str
    rows: int
    predicted: tuple[float, ...]  # mean of a bin, ascending
    actual: tuple[float, ...]  # share of the outcome in it, or mean value
    low: tuple[float, ...]  # its 95 % interval
    high: tuple[float, ...]
    error: float  # expected calibration error, less what chance adds; at least 0
    error_low: float  # 95 % interval
    error_high: float
    chance: float  # of an error as large as was seen, if the group were calibrated


@dataclass(frozen=True)
class CalibrationGap:
    """The widest difference of two groups' errors."""

    high: str  # group with the larger error
    low: str
    difference: float
    ends: tuple[float, float]  # 95 %, allowing for the pair having been picked as the widest


@dataclass(frozen=True)
class GroupCalibration:
    """All groups of a column that have enough rows."""

    column: str
    share: bool  # probabilities of an outcome; else values
    groups: tuple[GroupCurve, ...]
    off: tuple[str, ...]  # groups whose predictions are off by more than chance
    too_few: tuple[str, ...]  # groups with fewer than FEWEST_ROWS rows
    gap: CalibrationGap | None  # None: fewer than two groups
    sentence: str


@dataclass(frozen=True, eq=False)
class _Bins:
    """The sums of a group's bins: of weights, of their squares, and of what is compared."""

    weight: Floats
    square: Floats
    predicted: Floats
    actual: Floats
    actual_square: Floats
    off: Floats  # weighted sum of predicted minus actual
    variance: Floats  # of that sum


def group_calibration(parts: Parts, seen: Predicted) -> GroupCalibration:
    """The calibration in each group of a column, for n rows.

    All groups have as many bins, five to ten, as the smallest of them allows.
    """
    share = seen.outcome is not None
    predicted = np.asarray(seen.prediction[:, seen.outcome] if share else seen.prediction)
    actual = np.asarray(seen.y == seen.outcome if share else seen.y, np.float64)
    weight = np.ones(len(actual)) if seen.weight is None else np.asarray(seen.weight, np.float64)
    inside = [np.flatnonzero((parts.part == i) & (weight > 0)) for i in range(len(parts.labels))]
    sizes = [_effective(weight[rows]) for rows in inside]
    large = [i for i, size in enumerate(sizes) if size >= FEWEST_ROWS]
    least = min((sizes[i] for i in large), default=0.0)
    bins = min(BINS, int(least) // ROWS_OF_BIN)
    groups = []
    for place in large:
        rows = inside[place]
        sums = _sums(predicted[rows], actual[rows], weight[rows], (bins, share))
        groups.append(_curve(parts.labels[place], len(rows), sums, share))
    few = [
        label
        for i, label in enumerate(parts.labels)
        if i not in large and i != parts.others and (parts.part == i).any()
    ]
    named = groups
    if parts.others in large:
        named = [group for group in groups if group.label != parts.labels[parts.others]]
    gap = _gap(named)
    return GroupCalibration(
        parts.column, share, tuple(groups), _off(groups), tuple(few), gap, _sentence(gap, share)
    )


def _effective(weight: Floats) -> float:
    return float(weight.sum() ** 2 / (weight @ weight)) if len(weight) else 0.0


def _sums(predicted: Floats, actual: Floats, weight: Floats, how: tuple[int, bool]) -> _Bins:
    """So many bins, of shares or of values; rows of one prediction stay in one bin."""
    bins, share = how
    _, number, often = np.unique(predicted, return_inverse=True, return_counts=True)
    middle = np.cumsum(often) - often / 2
    place = np.minimum((middle * bins / len(predicted)).astype(np.int64), bins - 1)[number]
    place = np.unique(place, return_inverse=True)[1]  # ties may leave a bin empty

    def summed(values: Floats) -> Floats:
        return np.bincount(place, values).astype(np.float64)

    total, off = summed(weight), predicted - actual
    mean = (summed(weight * off) / total)[place]
    rows = summed(np.ones(len(weight)))
    variance = summed((weight * (off - mean)) ** 2) * rows / np.maximum(rows - 1, 1)
    if share:  # at least that of a calibrated bin: one without a hit is not free of chance
        variance = np.maximum(variance, summed(weight**2 * predicted * (1 - predicted)))
    return _Bins(
        total,
        summed(weight**2),
        summed(weight * predicted),
        summed(weight * actual),
        summed(weight * actual**2),
        summed(weight * off),
        variance,
    )


def _curve(label: str, rows: int, bins: _Bins, share: bool) -> GroupCurve:
    predicted, actual = bins.predicted / bins.weight, bins.actual / bins.weight
    number = bins.weight**2 / bins.square
    if share:
        low, high = wilson(actual, number)
    else:
        spread = bins.actual_square / bins.weight - actual**2
        half = [
            half_width(float(v) * float(n) / max(float(n) - 1, 1.0), max(float(n), 2.0))
            for v, n in zip(spread, number, strict=True)
        ]
        low, high = actual - half, actual + half
    error, ends, chance = _error(bins)
    return GroupCurve(
        label,
        rows,
        tuple(predicted.tolist()),
        tuple(actual.tolist()),
        tuple(low.tolist()),
        tuple(high.tolist()),
        error,
        *ends,
        chance,
    )


def _error(bins: _Bins) -> tuple[float, tuple[float, float], float]:
    """The error, its 95 % interval, and how likely one as large as was seen is by chance.

    True errors in proportion to those of the bins are tried, from none to three times as large:
    the error is the one whose median is what was seen, the interval holds those that what was seen
    does not speak against.
    """
    total, noise = float(bins.weight.sum()), np.sqrt(bins.variance)
    seen = float(np.abs(bins.off).sum()) / total
    shape = np.sqrt(bins.off**2 + bins.variance)
    draws = np.random.default_rng(0).normal(size=(DRAWS, len(noise))) * noise
    shown = np.abs(SIZES[:, None, None] * shape + draws).sum(axis=2) / total
    low, middle, high = np.quantile(shown, (TAIL, 0.5, 1 - TAIL), axis=1)
    size = float(shape.sum()) / total

    def reached(quantile: Floats) -> float:
        """The least true error at which this quantile is what was seen."""
        return size * float(np.interp(seen, np.maximum.accumulate(quantile), SIZES))

    # Of two sides, as the interval is: what is named has an interval without 0.
    chance = min(1.0, 2 * float((1 + (shown[0] >= seen).sum()) / (1 + DRAWS)))
    return reached(middle), (reached(high), reached(low)), chance


def _off(groups: list[GroupCurve]) -> tuple[str, ...]:
    """Groups that are off by more than chance, after the correction for how many there are."""
    ordered = sorted(group.chance for group in groups)
    kept = [c for i, c in enumerate(ordered) if c <= CLAIMED_BY_CHANCE * (i + 1) / len(ordered)]
    limit = max(kept, default=-1.0)
    return tuple(group.label for group in groups if group.chance <= limit)


def _gap(groups: list[GroupCurve]) -> CalibrationGap | None:
    """The difference of the largest and the least error, from the interval of each."""
    if len(groups) < 2:
        return None
    low = min(groups, key=lambda group: group.error)
    high = max(groups, key=lambda group: group.error)
    if low is high:  # none has any error
        low, high = groups[:2]
    pairs = len(groups) * (len(groups) - 1) / 2
    wider = NormalDist().inv_cdf(1 - TAIL / pairs) / NORMAL_95
    difference = high.error - low.error
    down = math.hypot(high.error - high.error_low, low.error_high - low.error)
    up = math.hypot(high.error_high - high.error, low.error - low.error_low)
    ends = (difference - wider * down, difference + wider * up)
    return CalibrationGap(high.label, low.label, difference, ends)


def _sentence(gap: CalibrationGap | None, share: bool) -> str:
    what = "Probabilities" if share else "Predictions"
    if gap is None:
        return (
            f"No two groups have {count(FEWEST_ROWS, 'row')}: nothing can be said of calibration "
            "by group."
        )
    low, high = gap.ends
    apart = f"{_size(gap.difference, share)} ({_size(low, share)} to {_size(high, share)})"
    if low <= 0:
        return (
            f"{what} are not calibrated differently by more than chance: the widest gap, of "
            f"{gap.high} and {gap.low}, is {apart}."
        )
    return (
        f"{what} are less well calibrated for {gap.high} than for {gap.low}: off by {apart} more "
        "on average, which is more than chance."
    )


def _size(value: float, share: bool) -> str:
    """A difference of shares is in percentage points, which are no percent of either."""
    return f"{100 * value:.1f} points" if share else plain_number(value)
