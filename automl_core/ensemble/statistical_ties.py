"""Models that are statistically as good as the best one, by paired comparison on the same rows.

The score is written as a mean over rows to first order, by each row's influence on it. The spread
of the differences of two models' influences is the standard error of the difference of their
scores, for every metric, without resampling.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from automl_core.ensemble.candidates import Candidate, Floats, Problem, sample_rows, take
from automl_core.evaluation import influences as influences_on
from automl_core.metrics import loss_of, score

TIED_CELLS = 40_000  # rows times classes that are compared, at most; never below 1,000 rows

CLOSE = 1.5  # standard errors


def tied(problem: Problem, winner: Floats, predictions: Sequence[Floats]) -> tuple[bool, ...]:
    """One answer a model: True where it is not significantly worse than the winner.

    `winner` and `predictions` are (n, classes) or (n,). Tied: the 95 % interval of the paired
    difference (Student's t) holds 0, or the model is better. Uses a fixed sample where there
    are many rows.
    """
    rows = sample_rows(len(problem.y), _most(winner))
    part = take(problem, rows)
    best = influences(part, winner[rows])
    answers = []
    for prediction in predictions:
        worse, error = _compare(part, prediction[rows], winner[rows], best)
        answers.append(bool(worse <= _quantile(len(rows)) * error))
    return tuple(answers)


def smallest_tied(problem: Problem, winner: Floats, candidates: Sequence[Candidate]) -> int | None:
    """The candidate with the fewest bytes, then milliseconds, that is tied; None: none is."""
    answers = tied(problem, winner, [c.prediction for c in candidates])
    small = [i for i, answer in enumerate(answers) if answer]

    def size(i: int) -> tuple[int, float]:
        return candidates[i].size_bytes, candidates[i].predict_ms_per_row

    return min(small, key=size, default=None)


def share_close(problem: Problem, best: Floats, others: Sequence[Floats]) -> float:
    """The share of the others that are worse than `best` by less than luck may be; 0 without any.

    CLOSE standard errors of the difference: the best of six equal models is ahead of the others
    by 1.1 of them on average.
    """
    rows = sample_rows(len(problem.y), _most(best))
    part = take(problem, rows)
    of_best = influences(part, best[rows])
    scale = np.sqrt(len(rows) / max(1, len(problem.y)))
    pairs = [_compare(part, other[rows], best[rows], of_best) for other in others]
    return (
        float(np.mean([worse <= CLOSE * scale * error for worse, error in pairs])) if pairs else 0.0
    )


def standard_error(problem: Problem, a: Floats, b: Floats) -> float:
    """The standard error of the difference between the scores of two predictions (n rows)."""
    rows = sample_rows(len(problem.y), _most(a))
    part = take(problem, rows)
    spread = influences(part, a[rows]) - influences(part, b[rows])
    return float(spread.std() / np.sqrt(max(1, len(problem.y) - 1)))


def _compare(problem: Problem, a: Floats, b: Floats, of_b: Floats) -> tuple[float, float]:
    spread = influences(problem, a) - of_b
    metric, y, weight = problem.metric, problem.y, problem.weight
    worse = loss_of(metric, score(metric, y, a, weight)) - loss_of(
        metric, score(metric, y, b, weight)
    )
    return worse, float(spread.std() / np.sqrt(max(1, len(spread) - 1)))


def influences(problem: Problem, prediction: Floats) -> Floats:
    """Each row's influence (n,) on the score; see evaluation/influence.py."""
    return influences_on(problem.metric, problem.y, prediction, problem.weight)


def _most(prediction: Floats) -> int:
    return max(1_000, TIED_CELLS // max(1, prediction[:1].size))


def _quantile(rows: int) -> float:
    """97.5 % quantile of Student's t, good to three digits from 30 rows on."""
    return 1.96 + 2.4 / max(1, rows - 1)
