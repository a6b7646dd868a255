"""Finds pairs of columns that improve predictions, from training rows alone.

Each half of the rows proposes pairs by the part that they explain of a booster's out-of-fold
residuals within that half, and ranks them by their gain beside all columns. Their benefit is
measured on the other half, which has neither proposed nor fitted: the number of pairs with most
benefit is kept, and none where that is not clearly more than noise, also with a booster that has
enough rounds to find the same without them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.ensemble import Problem, standard_error
from automl_core.feature_selection.outcome import Combined
from automl_core.feature_selection.pair_candidates import by_promise, pairs_of
from automl_core.feature_selection.quick_booster import (
    STEADY,
    THOROUGH,
    Interrupted,
    Matrices,
    OutOfTimeError,
    encode,
    learn,
    row_losses,
)
from automl_core.feature_selection.sample import Question, Sample
from automl_core.features import Pair
from automl_core.metrics import loss_of, score
from automl_core.types import Config

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

FEWEST_ROWS = 400  # below, a benefit could not be told from noise
PROPOSED = 20  # pairs of each half that are encoded and fitted
LENGTHS = (3, 8, 1)  # how many pairs are tried, as far as the time goes
BEYOND = 2.0  # standard errors, paired over rows, that the kept pairs bring at least
MOST = 0.8  # share of what the best number of pairs brings, for which fewer are taken
PAYS = 0.005  # share of the loss with all columns that they bring at least


def combine(question: Question, sample: Sample, seed: int, interrupted: Interrupted) -> Combined:
    """The pairs that improve predictions; none where the time does not suffice to decide.

    `sample` holds training rows only.
    """
    if len(sample) < FEWEST_ROWS or len(question.columns) < 2:
        return Combined((), 0, 0.0, 0.0)
    order = np.random.default_rng(seed).permutation(len(sample))
    parts = [np.sort(part) for part in np.array_split(order, 2)]
    try:
        halves = [_half(question, sample, (parts[1 - i], parts[i]), interrupted) for i in range(2)]
        return _decided(question, sample, halves, interrupted)
    except OutOfTimeError:
        return Combined((), 0, 0.0, 0.0, unfinished=True)


@dataclass(frozen=True, eq=False)
class _Half:
    """The pairs that one half proposes, and both halves encoded with them."""

    matrices: Matrices
    valid: Rows  # of the other half, positions in the sample
    pairs: tuple[Pair, ...]  # best first
    shares: Floats  # (pairs,) of all gains
    places: Rows  # (pairs,) of each in the matrices' sources
    proposed: int  # pairs that were looked at


def _half(
    question: Question, sample: Sample, rows: tuple[Rows, Rows], interrupted: Interrupted
) -> _Half:
    train, valid = rows
    own = sample.take(train)
    count = len(question.columns)
    residuals, gains = _residuals(question, own, interrupted)
    candidates = pairs_of(question, own, gains)
    if interrupted() is not None:
        raise OutOfTimeError
    pairs = tuple(by_promise(candidates, own, residuals)[:PROPOSED])
    matrices = encode(question, own, sample.take(valid), pairs)
    every = learn(matrices, count + len(pairs), 0, interrupted, STEADY).gains
    order = np.argsort(-every[count:], kind="stable")
    order = order[every[count:][order] > 0]
    shares = every[count:][order] / max(float(every.sum()), 1e-300)
    best = tuple(pairs[i] for i in order.tolist())
    return _Half(matrices, valid, best, shares, count + order, len(candidates))


def _residuals(
    question: Question, sample: Sample, interrupted: Interrupted
) -> tuple[Floats, Floats]:
    """Out-of-fold residuals (n, k) of a booster on all columns, and the columns' gains (c,)."""
    count = len(question.columns)
    outputs = max(1, question.classes if question.classes > 2 else 1)
    residuals, gains = np.zeros((len(sample), outputs)), np.zeros(count)
    order = np.random.default_rng(1).permutation(len(sample))
    parts = [np.sort(part) for part in np.array_split(order, 2)]
    for i in range(2):
        valid = parts[i]
        matrices = encode(question, sample.take(parts[1 - i]), sample.take(valid))
        answer = learn(matrices, count, i, interrupted, STEADY)
        residuals[valid] = _misses(question, sample.y[valid], answer.prediction)
        gains += answer.gains
    if question.task == "regression":  # a few outliers must not decide
        far = 4 * np.median(np.abs(residuals))
        residuals = np.clip(residuals, -far, far)
    return residuals, gains


