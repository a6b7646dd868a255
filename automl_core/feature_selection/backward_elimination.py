"""Leaves out columns step by step, those that give least for their price first.

Recursive elimination (Guyon and others 2002) by what shuffling a column costs rows that did not
fit (Breiman 2001), measured anew after each step: of two columns that say the same, the second is
worth something once the first is gone. Says nothing of how good a set is: other rows have to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from automl_core.evaluation import order_of_leaving
from automl_core.feature_selection.quick_booster import Interrupted, OutOfTimeError
from automl_core.feature_selection.sample import Question, Sample
from automl_core.feature_selection.shuffle_importance import rises

PARTS = 2  # of the rows: each is once what the others' fit is shuffled on
SINGLY = 6  # columns from which on they leave one by one
MANY = 30
STEP, LARGE_STEP = 0.8, 0.6  # each set is this share of the one before; with more than MANY columns


@dataclass(frozen=True, eq=False)
class Elimination:
    """The sets of columns that remained, all of them first."""

    worth: dict[str, float]  # of each column beside all others
    sets: tuple[tuple[str, ...], ...]  # each the one before with some left out


def eliminate(
    question: Question,
    sample: Sample,
    prices: Mapping[str, float],
    seed: int,
    interrupted: Interrupted,
    report: Callable[[float], None],
) -> Elimination:
    """Shrink the set of all columns down to one; `report` takes the share of the work done.

    Where the time is over the columns leave in the order that was known last. Raises OutOfTimeError
    where no order is known at all, or the rows cannot be parted.
    """
    left = [c.name for c in question.columns]
    lengths = set_sizes(len(left))
    worth = _worth(question, sample, left, seed, interrupted)
    first, in_time = worth, True
    sets = [tuple(left)]
    for step, length in enumerate(lengths[1:], start=1):
        report(step / len(lengths))
        if step > 1 and in_time:
            try:
                worth = _worth(question, sample, left, seed, interrupted)
            except OutOfTimeError:
                in_time = False
        order = order_of_leaving({name: worth[name] for name in left}, prices)
        gone = set(order[: len(left) - length])
        left = [name for name in left if name not in gone]
        sets.append(tuple(left))
    return Elimination(first, tuple(sets))


def set_sizes(columns: int) -> list[int]:
    """Sizes of the sets to try, all columns first, one column last."""
    sizes = [columns]
    while sizes[-1] > 1:
        now = sizes[-1]
        step = STEP if now <= MANY else LARGE_STEP
        sizes.append(now - 1 if now <= SINGLY else int(now * step))
    return sizes


def _worth(
    question: Question, sample: Sample, names: list[str], seed: int, interrupted: Interrupted
) -> dict[str, float]:
    """The mean rise of the loss of rows when each of these columns is shuffled."""
    parts = sample.parts(PARTS, np.random.default_rng(seed))
    if len(parts) < PARTS:
        raise OutOfTimeError
    wanted = set(names)
    places = np.array([i for i, c in enumerate(question.columns) if c.name in wanted], np.int64)
    found = np.mean(
        [rises(question, sample, rows, places, seed, interrupted) for rows in parts], axis=0
    )
    return {question.columns[i].name: float(found[i]) for i in places}
