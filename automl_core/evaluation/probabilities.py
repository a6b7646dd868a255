"""Whether probabilities mean what they say, and how they tell two classes apart.

Numbers and one sentence in plain words, independent of how they are drawn. Intervals: Wilson,
"Probable inference" (1927); weighted rows count as their effective number (Kish, 1965).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from automl_core.evaluation.number_words import plain_number
from automl_core.evaluation.ranking import Floats, Ranking

BINS = 10
ROWS_OF_BIN = 20  # at least: with fewer, an interval says next to nothing
HISTOGRAM_BINS = 25
NOTABLE = 0.005  # a mean difference that is worth a word
NORMAL_95 = 1.959964


@dataclass(frozen=True)
class Reliability:
    """Predicted probability against the share of the class, in bins of about equal many rows."""

    label: str
    predicted: tuple[float, ...]  # mean of a bin, ascending
    actual: tuple[float, ...]  # share of the class in it
    low: tuple[float, ...]  # Wilson's 95 % interval of the share
    high: tuple[float, ...]
    rows: tuple[int, ...]
    error: float  # mean difference of the bins' predicted and actual, by their weight
    sentence: str


@dataclass(frozen=True)
class ScoreHistogram:
    """Rows of each class by probability, as shares of their class."""

    labels: tuple[str, str]  # the class that is looked for last
    edges: tuple[float, ...]  # from 0 to 1
    shares: tuple[tuple[float, ...], tuple[float, ...]]  # by class, one fewer than edges each
    sentence: str


def reliability(ranking: Ranking) -> Reliability | None:
    """Ten bins at most, of 20 rows at least; None where the rows do not fill one.

    Rows of one probability stay in one bin.
    """
    rows = ranking.rows.sum(axis=1)[::-1]
    bins = min(BINS, int(rows.sum()) // ROWS_OF_BIN)
    if bins == 0:
        return None
    middle = np.cumsum(rows) - rows / 2
    place = np.minimum((middle * bins / rows.sum()).astype(np.int64), bins - 1)
    starts = np.append(0, np.flatnonzero(np.diff(place)) + 1)
    weight = np.add.reduceat(ranking.weight[::-1], starts, axis=0)
    square = np.add.reduceat(ranking.square[::-1].sum(axis=1), starts)
    said = np.add.reduceat((ranking.weight.sum(axis=1) * ranking.probability)[::-1], starts)
    sums = weight.sum(axis=1)
    predicted, actual = said / sums, weight[:, 1] / sums
    low, high = wilson(actual, sums**2 / square)
    error = float((np.abs(predicted - actual) * sums).sum() / sums.sum())
    inside = int(((low <= predicted) & (predicted <= high)).sum())
    bias = float((said.sum() - weight[:, 1].sum()) / sums.sum())
    return Reliability(
        label=ranking.label,
        predicted=tuple(predicted.tolist()),
        actual=tuple(actual.tolist()),
        low=tuple(low.tolist()),
        high=tuple(high.tolist()),
        rows=tuple(np.add.reduceat(rows, starts).tolist()),
        error=error,
        sentence=_reliability_sentence(inside, len(sums), error, bias),
    )


def wilson(share: Floats, number: Floats) -> tuple[Floats, Floats]:
    """Low and high end of the 95 % interval of a share (n,) of `number` (n,) rows."""
    spread = NORMAL_95**2 / number
    centre = (share + spread / 2) / (1 + spread)
    half = NORMAL_95 * np.sqrt(share * (1 - share) / number + spread / (4 * number))
    half = half / (1 + spread)
    return np.maximum(0.0, centre - half), np.minimum(1.0, centre + half)


def _reliability_sentence(inside: int, bins: int, error: float, bias: float) -> str:
    points = f"{plain_number(100 * error)} percentage points"
    sentence = f"Probabilities are off by {points} on average"
    if abs(bias) > error / 2 and error >= NOTABLE:
        sentence += f", and too {'high' if bias > 0 else 'low'} on the whole"
    if bins == 1:
        verb = "includes" if inside else "does not include"
        return f"{sentence}. The interval {verb} the predicted probability."
    verb = "includes" if inside == 1 else "include"
    return f"{sentence}. {inside} of {bins} intervals {verb} the predicted probability."


def score_histogram(ranking: Ranking) -> ScoreHistogram:
    """Shares of each class in 25 bins of the probability from 0 to 1."""
    place = np.clip((ranking.probability * HISTOGRAM_BINS).astype(np.int64), 0, HISTOGRAM_BINS - 1)
    sums = [np.bincount(place, ranking.weight[:, c], HISTOGRAM_BINS) for c in (0, 1)]
    other, found = (tuple((s / s.sum()).tolist()) for s in sums)
    middles = [_median(ranking.probability, ranking.weight[:, c]) for c in (0, 1)]
    return ScoreHistogram(
        labels=(ranking.other, ranking.label),
        edges=tuple(np.linspace(0.0, 1.0, HISTOGRAM_BINS + 1).tolist()),
        shares=(other, found),
        sentence=(
            f"Half of “{ranking.label}” get {plain_number(middles[1])} or more, half of "
            f"“{ranking.other}” {plain_number(middles[0])} or less: the further apart, the "
            "better."
        ),
    )


def _median(descending: Floats, weight: Floats) -> float:
    """The value that half of the weight reaches."""
    sums = np.cumsum(weight)
    return float(descending[int(np.searchsorted(sums, sums[-1] / 2))])
