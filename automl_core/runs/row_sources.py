"""The rows of a run that are at hand: those that its models learned from, and test rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from automl_core.errors import AutoMLError, RunError
from automl_core.export import Cell, cells_of_row
from automl_core.runs.record import RunFolder
from automl_core.table import Column, evenly_spaced, open_table, single_names, take_rows

MOST_COMPARED = 20_000  # rows that a row is compared with

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class RowSources:
    """Row numbers in stored tables, ascending; tables by their content hashes."""

    table: str  # that the models learned from; "": it is not at hand
    learned: Rows
    test_table: str
    test: Rows  # none where no rows were set apart

    def compared(self) -> Rows:
        """At most MOST_COMPARED of the rows that the models learned from, evenly spaced."""
        rows = self.learned
        if len(rows) <= MOST_COMPARED:
            return rows
        return rows[evenly_spaced(len(rows), MOST_COMPARED)]


def rows_at_hand(folder: RunFolder | None, root: Path) -> RowSources:
    """The rows of a run, without those whose table is gone; none without a run."""
    nothing = np.zeros(0, np.int64)
    found = RowSources("", nothing, "", nothing)
    try:
        if folder is not None:
            found = _rows_of(folder)
            open_table(found.table, root)
    except AutoMLError:
        return RowSources("", nothing, "", nothing)
    try:
        if found.test_table:
            open_table(found.test_table, root)
    except AutoMLError:
        return replace(found, test_table="", test=nothing)
    return found


def _rows_of(folder: RunFolder) -> RowSources:
    """The rows of a run; those of one that has lost its folds all count as learned from."""
    spec = folder.spec()
    table = spec.table.hash
    try:
        folds = folder.folds()
    except RunError:
        learned, test = np.arange(spec.table.rows, dtype=np.int64), np.zeros(0, np.int64)
    else:
        learned, test = np.union1d(folds.train[0], folds.valid[0]), folds.test
    if spec.test is not None:
        every = np.arange(spec.test.rows, dtype=np.int64)
        return RowSources(table, learned, spec.test.hash, every)
    return RowSources(table, learned, table, test)


def stored_rows(table: str, root: Path, names: Sequence[str], rows: Sequence[int]) -> pa.Table:
    """Rows of a stored table in the order given, of those of the columns that it has once.

    Raises TableError where the table is gone.
    """
    stored = open_table(table, root)
    single = single_names(stored)
    known = [name for name in names if name in single]
    places = np.array(rows, np.int64)
    ascending = np.argsort(places, kind="stable")
    taken = take_rows(stored.select(known), places[ascending])
    return taken.take(pa.array(np.argsort(ascending, kind="stable")))


def stored_cells(table: str, root: Path, columns: Sequence[Column], row: int) -> tuple[Cell, ...]:
    """The cells of one row of a stored table. Raises TableError where the table is gone."""
    return cells_of_row(columns, stored_rows(table, root, [c.name for c in columns], [row]))