def _misses(question: Question, y: NDArray[Any], prediction: Floats) -> Floats:
    if question.task == "regression":
        return np.asarray(y - prediction, dtype=np.float64)[:, None]
    truth = np.asarray(y[:, None] == np.arange(question.classes), dtype=np.float64)
    missed = truth - prediction
    return missed[:, 1:] if question.classes == 2 else missed


def _decided(
    question: Question, sample: Sample, halves: list[_Half], interrupted: Interrupted
) -> Combined:
    proposed = max(half.proposed for half in halves)
    most = max(len(half.pairs) for half in halves)
    none = Combined((), proposed, 0.0, 0.0)
    if not most:
        return none
    without = _predicted(question, halves, 0, interrupted)
    tried = {}
    for length in (n for n in LENGTHS if n <= most):
        try:
            tried[length] = _predicted(question, halves, length, interrupted)
        except OutOfTimeError:
            if not tried:
                raise
            break
    weight = np.ones(len(sample)) if sample.weight is None else sample.weight
    losses = {
        n: weight * row_losses(question, sample.y, p) for n, p in (tried | {0: without}).items()
    }
    best = _fewest(losses)
    if not _pays(losses[0], losses[best]):
        return none
    both = [_predicted(question, halves, n, interrupted, THOROUGH) for n in (0, best)]
    if not _pays(*(weight * row_losses(question, sample.y, p) for p in both)):
        return none
    problem = Problem(question.metric, question.task, sample.y, sample.weight)
    scores = [score(question.metric, sample.y, p, sample.weight) for p in both]
    better = loss_of(question.metric, scores[0]) - loss_of(question.metric, scores[1])
    noise = standard_error(problem, both[0], both[1])
    return Combined(_together(halves, best), proposed, better, noise)


def _pays(without: Floats, having: Floats) -> bool:
    """True where the losses (n,) are clearly lower with the pairs."""
    brought, error = _difference(without, having)
    return brought > max(BEYOND * error, PAYS * float(without.mean()))


def _fewest(losses: dict[int, Floats]) -> int:
    """The smallest number of pairs that brings most of what the best brings; 0 is without any."""
    means = {n: float(loss.mean()) for n, loss in losses.items()}
    counts = sorted(n for n in means if n)
    best = min(counts, key=lambda n: means[n])
    most = MOST * max(0.0, means[0] - means[best])
    return next((n for n in counts if 0.0 < most <= means[0] - means[n]), best)


def _difference(a: Floats, b: Floats) -> tuple[float, float]:
    """Mean and standard error of a - b, both (n,)."""
    difference = a - b
    return float(difference.mean()), float(difference.std() / np.sqrt(len(difference)))


def _predicted(
    question: Question, halves: list[_Half], length: int, interrupted: Interrupted,
    config: Config = STEADY,
) -> Floats:  # fmt: skip
    """Predictions for the rows of each half, by fits on the other with its best `length` pairs."""
    count = len(question.columns)
    base = np.arange(-1, count)
    predictions = []
    for number, half in enumerate(halves):
        matrices = half.matrices.only(np.concatenate([base, half.places[:length]]))
        sources = int(half.matrices.source.max()) + 1
        predictions.append(learn(matrices, sources, number, interrupted, config).prediction)
    rows = np.concatenate([half.valid for half in halves])
    return np.concatenate(predictions)[np.argsort(rows)]


def _together(halves: list[_Half], length: int) -> tuple[Pair, ...]:
    """The best so many of both halves' pairs."""
    shares: dict[Pair, float] = defaultdict(float)
    for half in halves:
        for pair, share in zip(half.pairs, half.shares.tolist(), strict=True):
            shares[pair] += share
    return tuple(sorted(shares, key=lambda pair: -shares[pair])[:length])
