"""Checks numbers whose mark may be the decimal one or may group thousands."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from automl_core.table import Column, Finding, FixAction, Schema, is_text, shown
from automl_core.table.checks.found_rows import rows_with
from automl_core.table.checks.sample import places_of
from automl_core.table.inference import ColumnStats, meaning
from automl_core.table.parsing import parse_column


def number_marks(stats: ColumnStats, column: Column, cells: pa.ChunkedArray) -> Finding | None:
    """A column read as decimals that may be whole numbers, with the other reading as its fix.

    Another column of the table may tell what the mark means, see `is_usual_mark`.
    """
    rule, name = column.parse, column.name
    decimals = rule.kind == "number" and not rule.thousands and not rule.formats
    if not decimals or column.role == "ignored" or not is_text(stats.values.type):
        return None
    numbers = stats.shapes.numbers
    marked = pc.match_substring_regex(numbers, rf"^[+-]?\d{{1,3}}[{rule.decimal}]\d{{3}}$")
    marked = pc.fill_null(marked, False)
    if not pc.any(marked).as_py() or meaning(numbers, rule.decimal) != "unclear":
        return None
    value, example = stats.values.filter(marked), str(numbers.filter(marked)[0].as_py())
    digits = example.replace(rule.decimal, "")
    read = example.replace(rule.decimal, ".")
    message = (
        f"{shown(name)} has numbers such as {shown(str(value[0].as_py()))}, and no cell tells "
        f"what the mark in them means. This one is read as {read} (decimals); "
        f"it is {digits} if the mark groups thousands."
    )
    fix = f"Leave it where {read} is meant; otherwise read the column the other way."
    other = (",", ".") if rule.decimal == "." else (".", ",")
    action = FixAction("marks", f"Read {example} as {digits}", (name,), other)
    rows = rows_with(cells, value)
    return Finding("number_marks", (name,), "warning", message, fix, "to_review", action, rows)


def is_usual_mark(decimal: str, table: pa.Table, schema: Schema) -> bool:
    """True if another column of the table has decimals, so that the file's mark is known."""
    places = places_of(table)
    for column in schema.columns:
        values = table.column(places[column.name])
        if not pa.types.is_floating(values.type) or column.parse.kind != "number":
            continue
        numbers = parse_column(values, column.name, column.parse).numbers
        assert numbers is not None
        if column.parse.decimal == decimal and (np.nan_to_num(numbers) % 1 != 0).any():
            return True
    return False
