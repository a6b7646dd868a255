"""Scores a stored table of any size: one piece of its rows in memory at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from automl_core.scoring.prediction_files import PredictionSink
from automl_core.scoring.scorer import Scorer
from automl_core.table import evenly_spaced, stored_pieces, take_rows


@dataclass(frozen=True)
class BatchScored:
    """What was written."""

    rows: int
    all_equal: bool  # all rows have the same prediction


class BatchCancelledError(Exception):
    """Whoever watches the scoring wants no more of it."""


@dataclass(frozen=True)
class StoredTable:
    """A table of the store, read a piece at a time. TableError where it is gone, or damaged."""

    hash: str
    root: Path  # of the store
    rows: int

    def pieces(self) -> Iterator[pa.Table]:
        """All rows, in their order."""
        return stored_pieces(self.hash, self.root)

    def sample(self, most: int) -> pa.Table:
        """At most so many rows, evenly spaced."""
        places = evenly_spaced(self.rows, most) if self.rows > most else None
        parts, begin = [], 0
        for piece in self.pieces():
            kept = piece
            if places is not None:
                here = places[(places >= begin) & (places < begin + piece.num_rows)] - begin
                kept = take_rows(piece, here)
            parts.append(kept)
            begin += piece.num_rows
        return pa.concat_tables(parts)


def score_pieces(
    scorer: Scorer,
    pieces: Iterable[pa.Table],
    sink: PredictionSink,
    extras: bool = False,
    report: Callable[[int], bool] = lambda _: True,
) -> BatchScored:
    """Predictions of the pieces, in their order, into a sink.

    `report` takes the number of rows done. Raises BatchCancelledError where it says no, ModelError
    as `Scorer.score`.
    """
    rows, first, equal = 0, None, True
    for piece in pieces:
        scored = scorer.score(piece, extras)
        sink.write(scored)
        rows += scored.num_rows
        values = scored.column(min(1, len(scorer.predictor.target.labels)))
        if equal and scored.num_rows:
            first = values[0] if first is None else first
            equal = bool(pc.all(pc.equal(values, first)).as_py())
        if not report(rows):
            raise BatchCancelledError
    return BatchScored(rows, equal)
