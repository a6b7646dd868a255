"""Permutation importance of the table's columns on unseen rows, with intervals that shrink.

The loss of score when the cells of a column are shuffled (Breiman, Random Forests, 2001; Fisher,
Rudin and Dominici, 2019). Intervals say what other rows would have given: the same differences
over resampled rows (Efron 1979). Shuffles alone would say less than is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl_core.explain.column_groups import Group
from automl_core.explain.sample import BATCH_ROWS, Change, Floats, Rows, Sample
from automl_core.metrics import METRICS, prepare

RESAMPLED = 60  # draws of the rows, the same for all columns
LEAST_STEP = 1e-12  # of a score: less is what rounding does
STUDENT_T = 2.0  # 97.5 % quantile: the deviation is estimated from RESAMPLED draws


@dataclass(frozen=True)
class GroupImportance:
    """The loss of score of columns that are shuffled together, with its 95 % interval."""

    columns: Group
    mean: float  # > 0: the columns help
    low: float
    high: float


@dataclass(frozen=True)
class ColumnImportance:
    """The importance of all columns, most important first, in units of the metric."""

    metric: str
    score: float  # of these rows as they are
    rows: int
    shuffles: int  # of each group
    groups: tuple[GroupImportance, ...]
    left: int  # groups that are not measured yet


@dataclass(frozen=True, eq=False)
class Losses:
    """The loss of score by shuffle, on the rows and on each draw of them."""

    rows: Floats  # (shuffles,)
    drawn: Floats  # (shuffles, draws)


def importance(
    sample: Sample, groups: Sequence[Group], metric: str, shuffles: int, seed: int
) -> Iterator[ColumnImportance]:
    """The importance on these rows after each batch of predictions, ever better."""
    base = _Scores(sample, metric, seed)
    found: list[list[Losses]] = [[] for _ in groups]
    step = max(1, BATCH_ROWS // max(1, sample.rows))
    for shuffle in range(shuffles):
        for start in range(0, len(groups), step):
            places = range(start, min(start + step, len(groups)))
            orders = [_order(sample.rows, (seed, shuffle, place)) for place in places]
            some = [groups[place] for place in places]
            for place, losses in zip(places, base.losses(some, orders), strict=True):
                found[place].append(losses)
            yield _summary(base, groups, found)


def losses_of(
    sample: Sample, group: Group, orders: Sequence[Rows], metric: str, seed: int = 0
) -> Losses:
    """The losses where the cells of a group stand in each of these orders (n,)."""
    found = _Scores(sample, metric, seed).losses([group] * len(orders), orders)
    return _together(found)


class _Scores:
    """The score of a sample as it is, and of changes of it."""

    def __init__(self, sample: Sample, metric: str, seed: int) -> None:
        self.sample, self.metric = sample, metric
        rng = np.random.default_rng((seed, 1))
        n = sample.rows
        draws = [np.bincount(rng.integers(0, n, n), minlength=n) for _ in range(RESAMPLED)]
        self._weights = [w for w in (sample.weights * d for d in draws) if w.sum() > 0]
        self._sign = 1.0 if METRICS[metric].higher_is_better else -1.0
        self.score, self._drawn = self._scored(sample.predicted)

    def _scored(self, prediction: Floats) -> tuple[float, Floats]:
        evaluate = prepare(self.metric, self.sample.y, prediction)
        return evaluate(self.sample.weights), np.array([evaluate(w) for w in self._weights])

    def losses(self, groups: Sequence[Group], orders: Sequence[Rows]) -> list[Losses]:
        """Those of one shuffle of each group."""
        columns = self.sample.typed.columns
        changes: list[Change] = [
            {name: columns[name].take(order) for name in group}
            for group, order in zip(groups, orders, strict=True)
        ]
        found = []
        for prediction in self.sample.predict(changes):
            score, drawn = self._scored(prediction)
            lost = self._sign * (self.score - score)
            found.append(Losses(np.array([lost]), self._sign * (self._drawn - drawn)[None, :]))
        return found


def _summary(
    base: _Scores, groups: Sequence[Group], found: Sequence[Sequence[Losses]]
) -> ColumnImportance:
    measured = []
    for group, parts in zip(groups, found, strict=True):
        if parts:
            losses = _together(parts)
            mean = _plain(float(losses.rows.mean()))
            half = STUDENT_T * float(losses.drawn.mean(axis=0).std(ddof=1))
            measured.append(GroupImportance(group, mean, _plain(mean - half), _plain(mean + half)))
    return ColumnImportance(
        metric=base.metric,
        score=float(base.score),
        rows=base.sample.rows,
        shuffles=min(len(parts) for parts in found) if measured else 0,
        groups=tuple(sorted(measured, key=lambda g: -g.mean)),
        left=len(groups) - len(measured),
    )


def _together(parts: Sequence[Losses]) -> Losses:
    return Losses(
        np.concatenate([part.rows for part in parts]), np.concatenate([p.drawn for p in parts])
    )


def _plain(value: float) -> float:
    return 0.0 if abs(value) < LEAST_STEP else value


def _order(rows: int, seed: tuple[int, ...]) -> NDArray[np.int64]:
    return np.random.default_rng(seed).permutation(rows).astype(np.int64)
