"""Precision and recall, cumulative gain and lift of a ranking, by the rows that are flagged.

Numbers and one sentence in plain words, independent of how they are drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from automl_core.evaluation.number_words import plain_number
from automl_core.evaluation.ranking import Floats, Integers, Ranking
from automl_core.words import percent

TOP = 0.1
"""Share of the rows that the sentence on gain and lift is about."""


@dataclass(frozen=True)
class PrecisionRecall:
    """Precision against recall, from the highest threshold to the lowest."""

    label: str
    recall: tuple[float, ...]  # ascending, to 1
    precision: tuple[float, ...]  # same length
    threshold: tuple[float, ...]  # the lowest probability that is flagged, same length
    average: float  # average precision, of the whole curve before it was thinned
    base: float  # precision where all rows are flagged: the class's share of the rows
    sentence: str


@dataclass(frozen=True)
class CumulativeGain:
    """Share of the class that is found in the most probable rows, by the share of these rows."""

    label: str
    share: tuple[float, ...]  # of all rows, from 0 to 1
    found: tuple[float, ...]  # of the class, from 0 to 1, same length
    lift: tuple[float, ...]  # found / share, same length; at 0 that of the first rows
    base: float  # the class's share of the rows: a perfect ranking has found all there
    sentence: str
    lift_sentence: str


def precision_recall(ranking: Ranking, max_points: int = 200) -> PrecisionRecall:
    """The curve over all thresholds; `average` sums precision over the steps of recall."""
    flagged, totals = ranking.flagged, ranking.totals
    recall, precision = flagged[:, 1] / totals[1], flagged[:, 1] / flagged.sum(axis=1)
    average = float((np.diff(recall, prepend=0.0) * precision).sum())
    base = float(totals[1] / totals.sum())
    f1 = 2 * flagged[:, 1] / (flagged.sum(axis=1) + totals[1])
    best = int(f1.argmax())
    keep = _even(recall, max_points)
    return PrecisionRecall(
        label=ranking.label,
        recall=tuple(recall[keep].tolist()),
        precision=tuple(precision[keep].tolist()),
        threshold=tuple(ranking.probability[keep].tolist()),
        average=average,
        base=base,
        sentence=(
            f"Where the two are balanced best, {percent(recall[best])} of “{ranking.label}” are "
            f"found, and {percent(precision[best])} of the flagged rows are right; flagging at "
            f"random, {percent(base)} would be."
        ),
    )


def cumulative_gain(ranking: Ranking, max_points: int = 200) -> CumulativeGain:
    """Gain and lift as more and more rows are flagged; equal probabilities come together."""
    flagged, totals = ranking.flagged, ranking.totals
    share = np.append(0.0, flagged.sum(axis=1) / totals.sum())
    found = np.append(0.0, flagged[:, 1] / totals[1])
    lift = found[1:] / share[1:]
    lift = np.append(lift[0], lift)
    top = float(np.interp(TOP, share, found))
    keep = _even(share + found, max_points)
    return CumulativeGain(
        label=ranking.label,
        share=tuple(share[keep].tolist()),
        found=tuple(found[keep].tolist()),
        lift=tuple(lift[keep].tolist()),
        base=float(totals[1] / totals.sum()),
        sentence=(
            f"The most probable {percent(TOP)} of the rows hold {percent(top)} of all "
            f"“{ranking.label}”."
        ),
        lift_sentence=(
            f"Among the most probable {percent(TOP)} of the rows “{ranking.label}” is "
            f"{plain_number(top / TOP)} times as common as among all rows."
        ),
    )


def _even(way: Floats, most: int) -> Integers:
    """At most `most` places, in even steps of `way` (n,), which never falls; first and last too."""
    if len(way) <= most:
        return np.arange(len(way))
    steps = np.searchsorted(way, np.linspace(way[0], way[-1], most))
    return np.unique(np.append(np.minimum(steps, len(way) - 1), len(way) - 1))
