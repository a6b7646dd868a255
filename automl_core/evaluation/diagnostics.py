"""Predictions against actual values: ROC curves, confusion matrix, predicted against actual.

Numbers and one sentence in plain words, independent of runs and of how they are drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl_core.evaluation.number_words import plain_number

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

OUTERMOST = (0.01, 0.1, 0.3)
"""Shares of the errors that their histogram leaves out, the first that does."""

CROWDED = 0.5
"""From this share of all rows on, one bar says too little of them."""

SQUEEZED = 0.08
"""Share of the axis that the middle half of the rows needs to be told apart."""

DECADES = 100.0
"""From the unit of a log scale to its end at least: with less there is nothing to spread."""

MAX_CLASSES = 30
"""Classes in a matrix at most; beyond, the rarest are counted together."""


@dataclass(frozen=True)
class RocCurve:
    """Share of true alarms against share of false alarms, over all thresholds."""

    label: str  # the class that counts as positive
    false_rate: tuple[float, ...]  # from 0 to 1
    true_rate: tuple[float, ...]  # from 0 to 1, same length
    area: float  # of the whole curve, before it was thinned


@dataclass(frozen=True)
class Confusion:
    """Rows by actual and by predicted class."""

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]  # counts[actual][predicted]
    accuracy: float  # share of rows on the diagonal, before rare classes were merged
    sentence: str


@dataclass(frozen=True)
class ActualPredicted:
    """A sample of rows, in the target's units, and how far off all of them are."""

    actual: tuple[float, ...]
    predicted: tuple[float, ...]
    rows: int  # that the sentence and the errors are about
    mean_error: float  # mean absolute difference
    median_error: float
    bias: float  # mean of predicted minus actual; > 0: too high on average
    edges: tuple[float, ...]  # of a histogram of predicted minus actual, without the outermost
    counts: tuple[int, ...]  # one fewer than edges
    beyond: float  # share of the rows that the histogram leaves out, 0 to 1
    log_unit: float | None  # linear below it, logarithmic above; None: no value squeezes the rest
    sentence: str


def not_numbers(prediction: Floats) -> int:
    """Rows of a prediction, (n,) or (n, classes), that are not finite numbers throughout."""
    finite = np.isfinite(prediction)
    return int((~(finite if finite.ndim == 1 else finite.all(axis=1))).sum())


def roc_curves(
    y: Integers,
    probabilities: Floats,
    labels: Sequence[str],
    weight: Floats | None = None,
    max_points: int = 200,
) -> tuple[RocCurve, ...]:
    """ROC curves of y (n,) against probabilities (n, classes), rows counted by weight (n,).

    Two classes give one curve, for the last label; more give one a class against the rest,
    the most frequent six first. A class that no row or every row has gives none, rows of weight 0
    left out.
    """
    counted = np.ones(len(y)) if weight is None else weight
    y, probabilities, counted = y[counted > 0], probabilities[counted > 0], counted[counted > 0]
    counts = np.bincount(y, minlength=len(labels))
    by_size = np.argsort(-counts, kind="stable")[:6]
    shown = [1] if len(labels) == 2 else by_size.tolist()
    return tuple(
        _roc(
            np.where(y == c, counted, 0.0), counted, probabilities[:, c], str(labels[c]), max_points
        )
        for c in shown
        if 0 < counts[c] < len(y)
    )


def _roc(positive: Floats, weight: Floats, score: Floats, label: str, max_points: int) -> RocCurve:
    """`positive` (n,) is the weight of a row of the class, 0 of another."""
    order = np.argsort(-score, kind="stable")
    ranked = score[order]
    last_of_tie = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    hits = np.cumsum(positive[order])[last_of_tie]
    alarms = np.cumsum((weight - positive)[order])[last_of_tie]
    true_rate = np.concatenate([[0.0], hits / hits[-1]])
    false_rate = np.concatenate([[0.0], alarms / alarms[-1]])
    area = float(np.trapezoid(true_rate, false_rate))
    if len(true_rate) > max_points:  # even steps along the curve keep its shape
        way = true_rate + false_rate  # grows from 0 to 2
        keep = np.unique(np.searchsorted(way, np.linspace(0.0, way[-1], max_points)))
        keep = np.minimum(keep, len(way) - 1)
        true_rate, false_rate = true_rate[keep], false_rate[keep]
    return RocCurve(label, tuple(false_rate.tolist()), tuple(true_rate.tolist()), area)


def confusion(y: Integers, probabilities: Floats, labels: Sequence[str]) -> Confusion:
    """Counts of actual class y (n,) against the most probable one of (n, classes)."""
    size = len(labels)
    predicted = probabilities.argmax(axis=1)
    counts = np.bincount(y * size + predicted, minlength=size * size).reshape(size, size)
    accuracy = float(np.trace(counts) / max(1, len(y)))
    names = tuple(str(label) for label in labels)
    two = size == 2
    sentence = _two_class_sentence(counts, names) if two else _mixed_up(counts, names, accuracy)
    if size > MAX_CLASSES:
        counts, names = _merge_rare(counts, names)
    rows = tuple(tuple(row) for row in counts.tolist())
    return Confusion(names, rows, accuracy, sentence)


