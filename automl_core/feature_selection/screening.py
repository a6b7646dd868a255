"""A first look at very many columns: how much of the target each explains alone.

Correlation, as in sure independence screening (Fan and Lv 2008): quick enough for tens of
thousands of columns, of which a booster then ranks the best.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.feature_selection.quick_booster import Interrupted, OutOfTimeError
from automl_core.feature_selection.sample import Question, Sample
from automl_core.table import TypedColumn

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

AT_ONCE = 500  # columns of numbers
FAR = 3.0  # deviations that a number is cut at


def best_alone(
    question: Question, sample: Sample, rows: Rows, most: int, interrupted: Interrupted
) -> Rows:
    """The places (k,) of so many columns of the question, ascending, that explain most alone.

    As these rows of the sample say. Texts and lists, of which no single number tells, always stay.
    Raises OutOfTimeError where it may not end.
    """
    names = [c.name for c in question.columns]
    if len(names) <= most:
        return np.arange(len(names))
    y = _targets(question, sample.y[rows])
    found = np.full(len(names), np.inf)
    typed = sample.typed.columns
    numbers = [i for i, name in enumerate(names) if typed[name].numbers is not None]
    for at in range(0, len(numbers), AT_ONCE):
        if interrupted() is not None:
            raise OutOfTimeError
        places = numbers[at : at + AT_ONCE]
        found[places] = _of_numbers([typed[names[i]] for i in places], rows, y)
    for place, column in enumerate(question.columns):
        if column.parse.kind == "string":
            if interrupted() is not None:
                raise OutOfTimeError
            found[place] = _of_words(typed[column.name].take(rows), y)
    return np.sort(np.argsort(-found, kind="stable")[:most])


def _targets(question: Question, values: NDArray[Any]) -> Floats:
    """(n, k) the ranks of the values, or the indicators of the classes, of mean 0 and length 1."""
    if question.task == "regression":
        y = np.argsort(np.argsort(values))[:, None].astype(np.float64)
    else:
        y = (values[:, None] == np.arange(question.classes)).astype(np.float64)
    y -= y.mean(axis=0)
    return np.asarray(y / np.maximum(np.sqrt((y**2).sum(axis=0)), 1e-12))


def _of_numbers(columns: list[TypedColumn], rows: Rows, y: Floats) -> Floats:
    """(c,) the larger part that a column, or its distance from its mean, explains of a target."""
    x = np.stack([c.numbers[rows] for c in columns if c.numbers is not None])  # (c, n)
    known = ~np.isnan(x)
    counts = np.maximum(known.sum(axis=1, keepdims=True), 1)
    x[~known] = 0.0
    x -= x.sum(axis=1, keepdims=True) / counts
    x[~known] = 0.0
    deviation = np.sqrt((x**2).sum(axis=1, keepdims=True) / counts)
    x = np.clip(x / np.where(deviation > 0, deviation, 1.0), -FAR, FAR)
    return np.maximum(_explained(x, y), _explained(np.abs(x), y))


def _explained(x: Floats, y: Floats) -> Floats:
    """(c,) of columns (c, n) and targets (n, k)."""
    x = x - x.mean(axis=1, keepdims=True)
    length = np.maximum((x**2).sum(axis=1, keepdims=True), 1e-12)
    return np.asarray(((x @ y) ** 2 / length).max(axis=1))


def _of_words(column: TypedColumn, y: Floats) -> float:
    """The part that the words explain of a target, beyond what so many words do by chance."""
    assert column.codes is not None
    words, place = np.unique(column.codes, return_inverse=True)
    counts = np.bincount(place)
    sums = np.stack([np.bincount(place, of_class) for of_class in y.T], axis=1)
    between = (sums**2 / counts[:, None]).sum(axis=0).max()
    chance = (len(words) - 1) / max(1, len(place) - 1)
    return float((between - chance) / max(1.0 - chance, 1e-12))
