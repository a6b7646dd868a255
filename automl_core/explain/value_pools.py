"""The values of a column that a proposed change may give a row: those that the data supports.

The row's own value is the first; the others stand in the order of what the change to them costs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl_core.table import TypedColumn

Values = NDArray[np.float64]

CHANGEABLE = ("number", "boolean", "datetime", "string")  # kinds of columns
COARSE, FINE = 16, 160  # numbers of a column that are tried at first, and near a change that works
MOST_WORDS, RARE = 30, 2  # words of a column that are tried; rows that must have one
TAILS = (0.02, 0.98)  # quantiles between which the data supports a number
WORD_COST = 0.5  # of another word, where a number that is moved across all rows costs 1


@dataclass(frozen=True, eq=False)
class ValuePool:
    """Values of a column that may be tried, all of which rows of the data have."""

    column: TypedColumn  # (k,) the row's own value first
    cost: Values  # (k,) of the change to each: of numbers the share of rows that lie between
    side: NDArray[np.int64]  # (k,) 1 above the row's own number, -1 below, else 0
    coarse: NDArray[np.int64]  # places that are tried at first; none: the column stays

    def nearer(self, place: int) -> NDArray[np.int64]:
        """Places of smaller changes to the same side that were not tried at first."""
        alike = (self.side == self.side[place]) & (self.cost < self.cost[place])
        tried = self.coarse[alike[self.coarse]]
        return np.flatnonzero(alike & (self.cost > self.cost[tried].max(initial=0.0)))


def spread_places(rows: int, most: int) -> NDArray[np.int64]:
    """At most so many of the places 0 to rows - 1, evenly spaced."""
    return np.linspace(0, rows - 1, min(rows, most)).astype(np.int64)


def pool_of(own: TypedColumn, column: TypedColumn, kind: str) -> ValuePool:
    """The pool of a column of this kind, by the cells of the data; of other kinds only `own`."""
    if kind not in CHANGEABLE:
        return ValuePool(own, np.zeros(1), np.zeros(1, np.int64), np.zeros(0, np.int64))
    if own.numbers is not None:
        assert column.numbers is not None
        return _of_numbers(own, column.numbers)
    return _of_words(own, column)


def _of_numbers(own: TypedColumn, numbers: Values) -> ValuePool:
    assert own.numbers is not None
    known = np.sort(numbers[np.isfinite(numbers)])
    usual = np.unique(known)
    if len(known):
        low, high = np.quantile(known, TAILS, method="nearest")
        usual = usual[(usual >= low) & (usual <= high)]
    if len(usual) > FINE:
        usual = usual[spread_places(len(usual), FINE)]
    usual = usual[usual != own.numbers[0]]
    values = np.concatenate([own.numbers[:1], usual])
    rank = np.searchsorted(known, values) + np.searchsorted(known, values, side="right")
    cost = np.abs(rank - rank[0]) / max(1, 2 * len(known))
    if np.isnan(own.numbers[0]):  # a missing value becomes known
        cost = np.full(len(values), WORD_COST)
    cost[0] = 0.0
    cost[1:] = np.maximum(cost[1:], 1e-9)
    order = np.argsort(cost, kind="stable")
    coarse = spread_places(len(usual), COARSE) + 1
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    side = np.sign(np.nan_to_num(values[order] - values[0])).astype(np.int64)
    pool = TypedColumn(own.name, numbers=values[order])
    return ValuePool(pool, cost[order], side, place[coarse])


def _of_words(own: TypedColumn, column: TypedColumn) -> ValuePool:
    assert own.codes is not None and column.codes is not None
    counts = np.bincount(column.codes[column.codes >= 0], minlength=len(column.words))
    order = np.argsort(-counts, kind="stable")[:MOST_WORDS]
    mine = own.words[own.codes[0]] if own.codes[0] >= 0 else None
    words = [column.words[i] for i in order if counts[i] >= RARE and column.words[i] != mine]
    codes = np.array([-1 if mine is None else 0, *range(1, len(words) + 1)], np.int32)
    pool = TypedColumn(own.name, None, codes, ("" if mine is None else mine, *words))
    cost = np.array([0.0] + [WORD_COST] * len(words))
    side = np.zeros(len(cost), np.int64)
    return ValuePool(pool, cost, side, np.arange(1, len(words) + 1))
