"""Errors of a model of a run on rows that it had not seen, and their slices by column.

At most MAX_ROWS rows are looked at, fewer where columns are many, so that a page need not wait.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from automl_core.evaluation import ErrorMeasure, Parts, cut_column, row_errors
from automl_core.runs.record import RunFolder
from automl_core.table import Column, evenly_spaced, open_table, take_rows
from automl_core.table.parsing import parse_table

MAX_ROWS, MAX_CELLS, LEAST_ROWS = 20_000, 600_000, 1_000
MAX_COLUMNS = 600


@dataclass(frozen=True, eq=False)
class UnseenRows:
    """The rows that are looked at, and the model's error in each."""

    rows: NDArray[np.int64]  # (m,) numbers in the stored table, ascending
    errors: NDArray[np.float64]  # (m,)
    weight: NDArray[np.float64] | None  # (m,)
    every: int  # rows that the model has predictions for

    @property
    def mean(self) -> float:
        """The mean error, weighted."""
        if self.weight is None or not self.weight.sum() > 0:
            return float(self.errors.mean())
        return float(np.average(self.errors, weights=self.weight))


def unseen_rows(
    folder: RunFolder, trial: int, measure: ErrorMeasure, max_rows: int = MAX_ROWS
) -> UnseenRows:
    """At most `max_rows` rows of a model, evenly spaced.

    Rows whose prediction is no number are left out. Raises RunError where predictions are gone.
    """
    found = folder.out_of_fold(trial)
    known = np.isfinite(found.prediction.reshape(len(found.rows), -1)).all(axis=1)
    order = np.flatnonzero(known)
    order = order[np.argsort(found.rows[order], kind="stable")]
    columns = len(searched_columns(folder))
    most = min(max_rows, max(LEAST_ROWS, MAX_CELLS // max(1, columns)))
    if len(order) > most:
        order = order[evenly_spaced(len(order), most)]
    errors = row_errors(measure, found.y[order], found.prediction[order])
    weight = None if found.weight is None else found.weight[order]
    return UnseenRows(found.rows[order], errors, weight, len(found.rows))


def searched_columns(
    folder: RunFolder, max_columns: int | None = MAX_COLUMNS
) -> tuple[Column, ...]:
    """The columns in which slices are looked for: the first that models may see; None: all."""
    spec = folder.spec()
    return folder.schema().features((spec.target, *spec.options.drop))[:max_columns]


def cut_rows(
    folder: RunFolder, root: Path, rows: NDArray[np.int64], columns: tuple[Column, ...]
) -> tuple[Parts, ...]:
    """The slices of these rows of the run's table by each column.

    Raises TableError where the table is gone.
    """
    names = [column.name for column in columns]
    table = take_rows(open_table(folder.spec().table.hash, root).select(names), rows)
    typed = parse_table(table, [_as_word(column) for column in columns])
    return tuple(cut_column(typed.columns[c.name], c.parse.kind) for c in columns)


def _as_word(column: Column) -> Column:
    """A text is read as a word: its length is all that is asked for."""
    if column.parse.kind != "text":
        return column
    return replace(column, parse=replace(column.parse, kind="string"))
