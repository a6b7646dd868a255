"""Rows by the probability of one of two classes, sorted once for all that is asked of thresholds.

A row is flagged where its probability is above the threshold, as the model itself does at 0.5.
Knows nothing of runs, of money, or of how anything is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Ranking:
    """Groups of rows with equal probability, the most probable first.

    Arrays of shape (groups, 2) have the other class first. Weights have a mean of 1 over the rows,
    so that their sums read as rows.
    """

    label: str  # the class that is looked for
    other: str
    probability: Floats  # (groups,), descending
    rows: Integers  # (groups, 2)
    weight: Floats  # (groups, 2): sum over the rows
    square: Floats  # (groups, 2): sum of squared weights
    weighted: bool  # whether any row counts more than another

    @property
    def flagged(self) -> Floats:
        """Weight by class of this group and all before it, (groups, 2)."""
        sums: Floats = np.cumsum(self.weight, axis=0)
        return sums

    @property
    def totals(self) -> Floats:
        """Weight by class of all rows, (2,)."""
        sums: Floats = self.weight.sum(axis=0)
        return sums


@dataclass(frozen=True)
class AtThreshold:
    """What a threshold does with the rows, each counted by its weight."""

    threshold: float
    hits: float  # flagged, and of the class
    alarms: float  # flagged, and not of the class
    misses: float  # of the class, and not flagged
    rest: float  # neither

    @property
    def share(self) -> float:
        """Share of the rows that is flagged."""
        return (self.hits + self.alarms) / (self.hits + self.alarms + self.misses + self.rest)

    @property
    def precision(self) -> float | None:
        """Share of the flagged rows that is of the class; None where none is flagged."""
        return self.hits / (self.hits + self.alarms) if self.hits + self.alarms > 0 else None

    @property
    def recall(self) -> float:
        """Share of the class that is flagged."""
        return self.hits / (self.hits + self.misses)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 where nothing is found."""
        return 2 * self.hits / (2 * self.hits + self.alarms + self.misses)


def rank_rows(
    y: Integers, probability: Floats, weight: Floats | None, labels: Sequence[str]
) -> Ranking | str:
    """The ranking of y (n,) of 0 and 1 by the probability (n,) of class 1; or why there is none.

    Rows of weight 0 are left out. The reason is a sentence: no rows, one class, a probability that
    is not a number.
    """
    counted = np.ones(len(y), np.float64) if weight is None else np.asarray(weight, np.float64)
    kept = counted > 0
    if not kept.any():
        return "There is no row to judge by."
    if not np.isfinite(probability[kept]).all():
        return "Some of the model's probabilities are not numbers: nothing can be judged by them."
    found = np.bincount(y[kept], minlength=2)
    if not found.all():
        only = labels[int(found.argmax())]
        return f"The unseen rows are all “{only}”: with one class there is nothing to tell apart."
    order = np.flatnonzero(kept)[np.argsort(-probability[kept])]
    ranked, classes = probability[order].astype(np.float64), y[order]
    counted = counted[order] / counted[order].mean()
    starts = np.append(0, np.flatnonzero(np.diff(ranked)) + 1)
    one = np.column_stack([classes == 0, classes == 1])
    each = one * counted[:, None]
    return Ranking(
        label=str(labels[1]),
        other=str(labels[0]),
        probability=ranked[starts],
        rows=np.add.reduceat(one.astype(np.int64), starts, axis=0),
        weight=np.add.reduceat(each, starts, axis=0),
        square=np.add.reduceat(each * counted[:, None], starts, axis=0),
        weighted=bool(counted.min() < counted.max()),
    )


def at_threshold(ranking: Ranking, threshold: float) -> AtThreshold:
    """What is flagged above the threshold, and what is not."""
    groups = int(np.searchsorted(-ranking.probability, -threshold, side="left"))
    alarms, hits = ranking.weight[:groups].sum(axis=0).tolist()
    rest, misses = ranking.weight[groups:].sum(axis=0).tolist()
    return AtThreshold(threshold, hits, alarms, misses, rest)


def threshold_below(ranking: Ranking, groups: int) -> float:
    """The shortest decimal above which the first `groups` groups lie, and no others.

    1 for none of them. Nothing from 0 on is below a probability of 0: for such a group it is 0.
    """
    if groups == 0:
        return 1.0
    high = float(ranking.probability[groups - 1])
    low = float(ranking.probability[groups]) if groups < len(ranking.probability) else 0.0
    for digits in range(1, 17):
        shown = float(f"{(low + high) / 2:.{digits}f}")
        if low <= shown < high:
            return shown
    return low


def sum_groups(ranking: Ranking, ends: Integers) -> Ranking:
    """The same rows in fewer groups: each ends with the group of that place, the last is the last.

    A group's probability is that of its last rows, the lowest.
    """
    starts = np.append(0, ends[:-1] + 1)
    return Ranking(
        label=ranking.label,
        other=ranking.other,
        probability=ranking.probability[ends],
        rows=np.add.reduceat(ranking.rows, starts, axis=0),
        weight=np.add.reduceat(ranking.weight, starts, axis=0),
        square=np.add.reduceat(ranking.square, starts, axis=0),
        weighted=ranking.weighted,
    )
