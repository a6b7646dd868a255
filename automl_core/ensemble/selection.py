"""Selects trials and their weights for an average: greedy selection, cross-validated.

Weights are chosen on at most `rows` rows. Guards against overfitting the selection:

- few rounds on few rows: a fiftieth of the rows, at least 10, at most 40
- the score is cross-validated: each fifth of the rows is averaged with the weights that were
  chosen on the other four
- the best single candidate goes through the same, chosen out of all on four parts and measured on
  the fifth; where the average is worse by more than two standard errors of the difference, the
  selection is the single candidate that is best on all rows
- the choice between the two is cross-validated as well: each fifth is scored by the one that holds
  on the other four, so the score is not that of a winner
- a tenth of an average's weight is shared equally by the best candidates of the families that are
  statistically tied with the best: which of them looks best here is chance, and families err apart

Measured on halves of real rows: without any standard error, noise throws away a tenth to a half
of what averages gain. Two instead of one, on random parts of 150 and 400 rows of 15 tables: the
loss on the other rows falls on seven and eight tables and rises on one and three; on three it rises
by 0.1 to 1.5 %. The shared tenth on top: median -0.1 % and 0 %, at worst +0.04 %; where nearly
every row is told apart (area above 0.99) the rest of it falls by a seventh to a half.
F1 and balanced accuracy depend on where the threshold lies, which log loss does not look at: there
the average has to be no worse. Choosing fewer rounds by cross-validation, the usual extra guard,
loses a tenth to a third of the gain, too: the first rounds are coarse averages, and the later ones
smooth them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from automl_core.ensemble.candidates import (
    Candidate,
    Floats,
    Limits,
    Problem,
    Rows,
    ceiling,
    costs,
    sample_rows,
    take,
)
from automl_core.ensemble.greedy import gather, grow
from automl_core.ensemble.statistical_ties import standard_error, tied
from automl_core.evaluation import apply_temperature, cross_calibrate
from automl_core.metrics import loss_of, score

__all__ = ["Candidate", "Limits", "Problem", "Selection", "select"]

PARTS = 5
ERRORS = 2.0  # standard errors by which an average may seem worse than the best single one
STRICT = ("f1", "balanced_accuracy")  # metrics for which it may not
POOL = 25  # candidates that the rounds choose from: the best, and the best of each family
SHARED = 0.1  # of the weight of an average, which the leading families have in equal shares
SINGLES = 5  # candidates that may be the best single one
FEWEST_ROUNDS, MOST_ROUNDS, ROWS_A_ROUND = 10, 40, 50
RANKED_CELLS = 400_000  # rows times classes on which candidates are ranked, at most
LEADER_ROWS = 8_000  # on which families are compared with the best, at most
CROSS_RANKED_ROWS = 2_000  # on which all candidates are ranked without a part, at most


@dataclass(frozen=True)
class Selection:
    """An average of candidates, what it scores and what it costs."""

    weights: tuple[float, ...]  # one a candidate, most of them 0, sum 1
    score: float  # natural sign; cross-validated, unless there is only one candidate
    rounds: int  # of the greedy selection; 1: a single candidate
    temperature: float  # of the averaged probabilities; 1 where none makes them better
    members: int  # fitted models of all candidates with a weight
    predict_ms_per_row: float
    size_bytes: int
    prediction: Floats = field(compare=False, repr=False)  # that the score is of: (n,[ classes])


@dataclass(frozen=True, eq=False)
class _Result:
    score: float
    temperature: float
    prediction: Floats  # that the score is of
    weights: Floats  # (m,)
    rounds: int


def select(
    problem: Problem,
    candidates: Sequence[Candidate],
    limits: Limits | None = None,
    *,
    rows: int = 8_000,
    seconds: float = 10.0,
    is_stopped: Callable[[], bool] = lambda: False,
) -> Selection | None:
    """The average to use; None where no candidate keeps within the limits or has a score.

    Deterministic, unless `seconds` run out or `is_stopped` turns true, which is asked before each
    round: then rounds end early, and what there is counts.
    Candidates with predictions that are no numbers are left out.
    """
    until = time.monotonic() + seconds
    cost, most = costs(candidates), ceiling(limits or Limits())
    usable = [
        i
        for i, c in enumerate(candidates)
        if (cost[i] <= most).all() and np.isfinite(c.prediction).all()
    ]
    n = len(problem.y)
    sample = sample_rows(n, rows)
    ranked = _ranked(problem, candidates, usable, sample)
    if not ranked:
        return None
    found = _best_single(problem, candidates, ranked[:SINGLES])
    if len(ranked) > 1 and n >= PARTS:
        part = np.random.default_rng(1).permutation(n) % PARTS
        split = _Split(problem, candidates, sample, part)
        rankings = [*(_ranked_without(split, ranked, number) for number in range(PARTS)), ranked]
        limited = _Limited(cost, most, until, is_stopped)
        average = _average(split, rankings, limited)
        rival = _cross_single(split, rankings[:PARTS])
        if _holds(problem, average.prediction, rival.prediction):
            found = average
        crossed = _crossed_choice(split, average.prediction, rival.prediction)
        claim = score(problem.metric, problem.y, crossed, problem.weight)
        if np.isfinite(claim):
            found = replace(found, score=claim, prediction=crossed)
    return _selection(found, candidates) if np.isfinite(found.score) else None


def _holds(problem: Problem, average: Floats, single: Floats) -> bool:
    """True where the average is not worse than the best single one, both cross-validated."""

    def loss(prediction: Floats) -> float:
        value = score(problem.metric, problem.y, prediction, problem.weight)
        return loss_of(problem.metric, value)

    worse = loss(average) - loss(single)
    if problem.metric in STRICT:
        return worse <= 0
    return worse <= ERRORS * standard_error(problem, average, single)


def rounds_for(rows: int) -> int:
    """The number of rounds for so many rows."""
    return min(MOST_ROUNDS, max(FEWEST_ROUNDS, rows // ROWS_A_ROUND))


@dataclass(frozen=True, eq=False)
class _Split:
    problem: Problem
    candidates: Sequence[Candidate]
    sample: Rows  # row numbers that choices are made on
    part: NDArray[np.int64]  # (n,) which of the PARTS a row is measured in

    def without(self, number: int) -> Rows:
        """Rows that choices are made on, but those of one part; all where there is no such part."""
        return np.asarray(self.sample[self.part[self.sample] != number])

    def crossed(self, weights: Floats) -> Floats:
        """Predictions for all rows with the weights (PARTS, candidates) of each row's part."""
        total = np.zeros_like(self.candidates[0].prediction)
        for i, candidate in enumerate(self.candidates):
            if weights[:, i].any():
                shares = weights[self.part, i]
                total += (shares if total.ndim == 1 else shares[:, None]) * candidate.prediction
        return total


