"""The inner folds of a selection: each ranks the columns by itself and tries short lists.

The decision is made from their results, in choose_columns.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from automl_core.feature_selection import ridge
from automl_core.feature_selection.list_length import SHORTEN_FROM, Attempt
from automl_core.feature_selection.quick_booster import (
    Interrupted,
    Matrices,
    encode,
    learn,
    row_losses,
)
from automl_core.feature_selection.sample import Question, Sample, with_shadows
from automl_core.feature_selection.screening import best_alone
from automl_core.feature_selection.shuffle_importance import rises as shuffle

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

PARTS = 3  # of the rows that an inner fold trains on: each once measures what shuffling costs

THREE_UP_TO = 4_000
"""Rows up to which there are three inner folds; above them two."""

TWICE_UP_TO = 200_000
"""Rows times columns times outputs up to which columns are ranked twice, with other copies."""


@dataclass(frozen=True, eq=False)
class Inner:
    """One inner fold, and the gains of columns beyond chance on its training rows.

    Its matrices are of the columns that were looked at; `worth` of the others is the lowest.
    """

    matrices: Matrices  # for the booster
    linear: Matrices  # for ridge regression
    valid: Rows  # positions in the sample
    worth: Floats  # (c,)
    looked: Rows  # (k,) places of the columns that were looked at


def rank_inside(
    question: Question, sample: Sample, rng: np.random.Generator, interrupted: Interrupted,
    most: int,
) -> list[Inner]:  # fmt: skip
    """The inner folds with their rankings. Raises OutOfTimeError where it may not end.

    Of more than `most` columns each fold looks at those that tell most alone, by its training rows.
    """
    size = len(sample) * min(most, len(question.columns)) * max(1, question.classes - 1)
    parts = sample.parts(3 if len(sample) <= THREE_UP_TO else 2, rng)
    found = []
    for part in parts:
        train = np.setdiff1d(np.arange(len(sample)), part)
        looked = best_alone(question, sample, train, most, interrupted)
        few = replace(question, columns=tuple(question.columns[i] for i in looked))
        some = sample.only(few.columns)
        rounds = [
            _rank(few, some, part, rng, interrupted) for _ in range(2 if size <= TWICE_UP_TO else 1)
        ]
        linear = encode(few, some.take(train), some.take(part), family=ridge.FAMILY)
        own = np.mean([worth for _, worth in rounds], axis=0)
        worth = np.full(len(question.columns), min(0.0, float(own.min(initial=0.0))))
        worth[looked] = own
        matrices, linear = rounds[0][0].placed(looked), linear.placed(looked)
        found.append(Inner(matrices, linear, part, worth, looked))
    return found


def _rank(
    question: Question, sample: Sample, valid: Rows, rng: np.random.Generator,
    interrupted: Interrupted,
) -> tuple[Matrices, Floats]:  # fmt: skip
    """An encoded inner fold, and the gain of each column (c,) beyond its shuffled copy's."""
    train = np.setdiff1d(np.arange(len(sample)), valid)
    count = len(question.columns)
    fits, wider = with_shadows(sample.take(train), question, rng)
    checks, _ = with_shadows(sample.take(valid), question, rng)
    matrices = encode(wider, fits, checks)
    gains = learn(matrices, 2 * count, int(rng.integers(2**31)), interrupted).gains
    worth = (gains[:count] - gains[count:]) / max(float(gains.sum()), 1e-300)
    return matrices.only(np.arange(count)), worth


def try_length(
    question: Question, sample: Sample, folds: Sequence[Inner], orders_of: Sequence[Floats],
    length: int, interrupted: Interrupted,
) -> Attempt:  # fmt: skip
    """Out-of-fold predictions from so many columns, those that stand first in each fold.

    The mean of a booster and of ridge regression: what one does without, the other may need.
    `orders_of` (c,) a fold orders its columns. Raises OutOfTimeError where it may not end.
    """
    predictions, constant = [], np.zeros(len(sample))
    for number, (fold, stands) in enumerate(zip(folds, orders_of, strict=True)):
        best = np.argsort(-stands, kind="stable")[:length]
        matrices, linear = fold.matrices, fold.linear
        if length < len(stands):
            matrices, linear = matrices.only(best), linear.only(best)
        boosted = learn(matrices, len(stands), number, interrupted).prediction
        predictions.append((boosted + ridge.predict(linear, interrupted)) / 2)
        constant[fold.valid] = _constant(question, sample, fold)
    rows = np.concatenate([fold.valid for fold in folds])
    prediction = np.concatenate(predictions)[np.argsort(rows)]
    losses = row_losses(question, sample.y, prediction)
    weight = 1.0 if sample.weight is None else sample.weight
    return Attempt(length, prediction, losses * weight, constant * weight)


def order_by_shuffling(
    question: Question, sample: Sample, folds: Sequence[Inner], interrupted: Interrupted
) -> tuple[list[Floats], Floats]:
    """An order of the columns that are no noise, by what shuffling them costs; noise comes last.

    One order (c,) a fold, from rows that the fold trains on, so that its validation rows stay
    unused; and one (c,) for all folds, from all rows. Raises OutOfTimeError where it may not
    end.
    """
    orders, total = [], np.zeros(len(question.columns))
    worth, chance = worth_of(folds)
    clear = np.flatnonzero(worth > chance)
    for number, fold in enumerate(folds):
        train = np.setdiff1d(np.arange(len(sample)), fold.valid)
        mine = np.argsort(-fold.worth, kind="stable")[: len(clear)]
        own = sample.take(train)
        held = own.parts(PARTS, np.random.default_rng(number))
        if len(held) < 2:  # all of them belong together
            orders.append(fold.worth)
        else:
            costs = [shuffle(question, own, rows, mine, number, interrupted) for rows in held]
            orders.append(_last_but(np.sum(costs, axis=0), mine))
        total += shuffle(question, sample, fold.valid, clear, number, interrupted)
    return orders, _last_but(total, clear)


def worth_of(folds: Sequence[Inner]) -> tuple[Floats, float]:
    """The gain of each column (c,) beyond chance, and the gain that chance alone may give.

    A column without any signal loses against its copy as often, and by as much, as it wins:
    the largest loss bounds chance (Janitza, Celik and Boulesteix 2018).
    """
    worth = np.mean([fold.worth for fold in folds], axis=0)
    return worth, max(0.0, float(-worth.min())) if len(worth) >= SHORTEN_FROM else 0.0


def _last_but(values: Floats, places: Rows) -> Floats:
    """The values (c,), with all others than those at `places` below them."""
    last = np.full(len(values), -np.inf)
    last[places] = values[places]
    return last


def _constant(question: Question, sample: Sample, fold: Inner) -> Floats:
    """Losses of the constant prediction on the validation rows of an inner fold."""
    y = fold.matrices.fit.y
    if question.task == "regression":
        guess = np.full(len(fold.valid), y.mean())
    else:
        counts = np.bincount(y, minlength=question.classes) + 0.5
        guess = np.tile(counts / counts.sum(), (len(fold.valid), 1))
    return row_losses(question, sample.y[fold.valid], guess)
