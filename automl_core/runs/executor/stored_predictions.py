"""Predictions that a worker sends piece by piece, as a table of the workspace.

The worker may run elsewhere, or be another one from some piece on: it knows no workspace.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from automl_core.runs.executor.results import RowsScored, TableScored
from automl_core.scoring import FileCheck
from automl_core.table import TableWriter


@dataclass(frozen=True)
class StoredPredictions:
    """Predictions of a whole stored table, in its order, which are a stored table themselves."""

    predictions: str  # content hash
    rows: int
    all_equal: bool  # all rows have the same prediction
    check: FileCheck | None  # None: it was not asked for


class PredictionWriter:
    """Writes the predictions of one table; what was not committed leaves nothing behind."""

    def __init__(self, root: Path, report: Callable[[int], object]) -> None:
        """`report` takes the number of rows that are done."""
        self._root, self._report = root, report
        self._writer: TableWriter | None = None
        self._open = ExitStack()

    def take(self, scored: RowsScored) -> None:
        """The next piece, or the first one of a worker that began anew.

        Raises StorageError where the disk does not take it, AccessError where it is more than
        allowed.
        """
        if self._writer is None:
            self._writer = self._open.enter_context(TableWriter(self._root))
        if scored.rows == scored.predictions.num_rows:
            self._writer.begin(scored.predictions.schema)
        for batch in scored.predictions.to_batches():
            self._writer.write(batch)
        self._report(scored.rows)

    def commit(self, scored: TableScored) -> StoredPredictions:
        """Keep what was written."""
        assert self._writer is not None, "no piece came"
        stored = self._writer.commit()
        return StoredPredictions(stored, scored.rows, scored.all_equal, scored.check)

    def close(self) -> None:
        """Drop what was not kept."""
        self._open.close()
