"""The schema of a table: for each column its role, why, and how its cells are read.

Findings across columns are in quality.py. Nothing here is final: a user may choose another
role, other marks of missing cells and another order of day and month, and take it back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pyarrow as pa

from automl_core.errors import TableError
from automl_core.table import Column, ParseRule, Role, Schema, is_text
from automl_core.table.inference.column_role import infer_column
from automl_core.table.inference.column_stats import ColumnStats, compute_column_stats, count_cells
from automl_core.table.inference.date_format import datetime_rule, day_order_rule
from automl_core.table.inference.duplicate_columns import ignore_copies
from automl_core.table.inference.list_format import chosen_list_rule
from automl_core.table.inference.missing_and_boolean import boolean_rule, leading_zeros, word_marks
from automl_core.table.inference.number_format import number_rule

CHOSEN = "chosen by you"
_ROLE_OF: dict[str, Role] = {
    "number": "numeric", "string": "category", "text": "text", "datetime": "datetime",
    "boolean": "boolean", "list": "list",
}  # fmt: skip


def infer_schema(table: pa.Table, decimal: str = ".") -> Schema:
    """Roles with reasons for every column of the table; copies of a column are left out.

    `decimal` is the decimal mark of the file that the table is from: where cells leave in
    doubt what a mark means, it is this one.
    """
    names = table.column_names
    columns = (infer_column(table.column(i), name, decimal) for i, name in enumerate(names))
    return ignore_copies(Schema(tuple(columns), table.num_rows), table)


def with_role(schema: Schema, table: pa.Table, name: str, role: Role) -> Schema:
    """The schema with a role chosen by the user, its parse rule and counts derived anew.

    Marks of missing cells that the user named, and a text that is mended, stay so in any role.
    Raises TableError where not one cell of the column can be read that way.
    """
    old = schema.column(name)
    values = _values(table, name)
    facts = compute_column_stats(values, name, decimal=_usual_decimal(schema))
    rule = old.parse if role == "ignored" else _as_chosen(facts, old.parse, _rule_for(facts, role))
    missing, distinct = old.missing, old.distinct
    typed = facts.sampled and not is_text(facts.values.type)  # then the rule changes no count
    if rule != old.parse and (not typed or rule.missing or old.parse.missing):
        missing, distinct = count_cells(facts, rule, values)
    if not distinct and facts.present and role != "ignored":
        example = str(facts.values[0].as_py())[:40]
        raise TableError(
            f"The column {name!r} cannot be {role}: no cell reads that way, such as {example!r}.",
            "Choose category or text instead.",
        )
    return schema.with_column(Column(name, role, CHOSEN, rule, missing, distinct))


def as_inferred(schema: Schema, table: pa.Table, name: str) -> Schema:
    """The schema with this column as it was found without help; raises TableError if unknown."""
    schema.column(name)
    return schema.with_column(infer_column(_values(table, name), name, _usual_decimal(schema)))


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
        values = _values(table, name)
        missing, distinct = count_cells(compute_column_stats(values, name), rule, values)
        if distinct:
            found = replace(column, reason=CHOSEN, parse=rule, missing=missing, distinct=distinct)
            return schema.with_column(found)
    raise TableError(
        f"The dates of {name!r} have no other order of day and month.", "Leave it as it is."
    )


def natural_rule(facts: ColumnStats) -> ParseRule:
    """How the cells read best, whatever role the column has."""
    return (
        boolean_rule(facts)
        or (None if leading_zeros(facts) else number_rule(facts))
        or datetime_rule(facts)
        or ParseRule("string", word_marks(facts))
    )


def _with_marks(schema: Schema, table: pa.Table, name: str, marks: tuple[str, ...]) -> Schema:
    column = schema.column(name)
    if marks == column.parse.missing:
        return schema
    values = _values(table, name)
    rule = replace(column.parse, missing=marks)
    missing, distinct = count_cells(compute_column_stats(values, name), rule, values)
    if not distinct:
        raise TableError(
            f"The column {name!r} would have no value left.", "Name fewer marks of missing cells."
        )
    reason = column.reason.split(", missing where")[0].split("; missing marks")[0]
    reason += "; missing marks " + CHOSEN
    found = replace(column, reason=reason, parse=rule, missing=missing, distinct=distinct)
    return schema.with_column(found)


def _usual_decimal(schema: Schema) -> str:
    """The decimal mark of the file, which the rules of most of its numbers keep."""
    marks = [c.parse.decimal for c in schema.columns if c.parse.kind == "number"]
    return "," if 2 * marks.count(",") > len(marks) else "."


def _values(table: pa.Table, name: str) -> pa.ChunkedArray:
    return table.column(table.column_names.index(name))


def _rule_for(facts: ColumnStats, role: Role) -> ParseRule:
    if role in ("numeric", "weight"):
        return number_rule(facts) or ParseRule("number")
    if role == "text":
        return ParseRule("text", word_marks(facts))
    if role == "list":
        return chosen_list_rule(facts)
    if role in ("datetime", "time"):
        found = datetime_rule(facts)
        if found is None and role == "time":
            found = number_rule(facts)  # an order need not be a date
        return found or ParseRule("datetime")
    if role == "boolean":
        return boolean_rule(facts) or _two_words(facts)
    return ParseRule("string", word_marks(facts))


def _as_chosen(facts: ColumnStats, old: ParseRule, new: ParseRule) -> ParseRule:
    """The new rule with the marks that the user added to the old one, or took from it."""
    try:
        suggested = _rule_for(facts, _ROLE_OF[old.kind]).missing
    except TableError:  # no longer boolean
        suggested = old.missing
    named = [m for m in old.missing if m not in suggested]
    kept = [m for m in new.missing if m in old.missing or m not in suggested]
    return replace(new, missing=tuple(dict.fromkeys((*kept, *named))), mend=old.mend)


def _two_words(facts: ColumnStats) -> ParseRule:
    marks = word_marks(facts)
    words = sorted(set(facts.lower) - set(marks))
    if len(words) != 2:
        raise TableError(
            f"The column {facts.name!r} cannot be boolean: it has {len(words)} different values.",
            "Choose category instead.",
        )
    return ParseRule("boolean", marks, true=(words[1],), false=(words[0],))
