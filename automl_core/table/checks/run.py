"""Runs all data checks on a table, before anything is trained.

A check reports nothing where it is not sure: good columns must not be named. Each check is a
file of this package; what one click does about a finding is in apply_fix.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial

import pyarrow as pa

from automl_core.errors import TableError
from automl_core.table import (
    DONE,
    Column,
    DecidedBy,
    Finding,
    Schema,
    Severity,
    evenly_spaced,
    leave_out,
    undo,
)
from automl_core.table.checks.cell_format import mixed_types, unit, wrong_encoding
from automl_core.table.checks.column_memo import ColumnMemo
from automl_core.table.checks.decimal_mark import is_usual_mark, number_marks
from automl_core.table.checks.disguised_missing import disguised
from automl_core.table.checks.duplicate_columns import duplicate_columns, same_names
from automl_core.table.checks.duplicate_rows import row_copies
from automl_core.table.checks.groups import row_groups
from automl_core.table.checks.leak_arithmetic import exact_arithmetic
from automl_core.table.checks.leak_comparisons import exact_comparisons
from automl_core.table.checks.leak_missingness import (
    recorded_together,
    target_dependent_missingness,
)
from automl_core.table.checks.leak_partial import partial_leaks
from automl_core.table.checks.leak_single_column import find_leaks
from automl_core.table.checks.leak_text import leaking_words
from automl_core.table.checks.leak_written_numbers import written_numbers
from automl_core.table.checks.long_numbers import long_numbers
from automl_core.table.checks.missing_cells import missing_together, mostly_missing
from automl_core.table.checks.mixed_percent import mixed_percent
from automl_core.table.checks.outliers import find_outliers, no_dates
from automl_core.table.checks.sample import CheckSample, gather, places_of
from automl_core.table.checks.spellings import spellings
from automl_core.table.checks.stray_rows import stray_rows
from automl_core.table.checks.target_balance import imbalance, skewed, too_few
from automl_core.table.checks.target_words import target_words
from automl_core.table.checks.time_drift import time_order
from automl_core.table.checks.unread_dates import future_births, unread_dates
from automl_core.table.checks.unread_numbers import unread_numbers
from automl_core.table.checks.useless_columns import (
    constant_column,
    constant_where_known,
    id_column,
    many_values,
    nearly_constant,
)
from automl_core.table.inference import (
    ColumnStats,
    TargetSummary,
    compute_column_stats,
    describe_target,
    guess_task,
    infer_column,
    usual_decimal,
)

__all__ = ["Finding", "Severity", "find_problems"]

_STATES = {"to_review": 0, "noted": 1, "fixed": 2}
_ORDER = {"error": 0, "warning": 1, "info": 2}


def find_problems(
    table: pa.Table,
    schema: Schema,
    target: str | None = None,
    sample: pa.Table | None = None,
    copies: Sequence[Finding] | None = None,
    memo: ColumnMemo | None = None,
) -> tuple[Finding, ...]:
    """Findings about columns and rows, and with a target also leaks, order, groups, imbalance.

    What needs a decision comes first. With a `sample` of the table, as `sample_rows` makes it,
    only what hides in a sample is looked for in all rows; `copies` are what `row_copies` found,
    where that is known. `memo` keeps what was found in single columns of this table, for the next
    call. Raises TableError where the target cannot be used at all.
    """
    looked = table if sample is None else sample
    checked = gather(looked, schema, target, None, memo)
    findings = _of_columns(looked, schema.columns, checked)
    findings += [*duplicate_columns(checked), *same_names(schema), *missing_together(checked)]
    if target is not None:
        findings += _of_target(looked, schema, target, table, checked.memo)
    findings += _left_out(looked, checked, table)
    if looked.num_rows < table.num_rows:
        picked = evenly_spaced(table.num_rows, looked.num_rows)
        findings = [replace(f, rows=tuple(int(picked[r]) for r in f.rows)) for f in findings]
    strays = stray_rows(table, schema)
    findings = [f for f in findings if not _of_strays(f, strays)] + strays
    findings += row_copies(table, schema, target) if copies is None else copies
    return tuple(sorted(findings, key=lambda f: (_STATES[f.state], _ORDER[f.severity])))


def _of_strays(finding: Finding, strays: Sequence[Finding]) -> bool:
    """True if a value is far from others only because its row is a sum or the like."""
    rows = {row for stray in strays for row in stray.rows}
    return finding.kind == "outliers" and bool(finding.rows) and rows.issuperset(finding.rows)


def _of_columns(table: pa.Table, columns: Iterable[Column], checked: CheckSample) -> list[Finding]:
    """Findings about columns of the table, each looked at alone."""
    places, schema = places_of(table), checked.schema
    found: list[Finding] = []
    for column in columns:
        cells, role = table.column(places[column.name]), "feature"
        if column.name == checked.target:
            role = "target"
        look = partial(_of_column, column, cells, schema.rows, role == "target")
        found += checked.memo.get(("alone", column.digest, role), look)
    marks = {f.columns[0] for f in found if f.kind == "number_marks"}
    rules = {schema.column(name).parse.decimal for name in marks}
    usual = {mark for mark in rules if is_usual_mark(mark, table, schema)}
    return [
        f
        for f in found
        if f.kind != "number_marks" or schema.column(f.columns[0]).parse.decimal not in usual
    ]


def _of_column(column: Column, cells: pa.ChunkedArray, rows: int, is_target: bool) -> list[Finding]:
    constant = constant_column(column)
    if constant is not None:
        return [constant]
    stats = compute_column_stats(cells, column.name)
    names_rows = id_column(column)
    if names_rows is not None and not is_target:
        return [names_rows, *_made(_as_read(stats, column, cells))]
    marks = number_marks(stats, column, cells)
    if is_target:
        return _made((marks, spellings(stats, column, cells), target_words(stats, column, cells)))
    found = (
        *_as_read(stats, column, cells),
        marks,
        mostly_missing(column, rows),
        nearly_constant(stats, column),
        many_values(stats, column),
        *disguised(stats, column, cells),
        unit(stats, column),
        find_outliers(stats, column, cells),
        no_dates(stats, column, cells),
        wrong_encoding(stats, column, cells),
        spellings(stats, column, cells),
        mixed_percent(stats, column, cells),
        future_births(stats, column, cells),
    )
    return _made(found)


def _as_read(
    stats: ColumnStats, column: Column, cells: pa.ChunkedArray
) -> tuple[Finding | None, ...]:
    """Findings about numbers and dates that are read as something else, or not exactly."""
    numbers = unread_numbers(stats, column, cells)
    if numbers is None or numbers.kind != "flags":
        numbers = mixed_types(stats, column, cells) or numbers
    return unread_dates(stats, column, cells) or numbers, long_numbers(stats, column)


def _made(found: Iterable[Finding | None]) -> list[Finding]:
    return [f for f in found if f is not None]


def _of_target(
    table: pa.Table, schema: Schema, target: str, whole: pa.Table, memo: ColumnMemo
) -> list[Finding]:
    """Findings that need the target: leaks, order, groups, balance."""
    summary = _described(table, schema, target, whole, memo)
    task = summary.task
    checked = replace(gather(table, schema, target, task, memo), whole=whole)
    groups = row_groups(checked)
    leaks = _leaks(table, checked, summary)
    # A column that names small groups predicts the target of rows in training: that is no leak.
    leaks = [f for f in leaks if not any(f.columns[:-1] == g.columns for g in groups)]
    findings = [*leaks, *summary.problems, *time_order(checked), *groups]
    findings += too_few(checked, summary)
    return findings + (skewed(checked, summary) if task == "regression" else imbalance(summary))


def _described(
    table: pa.Table, schema: Schema, target: str, whole: pa.Table, memo: ColumnMemo
) -> TargetSummary:
    """The target in a sample; classes, of which that may lack some, are counted in all rows."""

    def look() -> TargetSummary:
        looked = table
        try:
            task = guess_task(table, schema, target).task
        except TableError:  # the same in every row, perhaps of the sample only
            task, looked = guess_task(whole, schema, target).task, whole
        return describe_target(looked if task == "regression" else whole, schema, target, task)

    return memo.get(("described", schema.column(target).digest), look)


def _leaks(table: pa.Table, checked: CheckSample, summary: TargetSummary) -> list[Finding]:
    """Columns that give the target away, or have one value at most where it is known."""
    leaks = find_leaks(checked)
    leaking = {name for f in leaks for name in f.columns}
    late = [*target_dependent_missingness(checked, summary), *recorded_together(checked)]
    leaks += [f for f in late if f.columns[0] not in leaking]
    leaking |= {f.columns[0] for f in late}
    leaks += partial_leaks(checked, leaking)
    written = [*leaking_words(checked), *written_numbers(checked)]
    leaks += [f for f in written if f.columns[0] not in leaking]
    leaks += [f for f in exact_arithmetic(checked) if not leaking.issuperset(f.columns)]
    leaks += [f for f in exact_comparisons(checked) if not leaking.intersection(f.columns[:-1])]
    return [*leaks, *constant_where_known(table, checked)]


def _left_out(table: pa.Table, now: CheckSample, whole: pa.Table) -> list[Finding]:
    """Findings about columns that a user has left out since, marked as fixed."""
    schema, target, memo = now.schema, now.target, now.memo
    gone = [c for c in schema.columns if c.role == "ignored" and c.decision == DecidedBy.USER]
    gone = [c for c in gone if c.name != target]
    names = {c.name for c in gone}
    if not gone:
        return []
    places, decimal, found = places_of(table), usual_decimal(schema), []
    for old in gone:
        look = partial(infer_column, table.column(places[old.name]), old.name, decimal)
        column = memo.get(("inferred", old.name, decimal), look)
        found.append(replace(column, missing=old.missing, distinct=old.distinct))
    before = schema.with_columns(found)
    checked = gather(table, before, target, None, memo)
    findings = _of_columns(table, (c for c in before.columns if c.name in names), checked)
    findings += duplicate_columns(checked)
    if target is not None:
        summary = _described(table, before, target, whole, memo)
        checked = gather(table, before, target, summary.task, memo)
        findings += _leaks(table, checked, summary)
    return [_done(f, names) for f in findings if names.intersection(_offered(f))]


def _offered(finding: Finding) -> tuple[str, ...]:
    """The columns that the finding's fix would leave out."""
    action = finding.action
    return () if action is None or action.values != leave_out().values else action.columns


def _done(finding: Finding, names: set[str]) -> Finding:
    out = tuple(n for n in _offered(finding) if n in names)
    fix = f"{DONE} left out of training."
    return replace(finding, state="fixed", fix=fix, action=undo(*out), applied=True)