def _ranked(
    problem: Problem, candidates: Sequence[Candidate], usable: list[int], sample: Rows
) -> list[int]:
    """Candidates with a score, best first."""
    if not usable:
        return []
    classes = candidates[usable[0]].prediction[:1].size or 1
    few = sample[sample_rows(len(sample), max(1_000, RANKED_CELLS // classes))]
    part = take(problem, few)
    losses = {}
    for i in usable:
        value = score(part.metric, part.y, candidates[i].prediction[few], part.weight)
        if np.isfinite(value):
            losses[i] = loss_of(part.metric, value)
    return sorted(losses, key=lambda i: losses[i])


def _pool(ranked: list[int], candidates: Sequence[Candidate]) -> list[int]:
    """The best, and the best of each family, best first."""
    seen: set[str] = set()
    pool = []
    for place, i in enumerate(ranked):
        if place < POOL or candidates[i].family not in seen:
            pool.append(i)
        seen.add(candidates[i].family)
    return pool


def _measure(problem: Problem, prediction: Floats, weights: Floats, rounds: int) -> _Result:
    """Score and temperature; a log loss is that of cross-fitted temperatures where one is kept.

    Other metrics see only which row is before which: five temperatures would mix up their order.
    """
    temperature = 1.0
    if problem.task != "regression":
        classes = problem.y.astype(np.int64)
        temperature, crossed = cross_calibrate(classes, prediction, problem.weight)
        log_loss = problem.metric == "log_loss"
        prediction = crossed if log_loss else apply_temperature(prediction, temperature)
    value = score(problem.metric, problem.y, prediction, problem.weight)
    return _Result(value, temperature, prediction, weights, rounds)


def _best_single(problem: Problem, candidates: Sequence[Candidate], best: list[int]) -> _Result:
    """The best of a few candidates on all rows, with its own score."""

    def loss(i: int) -> float:
        value = score(problem.metric, problem.y, candidates[i].prediction, problem.weight)
        return loss_of(problem.metric, value)

    chosen = min(best, key=loss)
    weights = np.zeros(len(candidates))
    weights[chosen] = 1.0
    return _measure(problem, candidates[chosen].prediction, weights, 1)


@dataclass(frozen=True, eq=False)
class _Limited:
    cost: Floats  # (m, 3), see `costs`
    most: Floats  # (3,)
    until: float  # time.monotonic() at which rounds end
    is_stopped: Callable[[], bool]

    def is_over(self, until: float) -> bool:
        return time.monotonic() > until or self.is_stopped()


def _average(split: _Split, rankings: list[list[int]], limited: _Limited) -> _Result:
    """Weights chosen on all sampled rows; the score is that of weights chosen on four fifths."""
    pool = _pool(rankings[PARTS], split.candidates)
    evidence = gather(split.problem, [split.candidates[i] for i in pool], split.sample)
    part = split.part[split.sample]
    rounds = rounds_for(len(split.sample))
    cost, most = limited.cost, limited.most
    solutions = np.zeros((PARTS + 1, len(split.candidates)))
    for number in range(PARTS + 1):  # the last one leaves no rows out
        now = time.monotonic()
        share = now + (limited.until - now) / (PARTS + 1 - number)
        is_over = partial(limited.is_over, share)
        counts = grow(evidence.average(part != number), cost[pool], most, rounds, is_over)
        solutions[number, pool] = counts / counts.sum()
        leaders = _leaders(split, rankings[number], number)
        solutions[number] = _shared(solutions[number], leaders, cost, most)
    crossed = split.crossed(solutions[:PARTS])
    return _measure(split.problem, crossed, solutions[PARTS], rounds)


def _leaders(split: _Split, ranked: list[int], number: int) -> list[int]:
    """The best of each family, where it is tied with the best of all on the rows of other parts."""
    firsts: dict[str, int] = {}
    for i in ranked:
        firsts.setdefault(split.candidates[i].family, i)
    if len(firsts) < 2:
        return []
    rows = split.without(number)
    rows = rows[sample_rows(len(rows), LEADER_ROWS)]
    predictions = [split.candidates[i].prediction[rows] for i in firsts.values()]
    answers = tied(take(split.problem, rows), predictions[0], predictions)
    return [i for i, answer in zip(firsts.values(), answers, strict=True) if answer]


def _shared(weights: Floats, leaders: list[int], cost: Floats, most: Floats) -> Floats:
    """The weights (m,), of which leaders that keep within the limits share SHARED equally."""
    spent = cost[weights > 0].sum(axis=0)
    fitting = []
    for i in leaders:
        added = cost[i] * (weights[i] == 0)
        if (spent + added <= most).all():
            spent = spent + added
            fitting.append(i)
    if len(fitting) < 2:
        return weights
    shares = np.zeros(len(weights))
    shares[fitting] = 1 / len(fitting)
    return np.asarray((1 - SHARED) * weights + SHARED * shares)


def _ranked_without(split: _Split, ranked: list[int], number: int) -> list[int]:
    """All candidates in the order that rows of the other parts say, of many rows some of them.

    A ranking on all rows would flatter its first ones on the rows of this part.
    """
    rows = split.without(number)
    few = rows[sample_rows(len(rows), CROSS_RANKED_ROWS)]
    return _ranked(split.problem, split.candidates, ranked, few) or ranked


def _cross_single(split: _Split, rankings: list[list[int]]) -> _Result:
    """The best single candidate, chosen on four parts of the rows and measured on the fifth.

    Where a ranking was of some of the rows, its first few are compared on all.
    """
    weights = np.zeros((PARTS, len(split.candidates)))
    for number, near in enumerate(rankings):
        rows = split.without(number)
        best = _ranked(split.problem, split.candidates, near[:SINGLES], rows) or near
        weights[number, best[0]] = 1.0
    return _measure(split.problem, split.crossed(weights), weights.mean(axis=0), 1)


def _crossed_choice(split: _Split, average: Floats, single: Floats) -> Floats:
    """Predictions of a choice between the two: each part by the one that holds on the others.

    The better one's own score would be that of a winner.
    """
    problem = split.problem
    prediction = average.copy()
    for number in range(PARTS):
        rows = split.without(number)
        if not _holds(take(problem, rows), average[rows], single[rows]):
            left_out = split.part == number
            prediction[left_out] = single[left_out]
    return prediction


def _selection(found: _Result, candidates: Sequence[Candidate]) -> Selection:
    total = costs(candidates)[found.weights > 0].sum(axis=0)
    return Selection(
        weights=tuple(map(float, found.weights)),
        score=found.score,
        rounds=found.rounds,
        temperature=found.temperature,
        members=int(total[0]),
        predict_ms_per_row=float(total[1]),
        size_bytes=int(total[2]),
        prediction=found.prediction,
    )
