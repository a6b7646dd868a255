"""Applies a fix to a schema.

Checks find the problems; a fix of a run leaves the schema as it is.
"""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from automl_core.errors import TableError, did_you_mean
from automl_core.table import CHOSEN, ROLES, Column, DecidedBy, FixAction, ParseRule, Role, Schema
from automl_core.table.checks.sample import places_of
from automl_core.table.inference import (
    as_inferred,
    compute_column_stats,
    count_cells,
    with_merged_spellings,
    with_missing,
    with_own_spellings,
    with_roles,
    without_missing,
)


def apply_fix(action: FixAction, schema: Schema, table: pa.Table) -> Schema:
    """The schema after the click; the same where the fix is a setting of the run.

    Raises TableError where the columns cannot be read that way.
    """
    if action.kind == "role":
        return with_roles(schema, table, dict.fromkeys(action.columns, _role(action)))
    if action.kind == "inferred":
        return as_inferred(schema, table, *action.columns)
    places = places_of(table)
    changed: list[Column] = []
    for name in action.columns:  # each alone: of thousands, none shall cost a look at all others
        one = Schema((schema.column(name),), schema.rows)
        changed += _apply_one(action, one, table.select([places[name]]), name).columns
    return schema.with_columns(changed)


def _apply_one(action: FixAction, schema: Schema, table: pa.Table, name: str) -> Schema:
    if action.kind == "missing":
        return with_missing(schema, table, name, action.values)
    if action.kind == "values":
        return without_missing(schema, table, name, action.values)
    if action.kind == "marks":
        decimal, thousands = action.values
        rule = replace(schema.column(name).parse, decimal=decimal, thousands=thousands)
        return _with_rule(schema, table, name, rule)
    if action.kind == "mend_text":
        return _with_rule(schema, table, name, replace(schema.column(name).parse, mend=True))
    if action.kind == "spellings":
        merged = action.values == ("merged",)
        return (with_merged_spellings if merged else with_own_spellings)(schema, table, name)
    if action.kind == "numbers":
        return _as_numbers(schema, table, name, action.values)
    if action.kind == "dates":
        rule = ParseRule("datetime", schema.column(name).parse.missing, formats=action.values)
        return _with_role_and_rule(schema, table, name, "datetime", rule)
    return schema


def _with_rule(schema: Schema, table: pa.Table, name: str, rule: ParseRule) -> Schema:
    column = schema.column(name)
    values = table.column(table.column_names.index(name))
    missing, distinct = count_cells(compute_column_stats(values, name), rule)
    if not distinct:
        raise TableError(
            f"No cell of the column {name!r} reads that way.", "Leave the column as it is."
        )
    reason = column.reason
    if rule.decimal != column.parse.decimal:
        reason = f"numbers with thousands {rule.thousands!r}, {CHOSEN}"
    found = replace(column, reason=reason, parse=rule, missing=missing, distinct=distinct)
    return schema.with_column(found)


def _as_numbers(schema: Schema, table: pa.Table, name: str, marks: tuple[str, ...]) -> Schema:
    """The column as numbers, by the decimal mark that reads most of them."""
    stats = compute_column_stats(table.column(table.column_names.index(name)), name)
    rules = [
        ParseRule("number", stats.marks, decimal, thousands, flags=marks)
        for decimal, thousands in ((".", ""), (",", ""), (".", ","), (",", "."))
    ]
    best = max(rules, key=lambda rule: -count_cells(stats, rule)[0])
    return _with_role_and_rule(schema, table, name, "numeric", best)


def _with_role_and_rule(
    schema: Schema, table: pa.Table, name: str, role: Role, rule: ParseRule
) -> Schema:
    schema = _with_rule(schema, table, name, rule)
    chosen = replace(schema.column(name), role=role, reason=CHOSEN, decided_by=DecidedBy.USER)
    return schema.with_column(chosen)


def _role(action: FixAction) -> Role:
    for role in ROLES:
        if action.values == (role,):
            return role
    raise TableError(
        f"There is no role {action.values!r}.", did_you_mean(str(action.values), ROLES)
    )
