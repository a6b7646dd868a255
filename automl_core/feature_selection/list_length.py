"""The number of columns that is enough: lists of several lengths, compared row by row.

Works on predictions and losses alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl_core.ensemble import Problem, standard_error
from automl_core.feature_selection.sample import Question, Sample
from automl_core.metrics import loss_of, score

Floats = NDArray[np.float64]

SHORTEN_FROM = 30
"""Columns from which on a list may be taken that costs nothing; below, it has to gain."""

SURE = 1.0
"""Standard errors of doubt that the difference to all columns is charged with."""

TOLERANCE = 0.01
"""Share of what columns gain over the constant that a shorter list may cost."""

LUCK = 2.0
"""Standard errors by which a list may be worse than the best one."""

MOST = 0.9
"""Share of what the best list gains over all columns, for which a shorter one is taken."""

BEYOND = 2.0
"""Standard errors that the best list has to gain over the constant: it is the best of many."""


@dataclass(frozen=True, eq=False)
class Attempt:
    """Fits on the best `length` columns, measured on rows that they were not trained on."""

    length: int
    prediction: Floats  # (n, classes) or (n,)
    losses: Floats  # (n,) log loss or squared error of each row, weighted
    constant: Floats  # (n,) the constant's


def shortest(attempts: Sequence[Attempt]) -> int:
    """The place of the list to take, among attempts from long to short; 0, all, where in doubt.

    A list is fit to be taken where it is no worse than all columns even if the difference is
    SURE standard errors larger than measured: few rows prove little, so little leaves. Fewer
    than SHORTEN_FROM columns are shortened for a gain alone; of more, a list may cost TOLERANCE
    of what the best gains over the constant. Of the lists that are fit the shortest is taken that
    brings MOST of what the best of them gains over all columns, or is not worse than that one by
    more than LUCK standard errors, nor by more than TOLERANCE. Where no list gains anything
    beyond noise there is nothing to choose by.
    """
    best = _best(attempts)
    gained, noise = _difference(best.constant, best.losses)
    if gained <= BEYOND * noise:
        return 0
    cost = TOLERANCE * gained
    margin = cost if attempts[0].length >= SHORTEN_FROM else 0.0
    fit = [attempts[0], *(a for a in attempts[1:] if _most_cost(a, attempts[0]) <= margin)]
    best = _best(fit)
    spare = (1.0 - MOST) * _difference(attempts[0].losses, best.losses)[0]
    for one in reversed(fit):
        worse, error = _difference(one.losses, best.losses)
        if worse <= max(spare, min(LUCK * error, cost)):
            break
    return attempts.index(one)


def _most_cost(short: Attempt, whole: Attempt) -> float:
    """What the shorter list may cost at most, but for a small chance."""
    cost, error = _difference(short.losses, whole.losses)
    return cost + SURE * error


def is_hopeless(attempts: Sequence[Attempt]) -> bool:
    """True where the shortest list is so much worse than the best that no shorter one can win."""
    best, short = _best(attempts), min(attempts, key=lambda a: a.length)
    gained, _ = _difference(best.constant, best.losses)
    worse, error = _difference(short.losses, best.losses)
    return worse > max(3 * error, 2 * TOLERANCE * gained)


def _best(attempts: Sequence[Attempt]) -> Attempt:
    return min(attempts, key=lambda a: float(a.losses.mean()))


def _difference(a: Floats, b: Floats) -> tuple[float, float]:
    """Mean and standard error of a - b, both (n,)."""
    difference = a - b
    return float(difference.mean()), float(difference.std() / np.sqrt(max(1, len(a))))


def compared(
    question: Question, sample: Sample, attempts: Sequence[Attempt], taken: int
) -> list[tuple[float, float, float]]:
    """(score, how much better than the list that was taken, standard error) of each list."""
    problem = Problem(question.metric, question.task, sample.y, sample.weight)
    scores = [score(question.metric, sample.y, a.prediction, sample.weight) for a in attempts]
    losses = [loss_of(question.metric, s) for s in scores]
    errors = [
        0.0 if i == taken else standard_error(problem, a.prediction, attempts[taken].prediction)
        for i, a in enumerate(attempts)
    ]
    better = [losses[taken] - loss for loss in losses]
    return list(zip(scores, better, errors, strict=True))
