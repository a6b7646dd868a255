"""Rows whose label the predictions for unseen rows doubt, the most doubtful first.

Classes by confident learning (Northcutt, Jiang and Chuang, "Confident learning", 2021), values by
residuals against those of like predictions. Where a model cannot tell classes apart, a right label
is doubted, too: what is said is for people to judge.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl_core.evaluation.mean_interval import chance_above
from automl_core.evaluation.probabilities import wilson
from automl_core.metrics import EPSILON

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

FEWEST_OF_CLASS = 5
"""Rows of a class below which no row is taken for one of it: its threshold means nothing."""

SUREST = 0.1
"""Share of the rows taken for a class, the surest ones, by which wrong labels are counted."""

ROWS_TO_COUNT = 50
"""Rows among the surest below which wrong labels are not counted."""

BETTER_BY_CHANCE = 0.01
"""How likely a model that knows nothing passes for one that knows something."""

ROUNDING = 1e-9  # of a mean of equal probabilities

VALUES_TO_JUDGE = 250
"""Rows below which the tail of residuals is not known."""

NEIGHBOURS = 200
"""Rows of like predictions whose residuals say what is usual."""

BODY, TAIL = 0.10, 0.02
"""Shares of the largest residuals between which the tail is fitted."""

EXPECTED_BEYOND = 0.05
"""Rows that would lie beyond the limit of residuals if their tail went on as it began."""


@dataclass(frozen=True, eq=False)
class LabelDoubts:
    """Doubtful rows, most doubtful first; nothing where the model is no better than guessing."""

    rows: int  # that were looked at
    places: Integers  # (m,) of the doubtful ones among them
    doubt: Floats  # (m,) descending; classes: log of suggested by given; values: usual residuals
    suggested: Floats  # (m,) class number or value that the model says
    confident: int  # rows that are doubted as confident learning counts them
    counted: int  # surest rows by which wrong labels are counted; 0: too few
    low: float | None  # 95 % interval of the share of wrong labels; None: not counted
    high: float | None
    informed: bool = True  # whether the model is better than guessing beyond chance


def class_doubts(y: Integers, probability: Floats) -> LabelDoubts:
    """Classes y (n,) against probabilities (n, classes) of models that did not see the row.

    A row is doubted where another class is more probable than its label. It counts as confident
    where that class is at least as probable as it usually is in rows of its own: Northcutt's
    confident joint off its diagonal. The share of wrong labels is counted among the surest rows
    of each predicted class, where overlap of classes is least: how often the label differs there.
    It holds for labels that are wrong as often elsewhere. Rows stand by the ratio of the two
    probabilities, not by their difference: where many classes share the rest, it finds more.
    """
    n = len(y)
    if n == 0 or not _informed(y, probability):
        return _nothing(n)
    rows = np.arange(n)
    suggested = probability.argmax(axis=1)
    sure = np.log(np.maximum(probability, EPSILON))
    doubt = sure[rows, suggested] - sure[rows, y]
    places = np.flatnonzero(doubt > 0)
    places = places[np.argsort(-doubt[places], kind="stable")]
    counted, low, high = _share_wrong(y, probability)
    return LabelDoubts(
        n,
        places,
        doubt[places],
        suggested[places].astype(np.float64),
        _confident(y, probability),
        counted,
        low,
        high,
    )


def value_doubts(y: Floats, prediction: Floats) -> LabelDoubts:
    """Values y (n,) against predictions (n,) of models that did not see the row.

    A residual counts in units of the usual one of rows with like predictions. Doubted are those
    beyond where the tail of the others, followed as a power law, lets a row be expected: a long
    tail alone is no reason.
    """
    n = len(y)
    if n < VALUES_TO_JUDGE:
        return _nothing(n, informed=True)
    size = _relative_residuals(y, prediction)
    limit = _limit(size)
    places = np.flatnonzero(size > limit)
    places = places[np.argsort(-size[places], kind="stable")]
    return LabelDoubts(n, places, size[places], prediction[places], len(places), 0, None, None)


def _nothing(rows: int, informed: bool = False) -> LabelDoubts:
    none = np.zeros(0)
    return LabelDoubts(rows, np.zeros(0, np.int64), none, none, 0, 0, None, None, informed)


def _informed(y: Integers, probability: Floats) -> bool:
    """True where the Brier score is below that of the classes' shares by more than chance.

    It is bounded: a model that is too sure is still one that knows something.
    """
    share = np.bincount(y, minlength=probability.shape[1]) / len(y)
    rows = np.arange(len(y))
    guess = float((share**2).sum()) - 2 * share[y]
    gain = guess - ((probability**2).sum(axis=1) - 2 * probability[rows, y])
    spread = float(gain.std())
    if len(y) < 2 or not gain.mean() > 1e-12:
        return False
    if spread == 0:
        return True
    return chance_above(gain.mean() / spread * math.sqrt(len(y)), len(y) - 1) < BETTER_BY_CHANCE


def _confident(y: Integers, probability: Floats) -> int:
    """Rows that are confidently of another class: the confident joint off its diagonal."""
    classes = probability.shape[1]
    counts = np.bincount(y, minlength=classes)
    own = np.bincount(y, probability[np.arange(len(y)), y], minlength=classes)
    few = counts < FEWEST_OF_CLASS
    threshold = np.where(few, np.inf, own / np.maximum(counts, 1) - ROUNDING)
    confident = np.where(probability >= threshold, probability, -1.0)
    taken = confident.argmax(axis=1)
    return int(((confident.max(axis=1) >= 0) & (taken != y)).sum())


def _share_wrong(y: Integers, probability: Floats) -> tuple[int, float | None, float | None]:
    """Surest rows, and the interval of how often their label is another."""
    predicted, sure = probability.argmax(axis=1), probability.max(axis=1)
    order = np.lexsort((-sure, predicted))
    sizes = np.bincount(predicted, minlength=probability.shape[1])
    starts = np.cumsum(sizes) - sizes
    place = np.arange(len(y)) - np.repeat(starts, sizes)
    surest = order[place < np.repeat(np.floor(SUREST * sizes), sizes)]
    if len(surest) < ROWS_TO_COUNT:
        return len(surest), None, None
    wrong = float((predicted[surest] != y[surest]).mean())
    low, high = wilson(np.array(wrong), np.array(float(len(surest))))
    return len(surest), 0.0 if wrong == 0 else float(low), float(high)


def _relative_residuals(y: Floats, prediction: Floats) -> Floats:
    """(n,) size of residuals in units of the median size among rows of like predictions."""
    residual = np.abs(y - prediction)
    order = np.argsort(prediction, kind="stable")
    groups = max(1, len(y) // NEIGHBOURS)
    usual = np.empty(len(y))
    for part in np.array_split(order, groups):
        usual[part] = np.median(residual[part])
    floor = np.median(residual) / 10  # where predictions are exact, nothing would be usual
    usual = np.maximum(usual, floor)
    size: Floats = np.divide(residual, usual, out=np.zeros(len(y)), where=usual > 0)
    return size


def _limit(size: Floats) -> float:
    """The size beyond which EXPECTED_BEYOND rows lie if the tail is a power law."""
    near, far = (float(v) for v in np.quantile(size, [1 - BODY, 1 - TAIL]))
    if not 0 < near < far:
        return math.inf
    slope = math.log(BODY / TAIL) / math.log(far / near)
    return float(far * (TAIL * len(size) / EXPECTED_BEYOND) ** (1 / slope))