def _merge_rare(counts: Integers, names: tuple[str, ...]) -> tuple[Integers, tuple[str, ...]]:
    by_size = np.argsort(-counts.sum(axis=1), kind="stable")
    kept = np.sort(by_size[: MAX_CLASSES - 1])
    place = np.full(len(names), MAX_CLASSES - 1)
    place[kept] = np.arange(MAX_CLASSES - 1)
    merged = np.zeros((MAX_CLASSES, MAX_CLASSES), dtype=np.int64)
    np.add.at(merged, (place[:, None], place[None, :]), counts)
    others = f"{len(names) - MAX_CLASSES + 1} rarer classes"
    return merged, (*(names[c] for c in kept), others)


def _share(part: int, whole: int) -> str:
    """A share in words: "7 of 10", "93 of 100"; never rounded up to all of them."""
    if whole <= 100:
        return f"{part} of {whole}"
    share = round(100 * part / whole)
    if share == 100 and part < whole:
        return "more than 99 of 100"
    if share == 0 and part > 0:
        return "fewer than 1 of 100"
    return f"{share} of 100"


def _two_class_sentence(counts: Integers, names: tuple[str, ...]) -> str:
    found, called, real = int(counts[1, 1]), int(counts[:, 1].sum()), int(counts[1].sum())
    name = names[1]
    if called == 0:
        return f"No row is predicted as “{name}”: the model always answers “{names[0]}”."
    right = f"Of the rows predicted as “{name}”, {_share(found, called)} are right."
    if real == 0:
        return right
    return f"{right} Of the rows that really are “{name}”, {_share(found, real)} are found."


def _mixed_up(counts: Integers, names: tuple[str, ...], accuracy: float) -> str:
    total = int(counts.sum())
    right = f"{_share(round(accuracy * total), total)} rows get the right class."
    wrong = counts - np.diag(np.diag(counts))
    if not wrong.any():
        return right
    actual, predicted = np.unravel_index(int(wrong.argmax()), wrong.shape)
    rows = int(wrong[actual, predicted])
    word = "row" if rows == 1 else "rows"
    return (
        f"{right} The most common mix-up: “{names[actual]}” taken for "
        f"“{names[predicted]}” ({rows:,} {word})."
    )


def actual_predicted(
    y: Floats, prediction: Floats, max_points: int = 1500, seed: int = 0
) -> ActualPredicted:
    """A sample of y (n,) and prediction (n,) to draw, and the errors of all n rows."""
    off = prediction - y
    mean, median = float(np.abs(off).mean()), float(np.median(np.abs(off)))
    rows = np.arange(len(y))
    if len(rows) > max_points:
        rows = np.sort(np.random.default_rng(seed).choice(rows, max_points, replace=False))
    bias = float(off.mean())
    counts, edges = _error_histogram(off)
    return ActualPredicted(
        actual=tuple(y[rows].tolist()),
        predicted=tuple(prediction[rows].tolist()),
        rows=len(y),
        mean_error=mean,
        median_error=median,
        bias=bias,
        edges=tuple(edges.tolist()),
        counts=tuple(counts.tolist()),
        beyond=float(1 - counts.sum() / len(y)),
        log_unit=_log_unit(y),
        sentence=_error_sentence(mean, median, bias, y),
    )


def _error_histogram(off: Floats) -> tuple[Integers, Floats]:
    """Counts and edges of 30 bins; the outermost errors are cut, more where one bin has nearly all.

    Errors of a target with a long tail would otherwise be a single bar.
    """
    for outermost in OUTERMOST:
        low, high = np.quantile(off, [outermost / 2, 1 - outermost / 2])
        counts, edges = np.histogram(off[(off >= low) & (off <= high)], bins=30)
        if counts.max() < CROWDED * len(off):
            break
    return counts, edges


def _log_unit(y: Floats) -> float | None:
    """The unit of a log scale where the middle half of y fills little of its range.

    Below the unit, which a tenth of the magnitudes do not reach, it is linear, as 0 has no log.
    """
    low, first, third, high = np.quantile(y, [0.0, 0.25, 0.75, 1.0])
    if not high > low or third - first > SQUEEZED * (high - low):
        return None
    sizes = np.abs(y[y != 0])
    unit = float(np.quantile(sizes, 0.1))
    return unit if sizes.max() >= DECADES * unit else None


def _error_sentence(mean: float, median: float, bias: float, y: Floats) -> str:
    sentence = f"On average the prediction is off by {plain_number(mean)}"
    spread = float(np.abs(y - np.median(y)).mean())  # error of always answering the median
    if spread > 0:
        sentence += f"; always answering the median would be off by {plain_number(spread)}"
    sentence += f". Half of the predictions are closer than {plain_number(median)}"
    if abs(bias) > 0.25 * mean and mean > 0:
        sentence += f", and they are too {'high' if bias > 0 else 'low'} on the whole"
    return sentence + "."
