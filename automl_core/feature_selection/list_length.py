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

TOLERANCE = 0.01
"""Share of what columns gain over the constant that a shorter list may cost."""

LUCK = 2.0
"""Standard errors by which a list may be worse than the best one."""

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
    """The place of the shortest list that costs nothing, among attempts from long to short.

    Not worse than all columns by more than one standard error of the paired difference, nor
    than the best list by more than LUCK of them: the best of many lists is best by luck, too.
    Nor worse than the best by more than TOLERANCE of what that gains over the constant. Where
    no list gains anything beyond noise there is nothing to choose by, and the longest stays.
    """
    best = _best(attempts)
    gained, noise = _difference(best.constant, best.losses)
    if gained <= BEYOND * noise:
        return 0
    for i in reversed(range(len(attempts))):
        worse, error = _difference(attempts[i].losses, best.losses)
        cost, doubt = _difference(attempts[i].losses, attempts[0].losses)
        if worse <= min(LUCK * error, TOLERANCE * gained) and cost <= doubt:
            return i
    return attempts.index(best)


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
