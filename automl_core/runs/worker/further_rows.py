"""Training rows of the long table that a run's own rows were drawn from, a block at a time.

A block is made of short stretches from all over the memory-mapped table, so that rows which stand
together in it come into different batches, and little of it is read for one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from automl_core.errors import TableError
from automl_core.features import Encoder
from automl_core.models import FurtherRows, RowBlock
from automl_core.runs.executor import DataLink
from automl_core.runs.worker.row_weights import RowWeights
from automl_core.table import Column, load_drawn, open_table
from automl_core.table.parsing import parse_table, parse_weights

STRETCH = 2_048
"""Rows that are read together; the stored table has pieces of a multiple of it."""

Rows = NDArray[np.int64]


def further_rows(
    link: DataLink,
    train: Rows,
    encoder: Encoder,
    columns: Sequence[Column],
    weights: RowWeights | None,
) -> FurtherRows | None:
    """The rows of the long table that may train where these rows of the drawn one do.

    These are all but the others that were drawn, which validate and test. `columns` are what the
    encoder reads. None where there is no long table, or it is not here.
    """
    if not link.whole:
        return None
    try:
        table = open_table(link.whole, Path(link.root), verify=False)
        drawn = load_drawn(link.table, Path(link.root))
    except TableError:  # it is not needed: the drawn rows train alone
        return None
    held = np.delete(drawn, train)
    return _TableRows(link, table, held, encoder, tuple(columns), weights)


@dataclass(frozen=True, eq=False)
class _TableRows:
    """Rows of a stored table but those that are held back."""

    link: DataLink
    table: pa.Table
    held: Rows  # ascending
    encoder: Encoder
    columns: tuple[Column, ...]
    weights: RowWeights | None

    @cached_property
    def _pieces(self) -> list[pa.RecordBatch]:
        wanted = {*(c.name for c in self.columns), self.link.target}
        if self.link.weight is not None:
            wanted.add(self.link.weight.name)
        names = [name for name in self.table.column_names if name in wanted]
        pieces: list[pa.RecordBatch] = self.table.select(names).to_batches()
        return pieces

    @cached_property
    def _stretches(self) -> NDArray[np.int64]:
        """(k, 3) piece, first row there, and first row in the table of each stretch."""
        found, begin = [], 0
        for number, piece in enumerate(self._pieces):
            starts = np.arange(0, piece.num_rows, STRETCH, dtype=np.int64)
            found.append(np.stack([np.full_like(starts, number), starts, starts + begin], axis=1))
            begin += piece.num_rows
        return np.concatenate(found)

    def read(self, block: int, rows: int, seed: int) -> RowBlock:
        """At most `rows` rows of some stretches; see `FurtherRows`."""
        stretches = self._picked(block, max(1, -(-rows // STRETCH)), seed)
        parts = [self._pieces[piece].slice(start, STRETCH) for piece, start, _ in stretches]
        numbers = np.concatenate(
            [np.arange(at, at + p.num_rows) for p, (_, _, at) in zip(parts, stretches, strict=True)]
        )
        return self._encoded(pa.Table.from_batches(parts), numbers, rows, (seed, block))

    def _picked(self, block: int, count: int, seed: int) -> list[tuple[int, int, int]]:
        """The stretches of a block: each once in a pass over the table."""
        every = len(self._stretches)
        found = []
        for number in range(block * count, (block + 1) * count):
            turn, place = divmod(number, every)
            found.append(self._stretches[self._order(turn, seed)[place]].tolist())
        return [(piece, start, at) for piece, start, at in found]

    def _order(self, turn: int, seed: int) -> Rows:
        return np.random.default_rng((seed, turn)).permutation(len(self._stretches))

    def _encoded(
        self, table: pa.Table, numbers: Rows, most: int, seed: tuple[int, int]
    ) -> RowBlock:
        link = self.link
        y, present = link.coder.encode(table[link.target])
        rows = np.flatnonzero(present & ~_among(numbers, self.held))
        rows = np.random.default_rng((*seed, 1)).permutation(rows)[:most]
        typed = parse_table(table, self.columns).take(rows)
        weight = None
        if self.weights is not None:
            own = None
            if link.weight is not None:
                own = parse_weights(table[link.weight.name], link.weight)[rows]
            weight = self.weights.of(y[rows], own)
        return RowBlock(self.encoder.encode(typed), y[rows], weight)


def _among(numbers: Rows, held: Rows) -> NDArray[np.bool_]:
    """(n,) whether each of the numbers is one of `held`, which ascend."""
    place = np.minimum(np.searchsorted(held, numbers), max(0, len(held) - 1))
    return held[place] == numbers if len(held) else np.zeros(len(numbers), np.bool_)
