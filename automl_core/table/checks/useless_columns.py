"""Checks for columns of little use: empty, constant, ids, words that are mostly rare.

Reads the schema and the whole column; knows nothing of other columns.
"""

from __future__ import annotations

from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from automl_core.table import (
    Column,
    DecidedBy,
    Finding,
    leave_out,
    plain_array,
    shown,
    undo,
    use_as_words,
)
from automl_core.table.checks.sample import CheckSample, places_of
from automl_core.table.inference import ColumnStats
from automl_core.words import percent

NEARLY = 0.99  # share of the rows with a value that are alike
MANY, ROWS_A_VALUE = 50, 5.0
MANY_ANYWAY = 1_000
_LEFT_OUT = "It is left out of training."


def constant_column(column: Column) -> Finding | None:
    """A column that is left out because it has no value, or one only."""
    name = column.name
    if column.distinct == 0:
        message = f"{shown(name)} has no value in any row."
        return Finding("all_missing", (name,), "warning", message, _LEFT_OUT, "fixed")
    if column.distinct > 1 or column.missing:
        return None
    message = f"{shown(name)} has the same value in every row, so nothing can be learned from it."
    if column.role == "ignored":
        return Finding("constant", (name,), "warning", message, _LEFT_OUT, "fixed")
    fix = "Leave it out: nothing can be learned from it."
    return Finding("constant", (name,), "info", message, fix, action=leave_out(name))


def id_column(column: Column) -> Finding | None:
    """A column that only names the rows."""
    if column.role != "id":
        return None
    name = column.name
    message = f"{shown(name)} identifies rows ({column.reason}): a model could only memorise it."
    action = undo(name) if column.decision == DecidedBy.USER else use_as_words(name)
    return Finding("id", (name,), "info", message, _LEFT_OUT, "fixed", action)


def nearly_constant(stats: ColumnStats, column: Column) -> Finding | None:
    """A column with one value in nearly every row."""
    present = stats.present
    if len(stats.counts) < 2 or present < 0.5 * stats.rows or present < 100:
        return None
    share = float(stats.counts.max()) / present
    if share < NEARLY or column.role == "ignored":
        return None
    message = (
        f"{shown(column.name)} has the same value in {percent(share)} of the rows: the others are "
        "few, and what a model learns from them may be chance."
    )
    fix = "Models see it; leave it out if it means nothing."
    action = leave_out(column.name)
    return Finding("near_constant", (column.name,), "info", message, fix, "noted", action)


def many_values(stats: ColumnStats, column: Column) -> Finding | None:
    """Words of which most are rare."""
    if column.role != "category" or column.distinct < MANY:
        return None
    rows = stats.rows - stats.nulls
    if rows / max(1, column.distinct) >= ROWS_A_VALUE and column.distinct < MANY_ANYWAY:
        return None
    message = (
        f"{shown(column.name)} has {column.distinct:,} different values, "
        f"{rows / column.distinct:.1f} rows each: most are too rare to be learned one by one."
    )
    fix = "They are turned into the average target of their rows; rare ones count as one."
    action = leave_out(column.name)
    return Finding("high_cardinality", (column.name,), "info", message, fix, "fixed", action)


def constant_where_known(table: pa.Table, sample: CheckSample) -> list[Finding]:
    """Columns of the table with one value at most in the rows that have a target.

    `sample` is of this table.
    """
    places, target = places_of(table), sample.target
    assert target is not None
    values = plain_array(table.column(places[target]), target)
    known = pc.invert(pc.is_null(values, nan_is_null=True))
    left = pc.sum(pc.cast(known, pa.int64())).as_py() or 0
    if left == table.num_rows or left < 50:
        return []
    findings = []
    for column in sample.features():
        if column.distinct <= 100:
            look = partial(_constant_in, table.column(places[column.name]), column, known)
            findings.append(sample.once("constant where known", column, look))
    return [f for f in findings if f is not None]


def _constant_in(cells: pa.ChunkedArray, column: Column, known: pa.ChunkedArray) -> Finding | None:
    """The finding where the column has one value at most in the rows of `known`."""
    cells, name = plain_array(cells, column.name).filter(known), column.name
    distinct = pc.count_distinct(cells, mode="only_valid").as_py()
    if distinct > 1 or (distinct and cells.null_count):
        return None
    what = "the same value in all" if distinct else "no value in any of the"
    message = (
        f"{shown(name)} has {what} rows that have a target, so nothing can be learned from it."
    )
    kind = "constant" if distinct else "all_missing"
    return Finding(kind, (name,), "info", message, "Leave it out.", action=leave_out(name))
