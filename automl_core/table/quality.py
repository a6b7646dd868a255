"""The data doctor: asks every check what is wrong with a table before anything is trained.

Prefers silence to a false accusation: honest columns must not be named. The checks are in
table/checks; what one click does about a finding is in remedies.py. Knows nothing of models.
"""

from __future__ import annotations

import pyarrow as pa

from automl_core.table.checks.aftermath import aftermath, recorded_together
from automl_core.table.checks.balance import imbalance, skewed, too_few
from automl_core.table.checks.columns import (
    id_column,
    many_values,
    nearly_constant,
    silent_column,
    silent_where_known,
)
from automl_core.table.checks.copies import row_copies
from automl_core.table.checks.disguise import disguised
from automl_core.table.checks.evidence import gather
from automl_core.table.checks.extremes import extremes, no_dates
from automl_core.table.checks.gaps import missing_together, mostly_missing
from automl_core.table.checks.groups import row_groups
from automl_core.table.checks.leaks import find_leaks
from automl_core.table.checks.number_marks import number_marks
from automl_core.table.checks.order import time_order
from automl_core.table.checks.sums import sums
from automl_core.table.checks.twins import twins
from automl_core.table.checks.writing import mixed_types, unit, wrong_encoding
from automl_core.table.facts import facts_of
from automl_core.table.findings import Finding, Severity
from automl_core.table.schema import Column, Schema
from automl_core.table.target import describe_target, guess_task

__all__ = ["Finding", "Severity", "find_problems"]

_ORDER = {"error": 0, "warning": 1, "info": 2}


def find_problems(
    table: pa.Table, schema: Schema, target: str | None = None
) -> tuple[Finding, ...]:
    """Findings about columns and rows, and with a target also leaks, order, groups, imbalance.

    What needs a decision comes first. Raises TableError where the target cannot be used at all.
    """
    findings = [f for column in schema.columns for f in _of_column(table, column, schema, target)]
    evidence = gather(table, schema, target, None)
    findings += twins(evidence)
    findings += missing_together(evidence)
    findings += row_copies(table, schema, target)
    if target is not None:
        findings += _of_target(table, schema, target)
    return tuple(sorted(findings, key=lambda f: (f.state == "mended", _ORDER[f.severity])))


def _of_column(
    table: pa.Table, column: Column, schema: Schema, target: str | None
) -> list[Finding]:
    """What is wrong with one column, looked at alone."""
    silent = silent_column(column)
    if silent is not None:
        return [silent]
    names_rows = id_column(column)
    if names_rows is not None and column.name != target:
        return [names_rows]
    cells = table.column(table.schema.names.index(column.name))
    facts = facts_of(cells, column.name)
    marks = number_marks(facts, column, cells, table, schema)
    if column.name == target:
        return [marks] if marks is not None else []
    found = (
        marks,
        mostly_missing(column, schema),
        nearly_constant(facts, column),
        many_values(facts, column),
        disguised(facts, column, cells),
        unit(facts, column),
        mixed_types(facts, column, cells),
        extremes(facts, column, cells),
        no_dates(facts, column, cells),
        wrong_encoding(facts, column, cells),
    )
    return [f for f in found if f is not None]


def _of_target(table: pa.Table, schema: Schema, target: str) -> list[Finding]:
    """What the target shows: leaks, order, groups, balance."""
    task = guess_task(table, schema, target).task
    summary = describe_target(table, schema, target, task)
    evidence = gather(table, schema, target, task)
    leaks = [*find_leaks(table, schema, target, task)]
    accused = {name for f in leaks for name in f.columns}
    after = [*aftermath(evidence, summary), *recorded_together(evidence)]
    leaks += [f for f in after if f.columns[0] not in accused]
    leaks += [f for f in sums(evidence) if not accused.issuperset(f.columns)]
    findings = [*leaks, *silent_where_known(table, schema, target)]
    findings += summary.problems
    findings += [*time_order(evidence), *row_groups(evidence), *too_few(evidence, summary)]
    return findings + (skewed(evidence, summary) if task == "regression" else imbalance(summary))
