"""The parse rule of one column: its reason, its missing values, and undoing a change.

The page decides what to do with the changed schema.
"""

from __future__ import annotations

import pyarrow as pa
import streamlit as st

from automl_core.errors import AutoMLError
from automl_core.table import Column, Schema
from automl_core.table.inference import (
    as_inferred,
    day_order_rule,
    with_missing,
    with_other_day_order,
    without_missing,
)
from pages.components.shared import (
    count,
    distinct_labels,
    escape_markdown,
    one_line,
    percent,
    show_error,
)

MARKS_HELP = "Cells that mean “no value”, whatever their case: type one and press Enter."


def draw_column_reading(schema: Schema, table: pa.Table) -> Schema | None:
    """A popover about the reading of one column; the changed schema, or None."""
    with st.popover("How a column is read", icon=":material/visibility:", key="column_reading"):
        labels = distinct_labels(schema.names)
        name = st.selectbox(
            "Column", list(labels), format_func=labels.__getitem__, key="reading_column"
        )
        column = schema.column(name)
        _draw_facts(column, schema.rows)
        version = Schema((column,), schema.rows).digest
        marks = distinct_labels(column.parse.missing)
        wanted = st.multiselect(
            "Missing where it says",
            column.parse.missing,
            column.parse.missing,
            format_func=lambda mark: marks.get(mark) or one_line(mark),  # also one that is typed
            accept_new_options=True,
            select_all=False,
            placeholder="such as ?, unknown, -999",
            help=MARKS_HELP,
            key=f"reading_marks_{version}",
        )
        with st.container(horizontal=True):
            apply = st.button("Apply", icon=":material/check:", key="reading_apply")
            turn = day_order_rule(column.parse) is not None and st.button(
                "Swap day and month", icon=":material/swap_horiz:", key="reading_swap"
            )
            undo = st.button("As inferred", icon=":material/undo:", key="reading_undo")
        try:
            if apply:
                return _with_marks(schema, table, column, tuple(wanted))
            if turn:
                return with_other_day_order(schema, table, name)
            if undo:
                return as_inferred(schema, table, name)
        except AutoMLError as error:
            show_error(error)
    return None


def _draw_facts(column: Column, rows: int) -> None:
    missing = percent(column.missing / max(1, rows))
    st.caption(
        f"**{column.role}**: {escape_markdown(column.reason)}  \n"
        f"{count(column.distinct, 'different value')}, {missing} missing"
    )


def _with_marks(
    schema: Schema, table: pa.Table, column: Column, wanted: tuple[str, ...]
) -> Schema | None:
    """The schema with exactly these marks; None where they are what they were."""
    now, then = set(column.parse.missing), {mark.strip().lower() for mark in wanted}
    if now == then:
        return None
    changed = with_missing(schema, table, column.name, sorted(then - now))
    return without_missing(changed, table, column.name, now - then)
