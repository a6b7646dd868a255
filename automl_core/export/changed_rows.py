"""A predictor on rows of which a few columns change at a time: what stays is computed once.

Explanations change a column, or two, of the same rows again and again. The predictions are those of
the predictor for the rows as a whole: only the matrix columns that read a changed column are
encoded again, and of trees only those walk again that ask for one of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from automl_core.export.predictor import Predictor
from automl_core.features import Encoder
from automl_core.models import Again, remembered
from automl_core.table import TypedColumn, TypedTable

MOST_BYTES = 256 * 2**20
"""Of matrices, and as much again of what models keep; of more rows nothing is kept."""

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]

ChangedCells = tuple[Rows, Mapping[str, TypedColumn]]
"""Row numbers (m,), which may repeat, and columns with other cells (m,) for these rows."""


class ChangedRows:
    """The rows of a typed table as a predictor sees them."""

    def __init__(self, predictor: Predictor, typed: TypedTable) -> None:
        self._predictor, self._typed = predictor, typed
        width = sum(len(encoder.features) for encoder, _ in predictor.groups)
        self._kept: list[_Kept] | None = None
        if 4 * width * typed.rows <= MOST_BYTES:
            self._kept = [
                _kept(predictor, encoder, numbers, typed) for encoder, numbers in predictor.groups
            ]

    def predict(self, changes: Sequence[ChangedCells]) -> Floats:
        """(m, classes) or (m,): the predictions of the rows of all changes, one after the other."""
        if self._kept is None:
            whole = [self._typed.replaced(rows, columns) for rows, columns in changes]
            return np.concatenate([self._predictor.predict(part) for part in whole])
        return self._predictor.combined(self._said(changes))

    def _said(self, changes: Sequence[ChangedCells]) -> Iterator[tuple[int, Floats]]:
        rows = np.concatenate([rows for rows, _ in changes])
        for kept in self._kept or ():
            x, changed = kept.matrix[rows], np.zeros(len(rows), np.uint64)
            ends = np.cumsum([0, *(len(rows) for rows, _ in changes)]).tolist()
            for (start, end), change in zip(pairwise(ends), changes, strict=True):
                changed[start:end] = kept.write(self._typed, change, x[start:end])
            for number, again in kept.members:
                yield number, again(rows, x, changed)


@dataclass(frozen=True, eq=False)
class _Kept:
    """The rows in one encoding, and the members that read it."""

    encoder: Encoder
    bits: NDArray[np.uint64]  # of each part of the encoder
    matrix: NDArray[np.float32]
    members: list[tuple[int, Again]]

    def write(self, typed: TypedTable, change: ChangedCells, x: NDArray[np.float32]) -> np.uint64:
        """Encode what a change reaches, in place; the bits of it."""
        rows, columns = change
        parts, read = self.encoder.parts_of(columns)
        if not parts:
            return np.uint64(0)
        cells = {n: columns[n] if n in columns else typed.columns[n].take(rows) for n in read}
        self.encoder.write(TypedTable(cells, len(rows)), parts, x)
        return np.uint64(np.bitwise_or.reduce(self.bits[parts]))


def _kept(predictor: Predictor, encoder: Encoder, numbers: list[int], typed: TypedTable) -> _Kept:
    matrix = encoder.encode(typed)
    bits = np.uint64(1) << (np.arange(max(1, len(encoder.parts))) % 64).astype(np.uint64)
    of_features, room = bits[encoder.part_numbers], MOST_BYTES // len(predictor.members)
    models = [predictor.members[number].model for number in numbers]
    agains = [remembered(model, matrix, of_features, room) for model in models]
    return _Kept(encoder, bits, matrix, list(zip(numbers, agains, strict=True)))
