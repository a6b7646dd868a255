"""A model by groups of people or things: rates, errors, calibration, and the gaps between groups.

A group is a slice of a column as slices.py cuts it. What is compared many times is corrected for:
a difference is named only where it is beyond chance (Benjamini and Hochberg 1995), and the interval
of a gap allows for the pair having been picked as the widest (Bonferroni over the pairs).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.evaluation.influence import influences
from automl_core.evaluation.mean_interval import half_width
from automl_core.evaluation.slices import CLAIMED_BY_CHANCE, SMALLEST_SLICE, Parts, Slice
from automl_core.metrics import METRICS, score

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_NORMAL = NormalDist()
_LEVEL = 0.05  # of intervals, before any correction


@dataclass(frozen=True)
class FairMeasure:
    """One way to compare groups."""

    name: str
    title: str
    gap: str  # what the gap of it is called in the literature; "": it has no name
    share: bool  # whether it lies between 0 and 1, so that a ratio means something
    unit: str = ""  # "target": units of the target


SCORE = FairMeasure("score", "", "", False)
SELECTED = FairMeasure("selected", "Selection rate", "demographic parity", True)
FOUND = FairMeasure("found", "True positive rate", "equal opportunity", True)
FALSE_ALARM = FairMeasure("false_alarm", "False positive rate", "predictive equality", True)
RIGHT = FairMeasure("right", "Precision", "predictive parity", True)
WRONG = FairMeasure("wrong", "Share of wrong rows", "overall accuracy equality", True)
PREDICTED_LESS_ACTUAL = FairMeasure(
    "calibration", "Mean probability minus actual share", "calibration in the large", False
)
BIAS = FairMeasure(
    "bias", "Mean of predicted minus actual", "calibration in the large", False, "target"
)
SIZE = FairMeasure("size", "Mean absolute error", "", False, "target")
MEAN = FairMeasure("mean", "Mean prediction", "demographic parity", False, "target")


@dataclass(frozen=True, eq=False)
class Predicted:
    """Predictions for n rows, and their actual values."""

    y: NDArray[Any]  # (n,) class numbers or values
    prediction: Floats  # (n, classes) or (n,)
    weight: Floats | None  # (n,)
    metric: str
    outcome: int | None = None  # the class that matters; None: values
    called: NDArray[np.int64] | None = None  # (n,) the classes that are predicted


@dataclass(frozen=True)
class Gap:
    """The widest difference between two groups by one measure."""

    high: str  # group with the larger value
    low: str
    difference: float  # of the first minus the second, at least 0
    difference_ends: tuple[float, float]  # 95 %, allowing for the choice of the pair
    ratio: float | None  # the second by the first, 1 where equal; None: no share, or one of none
    ratio_ends: tuple[float, float] | None


@dataclass(frozen=True)
class MeasuredGroups:
    """One measure in every group."""

    measure: FairMeasure
    groups: tuple[Slice, ...]  # `mean` and its interval; None: too few rows that count
    overall: float
    differ: tuple[str, ...]  # groups that differ from the rows outside by more than chance
    gap: Gap | None  # None: no two groups have enough rows


@dataclass(frozen=True)
class Fairness:
    """All measures by the groups of one column."""

    column: str
    measured: tuple[MeasuredGroups, ...]
    too_few: tuple[str, ...]  # groups with fewer than SMALLEST_SLICE rows
    compared: int  # how many times a group was compared with the rows outside it


@dataclass(frozen=True, eq=False)
class _Values:
    """A measure row by row: its value, and the rows that count."""

    measure: FairMeasure
    value: Floats  # (n,)
    counts: Bools  # (n,)


@dataclass(frozen=True)
class _Mean:
    mean: float
    variance: float  # of a row
    rows: float  # effective

    @property
    def square_error(self) -> float:
        return self.variance / self.rows


def fairness(parts: Parts, seen: Predicted) -> Fairness:
    """The measures that fit the task, in each group of a column with n rows."""
    weight = np.ones(len(seen.y)) if seen.weight is None else np.asarray(seen.weight, np.float64)
    measured, chances = [], []
    for values in (None, *_measures(seen)):
        if values is None:
            one, against = _scores(parts, seen, weight)
        else:
            one, against = _means(parts, values, weight)
        measured.append(one)
        chances.append(against)
    named = _beyond(chances)
    measured = [replace(one, differ=labels) for one, labels in zip(measured, named, strict=True)]
    sizes = np.bincount(parts.part, minlength=len(parts.labels))
    too_few = [
        label for label, n in zip(parts.labels, sizes, strict=True) if 0 < n < SMALLEST_SLICE
    ]
    compared = sum(len(against) for against in chances)
    return Fairness(parts.column, tuple(measured), tuple(too_few), compared)


def _measures(seen: Predicted) -> list[_Values]:
    y, every = seen.y, np.ones(len(seen.y), np.bool_)
    if seen.outcome is None:
        off = np.asarray(seen.prediction - y, np.float64)
        return [
            _Values(BIAS, off, every),
            _Values(SIZE, np.abs(off), every),
            _Values(MEAN, np.asarray(seen.prediction, np.float64), every),
        ]
    probability = seen.prediction[:, seen.outcome]
    truth = y == seen.outcome
    assert seen.called is not None
    chosen, wrong = seen.called == seen.outcome, seen.called != y
    return [
        _Values(SELECTED, chosen.astype(np.float64), every),
        _Values(FOUND, chosen.astype(np.float64), truth),
        _Values(FALSE_ALARM, chosen.astype(np.float64), ~truth),
        _Values(RIGHT, truth.astype(np.float64), chosen),
        _Values(WRONG, wrong.astype(np.float64), every),
        _Values(PREDICTED_LESS_ACTUAL, probability - truth, every),
    ]


def _means(
    parts: Parts, values: _Values, weight: Floats
) -> tuple[MeasuredGroups, dict[str, float]]:
    """A measure that is a mean over rows, and how likely each group differs by chance alone."""
    share = values.measure.share
    found: list[tuple[Slice, _Mean]] = []
    groups, chances = [], {}
    for place, label in enumerate(parts.labels):
        inside = parts.part == place
        here = _mean(values, weight, inside & values.counts)
        rows = int(inside.sum())
        group = Slice(parts.column, label, rows, None, None, None, None, None)
        if here is None:
            groups.append(group)
            continue
        low, high = _ends(here, share, _LEVEL)
        outside = _mean(values, weight, ~inside & values.counts)
        group = replace(group, mean=here.mean, low=low, high=high)
        if outside is not None:
            chances[label] = _chance(here, outside, share)
            group = replace(group, elsewhere=outside.mean, chance=chances[label])
        groups.append(group)
        if place != parts.others:
            found.append((group, here))
    overall = _mean(values, weight, values.counts, least=1)
    mean = math.nan if overall is None else overall.mean
    gap = _gap(found, share)
    return MeasuredGroups(values.measure, tuple(groups), mean, (), gap), chances


def _mean(
    values: _Values, weight: Floats, rows: Bools, least: int = SMALLEST_SLICE
) -> _Mean | None:
    """The weighted mean of these rows; None where they are too few."""
    w, v = weight[rows], values.value[rows]
    total = float(w.sum())
    if len(w) < least or not total > 0:
        return None
    effective = total**2 / float(w @ w)
    if effective < least:
        return None
    mean = float(w @ v) / total
    variance = float(w @ (v - mean) ** 2) / total
    return _Mean(mean, variance * effective / max(effective - 1, 1.0), effective)


def _ends(here: _Mean, share: bool, level: float) -> tuple[float, float]:
    """The interval at 1 - level: Wilson's of a share, else Student's or normal."""
    if share:
        z = _NORMAL.inv_cdf(1 - level / 2)
        spread = z**2 / here.rows
        centre = (here.mean + spread / 2) / (1 + spread)
        half = z * math.sqrt(here.mean * (1 - here.mean) / here.rows + spread / (4 * here.rows))
        half /= 1 + spread
        return max(0.0, centre - half), min(1.0, centre + half)
    if level == _LEVEL:
        half = half_width(here.variance, here.rows)
    else:
        half = _NORMAL.inv_cdf(1 - level / 2) * math.sqrt(here.square_error)
    return here.mean - half, here.mean + half


def _chance(here: _Mean, outside: _Mean, share: bool) -> float:
    """The two-sided p-value of the difference of two means."""
    square = here.square_error + outside.square_error
    if share:  # under one truth both have one variance, also where a group has no error at all
        rows = here.rows + outside.rows
        pooled = (here.mean * here.rows + outside.mean * outside.rows) / rows
        square = pooled * (1 - pooled) * (1 / here.rows + 1 / outside.rows)
    if not square > 0:
        return 1.0
    return math.erfc(abs(here.mean - outside.mean) / math.sqrt(2 * square))


def _gap(found: Sequence[tuple[Slice, _Mean]], share: bool) -> Gap | None:
    if len(found) < 2:
        return None
    ordered = sorted(found, key=lambda item: item[1].mean)
    (bottom, low), (top, high) = ordered[0], ordered[-1]
    level = _LEVEL / (len(found) * (len(found) - 1) / 2)
    difference = high.mean - low.mean
    # Newcombe 1998, method 10: the difference of two shares from the interval of each.
    low_ends, high_ends = _ends(low, share, level), _ends(high, share, level)
    down = math.hypot(high.mean - high_ends[0], low_ends[1] - low.mean)
    up = math.hypot(high_ends[1] - high.mean, low.mean - low_ends[0])
    ends = (difference - down, difference + up)
    ratio = ratio_ends = None
    if share and low.mean > 0:  # a share of none has no ratio that means something
        ratio = low.mean / high.mean
        ratio_ends = _ratio_ends(low, high, level)
    return Gap(top.label, bottom.label, difference, ends, ratio, ratio_ends)


def _ratio_ends(low: _Mean, high: _Mean, level: float) -> tuple[float, float]:
    """The interval of a ratio of two shares: Katz and others 1978, half a row added to each."""
    hits = [here.mean * here.rows + 0.5 for here in (low, high)]
    rows = [here.rows + 0.5 for here in (low, high)]
    spread = sum(1 / h - 1 / r for h, r in zip(hits, rows, strict=True))
    middle = math.log(hits[0] / rows[0]) - math.log(hits[1] / rows[1])
    half = _NORMAL.inv_cdf(1 - level / 2) * math.sqrt(max(0.0, spread))
    return math.exp(middle - half), math.exp(middle + half)


def _scores(
    parts: Parts, seen: Predicted, weight: Floats
) -> tuple[MeasuredGroups, dict[str, float]]:
    """The run's own metric by group, which may be no mean of rows, such as the AUC."""
    measure = replace(SCORE, title=METRICS[seen.metric].title)
    found: list[tuple[Slice, _Mean]] = []
    groups, chances = [], {}
    for place, label in enumerate(parts.labels):
        inside = parts.part == place
        here = _score(seen, weight, inside)
        group = Slice(parts.column, label, int(inside.sum()), None, None, None, None, None)
        if here is not None:
            low, high = _ends(here, False, _LEVEL)
            group = replace(group, mean=here.mean, low=low, high=high)
            if place != parts.others:
                found.append((group, here))
            outside = _score(seen, weight, ~inside)
            if outside is not None:
                chances[label] = _chance(here, outside, False)
                group = replace(group, elsewhere=outside.mean, chance=chances[label])
        groups.append(group)
    overall = float(score(seen.metric, seen.y, seen.prediction, seen.weight))
    return MeasuredGroups(measure, tuple(groups), overall, (), _gap(found, False)), chances


def _score(seen: Predicted, weight: Floats, rows: Bools) -> _Mean | None:
    """The metric of these rows with its spread; None where it would mean nothing."""
    w, y, prediction = weight[rows], seen.y[rows], seen.prediction[rows]
    if len(w) < SMALLEST_SLICE or not w.sum() > 0 or w.sum() ** 2 / (w @ w) < SMALLEST_SLICE:
        return None
    if seen.outcome is not None and len(np.unique(y)) < 2:
        return None
    value = float(score(seen.metric, y, prediction, w))
    spread = influences(seen.metric, y, prediction, w)
    if not math.isfinite(value):
        return None
    return _Mean(value, float(spread.var()), float(len(y)))


def _beyond(chances: Sequence[dict[str, float]]) -> list[tuple[str, ...]]:
    """Of each measure the groups whose difference remains after the correction over all."""
    every = sorted(chance for against in chances for chance in against.values())
    kept = [
        chance
        for i, chance in enumerate(every)
        if chance <= CLAIMED_BY_CHANCE * (i + 1) / len(every)
    ]
    limit = max(kept, default=-1.0)
    return [tuple(label for label, c in against.items() if c <= limit) for against in chances]
