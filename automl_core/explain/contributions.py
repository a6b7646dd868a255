"""Reasons of one prediction: Shapley values of the table's columns, over the whole model.

A column's contribution is the change of the prediction when the column takes its value in the row
instead of that of a background row, averaged over all orders in which the columns may do so and
over the background (Strumbelj and Kononenko, 2010; interventional, as in Lundberg and Lee, 2017).
Few columns are enumerated. Otherwise orders are sampled, each with its reverse (Mitchell et al.,
2022), which is exact for effects of one and two columns; as many for each background row, so that
every estimate adds up to the prediction minus the mean prediction of the background. Knows nothing
of models or encoders.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl_core.explain.hybrid_rows import HybridRows, Masks, Players, Values

EXACT_PLAYERS = 8  # up to so many, all subsets cost less than the sampling that is as exact
LEAST_ROUNDS, MOST_ROUNDS = 4, 40  # orders, each with its reverse, for each background row
TOLERANCE = 0.01  # largest standard error that is small enough, as a share of the largest value
BATCH_SECONDS = 0.1  # that one call of the model should take, so that others need not wait
FIRST_BATCH, LARGEST_BATCH = 256, 20_000  # rows
LARGEST_CELLS = 4_000_000  # of a batch


@dataclass(frozen=True)
class Contributions:
    """The contribution of each player to the prediction; they sum to `prediction - base`.

    On the scale of the predictions: the target's units, or the probability of one class.
    """

    players: Players  # a column, or several that count as one
    values: tuple[float, ...]  # one a player
    errors: tuple[float, ...]  # standard error of each, for this background; 0 where exact
    prediction: float
    base: float  # mean prediction of the background
    background: int  # rows that it is computed against so far
    rounds: int  # orders and their reverses for each of them; 0 where exact
    exact: bool
    finished: bool  # nothing better will come

    @property
    def total(self) -> float:
        """The sum of the contributions."""
        return math.fsum(self.values)


def estimate_contributions(rows: HybridRows, seed: int) -> Iterator[Contributions | None]:
    """Better and better contributions; None after each call of the model that tells nothing yet.

    The caller stops when it likes. What comes does not depend on when it looks, but for the
    background rows that the first round has seen; the seed decides. Raises nothing of its own.
    """
    if len(rows.players) <= EXACT_PLAYERS:
        yield from _exact(rows)
    else:
        yield from _sampled(rows, np.random.default_rng(seed))


def single_players(columns: Sequence[str], most: int) -> Players:
    """The first `most` columns one by one, and all others as one player, the last."""
    if len(columns) <= most + 1:
        return tuple((name,) for name in columns)
    return (*((name,) for name in columns[:most]), tuple(columns[most:]))


class _Batches:
    """Predicts in batches that take about BATCH_SECONDS."""

    def __init__(self, rows: HybridRows) -> None:
        self._rows = rows
        self._most = max(1, min(LARGEST_BATCH, LARGEST_CELLS // max(1, rows.columns)))
        self._size = min(FIRST_BATCH, self._most)

    def blocks(self, masks_each: int) -> Iterator[NDArray[np.int64]]:
        """Numbers of background rows, some at a time, for each of which so many are predicted."""
        begin, all_rows = 0, len(self._rows.empty)
        while begin < all_rows:
            some = max(1, self._size // max(1, masks_each))
            yield np.arange(begin, min(begin + some, all_rows))
            begin += some

    def values(self, masks: Masks, of: NDArray[np.int64]) -> Values:
        began = time.perf_counter()
        found = self._rows.values(masks, of)
        share = BATCH_SECONDS / max(time.perf_counter() - began, 1e-6)
        self._size = int(np.clip(len(of) * min(share, 4.0), 1, self._most))
        return found


def _exact(rows: HybridRows) -> Iterator[Contributions | None]:
    """The weighted sum over all subsets (Shapley, 1953), for a block of background rows at once."""
    count = len(rows.players)
    subsets = (np.arange(2**count)[:, None] >> np.arange(count)) & 1 == 1
    each = np.zeros((len(rows.empty), count))
    batches = _Batches(rows)
    for block in batches.blocks(2**count):
        masks = np.tile(subsets, (len(block), 1))
        values = batches.values(masks, np.repeat(block, 2**count)).reshape(len(block), -1)
        each[block] = _by_subsets(values, subsets)
        done = int(block[-1]) + 1
        every = done == len(rows.empty)
        mean = each[:done].mean(axis=0)
        yield _record(rows, mean, np.zeros(count), done, 0, finished=every)


def _by_subsets(values: Values, subsets: Masks) -> Values:
    """(b, p) Shapley values of games given by the value of each subset (b, 2^p)."""
    count = subsets.shape[1]
    size = subsets.sum(axis=1)
    found = np.zeros((len(values), count))
    for player in range(count):
        without = np.flatnonzero(~subsets[:, player])
        weight = np.array([1 / (count * math.comb(count - 1, int(k))) for k in size[without]])
        found[:, player] = (values[:, without + (1 << player)] - values[:, without]) @ weight
    return found


def _sampled(rows: HybridRows, rng: np.random.Generator) -> Iterator[Contributions | None]:
    """Rounds of an order and its reverse for each background row."""
    all_rows, count = len(rows.empty), len(rows.players)
    total, squares = np.zeros((all_rows, count)), np.zeros((all_rows, count))
    batches = _Batches(rows)
    for number in range(1, MOST_ROUNDS + 1):
        order = rng.permuted(np.tile(np.arange(count), (all_rows, 1)), axis=1)
        for block in batches.blocks(2 * (count - 1)):
            found = _along(rows, batches, block, order[block])
            total[block] += found
            squares[block] += found**2
            done = int(block[-1]) + 1
            if done == all_rows:
                continue
            # until the first round is complete the rows that were seen are the background
            early = number == 1 and done > 1
            yield _means(rows, total[:done], squares[:done], 1) if early else None
        means = _means(rows, total, squares, number)
        yield means if number > 1 or all_rows > 1 else None  # one order has no error
        if means.finished:
            return


def _along(
    rows: HybridRows, batches: _Batches, block: NDArray[np.int64], order: NDArray[np.int64]
) -> Values:
    """(b, p) mean change along an order of the players and along its reverse.

    `order[i, j]` is the place of player j. Both ends of an order are known, so the changes of an
    order sum to the prediction minus that of the background row.
    """
    count = order.shape[1]
    steps = np.arange(1, count)
    masks = [order[:, None, :] < steps[:, None], order[:, None, :] >= count - steps[:, None]]
    both = np.concatenate([m.reshape(-1, count) for m in masks])
    of = np.tile(np.repeat(block, count - 1), 2)
    values = batches.values(both, of).reshape(2, len(block), count - 1)
    ends = np.stack([rows.empty[block], np.full(len(block), rows.full)], axis=1)
    found = np.zeros((len(block), count))
    for way, places in ((0, order), (1, count - 1 - order)):
        path = np.concatenate([ends[:, :1], values[way], ends[:, 1:]], axis=1)
        found += np.take_along_axis(np.diff(path, axis=1), places, axis=1) / 2
    return found


def _record(
    rows: HybridRows, values: Values, errors: Values, seen: int, rounds: int, finished: bool
) -> Contributions:
    """The contributions against the first `seen` background rows; no rounds: exact."""
    base = float(rows.empty[:seen].mean())
    return Contributions(
        rows.players, tuple(values.tolist()), tuple(errors.tolist()),
        rows.full, base, seen, rounds, rounds == 0, finished,
    )  # fmt: skip


def _means(rows: HybridRows, total: Values, squares: Values, rounds: int) -> Contributions:
    """The means over rounds and background rows, of sums over the rounds (b, p)."""
    values, errors = total.mean(axis=0) / rounds, _errors(total, squares, rounds)
    enough = bool(errors.max() <= TOLERANCE * np.abs(values).max())
    finished = rounds == MOST_ROUNDS or (rounds >= LEAST_ROUNDS and enough)
    return _record(rows, values, errors, len(total), rounds, finished)


def _errors(total: Values, squares: Values, rounds: int) -> Values:
    """(p,) standard errors of the means.

    From two rounds on by the spread within each background row, whose orders alone are sampled;
    before by that of all, which is larger.
    """
    seen = len(total)
    if rounds > 1:
        within = (squares - total**2 / rounds).clip(min=0) / (rounds - 1)
        found: Values = np.sqrt(within.sum(axis=0) / rounds) / seen
        return found
    spread: Values = total.std(axis=0, ddof=min(1, seen - 1)) / math.sqrt(seen)
    return spread
