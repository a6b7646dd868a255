"""The batches of one training: its own rows in a new order each epoch, or further rows besides.

A batch is a function of seed, epoch and number, so that a training that goes on in another
process sees the batches that it would have seen.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from torch import Tensor

from automl_core.training.row_shuffler import RowShuffler

BLOCK_CELLS = 4_000_000
"""Rows times columns of the further rows that are in memory at a time."""


class Batch(NamedTuple):
    """Rows on the net's device."""

    x: Tensor  # (n, d) float32
    y: Tensor  # (n,)
    weight: Tensor | None  # (n,)

    def at(self, rows: Tensor | slice) -> Batch:
        """Some of these rows."""
        if isinstance(rows, slice):
            return Batch(self.x[rows], self.y[rows], _part(self.weight, rows))
        weight = None if self.weight is None else self.weight.index_select(0, rows)
        return Batch(self.x.index_select(0, rows), self.y.index_select(0, rows), weight)


class FurtherBatches(Protocol):
    """Training rows that are not in memory, in blocks without an end."""

    def __call__(self, block: int, rows: int, seed: int) -> Batch:
        """`rows` rows of the block, shuffled; fewer where too few are there. The same each time."""
        ...


class BatchSource:
    """The batches in which one training sees its rows.

    With further rows the first epoch has the training's own, and each later one as many others.
    """

    def __init__(
        self, rows: Batch, size: int, seed: int, further: FurtherBatches | None = None
    ) -> None:
        """`size` is that of a batch."""
        self._rows, self._size, self._seed, self._further = rows, size, seed, further
        self._order = RowShuffler(len(rows.x), seed, rows.x.device)
        self._an_epoch = max(1, len(rows.x) // size)
        self._a_block = max(1, BLOCK_CELLS // max(1, rows.x.shape[1] * size))
        self._last: tuple[int, Batch | None] = (-1, None)

    def of(self, epoch: int, number: int) -> Batch:
        """Batch `number` of an epoch; both from 0 on."""
        if self._further is not None and epoch > 0:
            block, place = divmod((epoch - 1) * self._an_epoch + number, self._a_block)
            start = place * self._size
            rows = self._block(block)
            if start + self._size <= len(rows.x):
                return rows.at(slice(start, start + self._size))
        start = number * self._size
        return self._rows.at(self._order.of(epoch)[start : start + self._size])

    def _block(self, number: int) -> Batch:
        """A block of further rows; the last one is kept."""
        assert self._further is not None
        last, rows = self._last
        if last != number or rows is None:
            self._last = (-1, None)  # its memory is free while the next one is read
            rows = self._further(number, self._a_block * self._size, self._seed)
            self._last = (number, rows)
        return rows


def _part(weight: Tensor | None, rows: slice) -> Tensor | None:
    return None if weight is None else weight[rows]
