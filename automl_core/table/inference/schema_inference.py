"""The schema of a table: for each column its role, why, and how its cells are read.

A user may choose another role, other marks of missing cells and another order of day and
month, and take it back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import pyarrow as pa

from automl_core.errors import TableError
from automl_core.table import (
    CHOSEN,
    Column,
    DecidedBy,
    ParseRule,
    Role,
    Schema,
    is_text,
    plain_table,
)
from automl_core.table.inference.boolean_format import boolean_rule, chosen_boolean_rule
from automl_core.table.inference.column_role import infer_column
from automl_core.table.inference.column_stats import ColumnStats, compute_column_stats, count_cells
from automl_core.table.inference.date_format import day_order_rule, read_as_dates
from automl_core.table.inference.duplicate_columns import ignore_copies
from automl_core.table.inference.list_format import chosen_list_rule
from automl_core.table.inference.long_numbers import is_long
from automl_core.table.inference.number_format import read_as_numbers

_ROLE_OF: dict[str, Role] = {
    "number": "numeric", "string": "category", "text": "text", "datetime": "datetime",
    "boolean": "boolean", "list": "list",
}  # fmt: skip


def infer_schema(table: pa.Table, decimal: str = ".") -> Schema:
    """Roles with reasons for every column of the table; copies of a column are left out.

    `decimal` is the decimal mark of the file that the table is from: where cells leave in
    doubt what a mark means, it is this one.
    """
    table = plain_table(table)
    names = table.column_names
    columns = (infer_column(table.column(i), name, decimal) for i, name in enumerate(names))
    return ignore_copies(Schema(tuple(columns), table.num_rows), table)


def with_role(schema: Schema, table: pa.Table, name: str, role: Role) -> Schema:
    """The schema with a role chosen by the user, its parse rule and counts derived anew.

    Marks of missing cells that the user named, and a repaired text encoding, stay in any role.
    Raises TableError where not one cell of the column can be read that way.
    """
    return with_roles(schema, table, {name: role})


def with_roles(schema: Schema, table: pa.Table, roles: Mapping[str, Role]) -> Schema:
    """As `with_role`, for several columns at once."""
    decimal, places = usual_decimal(schema), _places(table)
    return schema.with_columns(
        _with_role(schema.column(name), table.column(places[name]), decimal, role)
        for name, role in roles.items()
    )


def _with_role(old: Column, cells: pa.ChunkedArray, decimal: str, role: Role) -> Column:
    name = old.name
    stats = compute_column_stats(cells, name, decimal=decimal)
    rule = old.parse if role == "ignored" else _as_chosen(stats, old.parse, _rule_for(stats, role))
    missing, distinct = old.missing, old.distinct
    typed = stats.sampled and not is_text(stats.values.type)  # then the rule changes no count
    if rule != old.parse and (not typed or rule.missing or old.parse.missing):
        missing, distinct = count_cells(stats, rule)
    if not distinct and stats.present and role != "ignored":
        example = str(stats.values[0].as_py())[:40]
        raise TableError(
            f"The column {name!r} cannot be {role}: no cell reads that way, such as {example!r}.",
            "Choose category or text instead.",
        )
    return Column(name, role, CHOSEN, rule, missing, distinct, DecidedBy.USER)


def as_inferred(schema: Schema, table: pa.Table, *names: str) -> Schema:
    """The schema with these columns as they were found without help.

    Raises TableError where one is unknown.
    """
    decimal, places = usual_decimal(schema), _places(table)
    for name in names:
        schema.column(name)
    return schema.with_columns(infer_column(table.column(places[n]), n, decimal) for n in names)


def with_missing(schema: Schema, table: pa.Table, name: str, marks: Iterable[str]) -> Schema:
    """The schema with these cells of a column read as missing too, ends trimmed and case aside.

    Raises TableError where no cell would be left.
    """
    added = [mark.strip().lower() for mark in marks if mark.strip()]
    kept = schema.column(name).parse.missing
    return _with_marks(schema, table, name, tuple(dict.fromkeys((*kept, *added))))


def without_missing(schema: Schema, table: pa.Table, name: str, marks: Iterable[str]) -> Schema:
    """The schema with these marks of a column read as values again.

    A word among numbers stays missing, as it is no number; the column can be made a category.
    """
    dropped = {mark.strip().lower() for mark in marks}
    kept = schema.column(name).parse.missing
    return _with_marks(schema, table, name, tuple(m for m in kept if m.lower() not in dropped))


def with_other_day_order(schema: Schema, table: pa.Table, name: str) -> Schema:
    """The schema with day and month of a column's dates read the other way round.

    Raises TableError where the column has no dates with an order, or none that fit the other.
    """
    column = schema.column(name)
    rule = day_order_rule(column.parse)
    if rule is not None:
        missing, distinct = count_cells(compute_column_stats(_values(table, name), name), rule)
        if distinct:
            chosen = Column(name, column.role, CHOSEN, rule, missing, distinct, DecidedBy.USER)
            return schema.with_column(chosen)
    raise TableError(
        f"The dates of {name!r} have no other order of day and month.", "Leave it as it is."
    )


def natural_rule(stats: ColumnStats) -> ParseRule:
    """The rule that reads the cells best, whatever role the column has."""
    boolean = boolean_rule(stats)
    if boolean:
        return boolean
    numbers = None if stats.leading_zeros or is_long(stats) else read_as_numbers(stats)
    found = numbers or read_as_dates(stats)
    return found.rule if found else ParseRule("string", stats.word_marks)


def _with_marks(schema: Schema, table: pa.Table, name: str, marks: tuple[str, ...]) -> Schema:
    column = schema.column(name)
    if marks == column.parse.missing:
        return schema
    rule = replace(column.parse, missing=marks)
    missing, distinct = count_cells(compute_column_stats(_values(table, name), name), rule)
    if not distinct:
        raise TableError(
            f"The column {name!r} would have no value left.", "Name fewer marks of missing cells."
        )
    reason = column.reason.split(", missing where")[0].split("; missing marks")[0]
    reason += "; missing marks " + CHOSEN
    found = replace(column, reason=reason, parse=rule, missing=missing, distinct=distinct)
    return schema.with_column(found)


def usual_decimal(schema: Schema) -> str:
    """The decimal mark of the file, which the rules of most of its numbers keep."""
    marks = [c.parse.decimal for c in schema.columns if c.parse.kind == "number"]
    return "," if 2 * marks.count(",") > len(marks) else "."


def _places(table: pa.Table) -> dict[str, int]:
    return {name: i for i, name in reversed(list(enumerate(table.column_names)))}


def _values(table: pa.Table, name: str) -> pa.ChunkedArray:
    return table.column(table.column_names.index(name))


def _rule_for(stats: ColumnStats, role: Role) -> ParseRule:
    """The rule that reads the column in a role that a user chose."""
    if role in ("numeric", "weight"):
        numbers = read_as_numbers(stats)
        return numbers.rule if numbers else ParseRule("number")
    if role == "text":
        return ParseRule("text", stats.word_marks)
    if role == "list":
        return chosen_list_rule(stats)
    if role in ("datetime", "time"):
        dates = read_as_dates(stats)
        # an order need not be a date
        found = read_as_numbers(stats) if dates is None and role == "time" else dates
        return found.rule if found else ParseRule("datetime")
    if role == "boolean":
        return chosen_boolean_rule(stats)
    return ParseRule("string", stats.word_marks)


def _as_chosen(stats: ColumnStats, old: ParseRule, new: ParseRule) -> ParseRule:
    """The new rule with the marks that the user added to the old one, or took from it."""
    try:
        suggested = _rule_for(stats, _ROLE_OF[old.kind]).missing
    except TableError:  # no longer boolean
        suggested = old.missing
    named = [m for m in old.missing if m not in suggested]
    kept = [m for m in new.missing if m in old.missing or m not in suggested]
    return replace(new, missing=tuple(dict.fromkeys((*kept, *named))), mend=old.mend)
