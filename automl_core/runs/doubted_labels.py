"""Rows of a run's table whose label a model of the run doubts, and equal rows of unequal labels.

In the table's own row numbers and words. Nothing here changes a run.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from automl_core.errors import TableError
from automl_core.evaluation import LabelDoubts, class_doubts, plain_number, value_doubts
from automl_core.export import SCHEMA_FILE, SchemaRecord, read_record
from automl_core.features import TargetCoder
from automl_core.runs.record import RunFolder
from automl_core.runs.unseen_rows import searched_columns
from automl_core.table import (
    Judgements,
    Schema,
    TableInfo,
    content_keys,
    correct_table,
    load_schema,
    open_table,
    save_schema,
)
from automl_core.table.inference import compute_column_stats, count_cells
from automl_core.table.parsing import parse_column

MOST_CELLS = 200_000_000
"""Cells of a table beyond which equal rows are not looked for while a page waits."""


@dataclass(frozen=True, eq=False)
class DoubtedLabels:
    """The rows that a model doubts, most doubtful first, and what it says instead."""

    doubts: LabelDoubts  # its places are those of `rows`
    rows: NDArray[np.int64]  # (m,) numbers in the stored table
    suggested: tuple[str, ...]  # (m,) the label that the model says, as a file would have it
    sure: NDArray[np.float64] | None  # (m,) its probability; None: values
    given: NDArray[np.float64] | None  # (m,) probability of the label in the table
    labels: tuple[str, ...]  # the classes; none for values


@dataclass(frozen=True, eq=False)
class ConflictingRows:
    """Rows that are the same in all that a model may see, and have different labels."""

    rows: NDArray[np.int64]  # numbers in the stored table, those of a group one after the other
    groups: NDArray[np.int64]  # (m,) number of each one's group, from 0 on
    best: float | None  # share of all rows that a model can get right at most; None: values


def doubted_labels(folder: RunFolder, trial: int) -> DoubtedLabels:
    """The labels that a model's predictions for unseen rows doubt.

    Rows that it has no prediction for are left out. Raises RunError where predictions are gone.
    """
    found = folder.out_of_fold(trial)
    known = np.isfinite(found.prediction.reshape(len(found.rows), -1)).all(axis=1)
    rows, y, prediction = found.rows[known], found.y[known], found.prediction[known]
    if folder.spec().task == "regression":
        doubts = value_doubts(y.astype(np.float64), prediction)
        words = tuple(plain_number(float(v)).replace(",", "") for v in doubts.suggested)
        return DoubtedLabels(doubts, rows[doubts.places], words, None, None, ())
    target = read_record(SchemaRecord, folder.model_files(trial), SCHEMA_FILE).target
    y = y.astype(np.int64)
    doubts = class_doubts(y, prediction)
    places, classes = doubts.places, doubts.suggested.astype(np.int64)
    labels = _spelled(target)
    return DoubtedLabels(
        doubts,
        rows[places],
        tuple(labels[c] for c in classes),
        prediction[places, classes],
        prediction[places, y[places]],
        labels,
    )


def _spelled(target: TargetCoder) -> tuple[str, ...]:
    """Each label as the table's own cells have it."""
    cells = target.spell(np.arange(target.classes))
    return tuple(str(cell) for cell in cells.to_pylist())


def conflicting_labels(folder: RunFolder, root: Path) -> ConflictingRows:
    """Equal rows with different labels in the whole table, largest groups first.

    Raises TableError where the table is gone, or too large to look while somebody waits.
    """
    spec, columns = folder.spec(), searched_columns(folder, max_columns=None)
    table = open_table(spec.table.hash, root)
    if table.num_rows * (len(columns) + 1) > MOST_CELLS:
        raise TableError("The table is too large to look for equal rows here.")
    keys = content_keys((table.column(c.name) for c in columns), table.num_rows)
    labels = _label_numbers(table.column(spec.target), folder.schema(), spec.target, spec.task)
    rows = np.flatnonzero(labels >= 0)
    if not len(rows):
        return ConflictingRows(rows, rows, None)
    number, label = np.unique(keys[rows], return_inverse=True)[1], labels[rows]
    kinds = int(label.max()) + 1
    pairs, counts = np.unique(number * kinds + label, return_counts=True)
    different, size = np.bincount(pairs // kinds), np.bincount(number)
    best = None
    if spec.task != "regression":
        most = np.zeros(len(size), np.int64)
        np.maximum.at(most, pairs // kinds, counts)
        best = float(most.sum() / len(rows))
    chosen = np.flatnonzero(different[number] > 1)
    order = chosen[np.lexsort((rows[chosen], number[chosen], -size[number[chosen]]))]
    starts = np.append(True, np.diff(number[order]) != 0)[: len(order)]
    return ConflictingRows(rows[order], np.cumsum(starts) - 1, best)


def _label_numbers(
    cells: pa.ChunkedArray, schema: Schema, target: str, task: str
) -> NDArray[np.int64]:
    """(n,) the same number for the same label or value, -1 where there is none."""
    rule = replace(schema.column(target).parse, kind="number" if task == "regression" else "string")
    column = parse_column(cells, target, rule)
    if column.codes is not None:
        return column.codes.astype(np.int64)
    assert column.numbers is not None
    known = np.isfinite(column.numbers)
    found = np.full(len(known), -1, np.int64)
    found[known] = np.unique(column.numbers[known], return_inverse=True)[1]
    return found


def reads_as_label(folder: RunFolder, cell: str) -> bool:
    """True where a cell of this text is a value of the run's target, which is a number."""
    target = folder.spec().target
    rule = replace(folder.schema().column(target).parse, kind="number")
    numbers = parse_column(pa.array([cell], pa.string()), target, rule).numbers
    return numbers is not None and bool(np.isfinite(numbers).all())


def store_corrected(info: TableInfo, schema: Schema, judged: Judgements, root: Path) -> TableInfo:
    """Store the table that follows from these judgements, with the roles of its columns.

    Raises TableError as `correct_table`.
    """
    made = correct_table(info, judged, root)
    if load_schema(made.hash, root) is None:
        table = open_table(made.hash, root)
        columns = []
        for column in schema.columns:
            stats = compute_column_stats(table.column(column.name), column.name)
            missing, distinct = count_cells(stats, column.parse)
            columns.append(replace(column, missing=missing, distinct=distinct))
        save_schema(made.hash, replace(schema, columns=tuple(columns), rows=made.rows), root)
    return made
