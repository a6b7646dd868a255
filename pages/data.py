"""Data: what is in the table, what each column is used for, what needs a decision."""

from __future__ import annotations

import streamlit as st

from automl_core.errors import AutoMLError
from automl_core.table import Role, Schema, SourceFormat, TableInfo
from automl_core.table.inference import ESTIMATED_FROM, infer_schema, with_roles
from pages.components.data import columns_table, draw_checks, draw_column_reading
from pages.components.shared import (
    Asked,
    count,
    draw_questions,
    escape_markdown,
    frame,
    one_line,
    percent,
    reading_settings,
    session,
    table_facts,
    table_input,
)

PREVIEW_ROWS, PREVIEW_COLUMNS = 100, 60


def draw_empty() -> None:
    """No table yet: bring one here, or go Home for a sample."""
    frame.draw_title("Data")
    if st.query_params.get("table"):
        st.warning(
            "The table of this link is not in this workspace. Upload it again.",
            icon=":material/link_off:",
        )
    with st.container(border=True):
        st.header("No table yet", anchor=False)
        arrived = table_input.draw_uploader()
        st.caption(table_input.FORMATS)
        arrived = table_input.draw_failed() or table_input.draw_server_path() or arrived
        arrived = table_input.draw_database() or arrived
        st.page_link("app.py", label="Or take a sample on Home", icon=":material/home:")
    if arrived:
        st.rerun()


def draw_header(info: TableInfo, schema: Schema) -> None:
    """Name, size and the way on."""
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    left.title(escape_markdown(one_line(info.name, 60)), anchor=False)
    settings = reading_settings.settings_of(info.settings)
    how = (
        reading_settings.describe(settings) if settings else reading_settings.origin(info.settings)
    )
    left.caption(
        f"{count(info.rows, 'row')} × {count(info.columns, 'column')}. {escape_markdown(how)}."
    )
    if right.button(
        "Choose a target",
        type="primary",
        icon=":material/arrow_forward:",
        icon_position="right",
        key="choose_target",
        width="stretch",
    ):
        session.set_run(None)
        frame.go_to("Train")
    cells = sum(c.missing for c in schema.columns) / max(1, schema.rows * len(schema.columns))
    target = session.current_target()
    used = len(schema.features(without=(target,) if target else ()))
    with st.grid(columns=4, min_column_width=170, key="numbers"):
        st.metric("Rows", f"{info.rows:,}", border=True)
        st.metric("Columns", f"{info.columns:,}", border=True)
        st.metric("Given to the models", f"{used:,}", border=True)
        st.metric("Missing cells", percent(cells), border=True)


def draw_doubts(info: TableInfo) -> None:
    """Questions about how the file was read; an answer reads it again."""
    source = session.source_of(info)
    if source is None or not any(decision.doubtful for decision in info.decisions):
        return
    try:
        path = table_input.located(source)
    except AutoMLError:  # the file is no longer there, so nothing can be asked
        return
    options = draw_questions(Asked(path, info, SourceFormat("")), "doubt")
    if options is not None and table_input.read(source, options):
        st.rerun()


def draw_columns(info: TableInfo, schema: Schema) -> dict[str, Role]:
    """The table of columns; the roles that were changed."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.header("Columns", anchor=False, width="stretch")
        changed = columns_table.draw_bulk(schema)
        read = draw_column_reading(schema, session.current_data())
        if st.button("Reset roles", icon=":material/restart_alt:", key="infer_again"):
            read = infer_schema(session.current_data(), info.decimal)
        if read is not None:
            session.set_schema(read)
            st.rerun()
    shown = columns_table.draw_choice(schema)
    if shown:
        profiles = table_facts.profiles(info.hash, schema, shown)
        changed = columns_table.draw_editor(profiles, schema.digest) or changed
    st.caption("Change a role by a double click on it. The models never see id and ignored.")
    looked = table_facts.rows_looked_at(info.rows)
    if looked < info.rows:
        about = " (many of them to about 1 %)" if info.rows > ESTIMATED_FROM else ""
        st.caption(
            f"Missing cells, distinct values{about} and duplicate rows are counted in all "
            f"{info.rows:,} rows; distributions and other checks look at {looked:,} of them, "
            "evenly spaced."
        )
    return changed


def draw_preview(info: TableInfo) -> None:
    """The first rows as they were read."""
    st.header("First rows", anchor=False)
    table = session.current_data().slice(0, PREVIEW_ROWS)
    if info.columns > PREVIEW_COLUMNS:
        table = table.select(list(range(PREVIEW_COLUMNS)))
    with st.container(key="preview"):
        st.dataframe(table, hide_index=True, height=320, alt="First rows of the table")
    rows = f"{count(table.num_rows, 'row')} of {info.rows:,}"
    st.caption(f"{rows}, {count(table.num_columns, 'column')} of {info.columns:,}.")


def draw_reading(info: TableInfo) -> None:
    """The settings that the table was read with, and another table."""
    source, settings = session.source_of(info), reading_settings.settings_of(info.settings)
    with st.expander("How this table was read", icon=":material/tune:", key="reading"):
        if source is None or settings is None:
            what = "A sample: it" if "source" in info.settings else "This table"
            st.caption(f"{what} was not uploaded here, so there is nothing to read again.")
        else:
            changed = reading_settings.draw_form(settings, f"reread_{info.hash[:8]}")
            if changed is not None and table_input.read(source, changed):
                st.rerun()
        failed = session.failed()
        if failed is not None and failed.source == source:
            frame.show_error(failed.error)
    st.page_link("app.py", label="Use another table", icon=":material/upload:")


with frame.open_page("Data", title=False):
    info = session.current_table()
    if info is None:
        draw_empty()
        st.stop()
    schema = session.current_schema()
    assert schema is not None
    draw_header(info, schema)
    if table_input.draw_underway():
        st.rerun()
    doubts, checks = (
        st.container(),
        st.container(),
    )  # filled last: the rest can be read while a wide table is checked
    changes = draw_columns(info, schema)
    draw_preview(info)
    draw_reading(info)
    with doubts:
        draw_doubts(info)
    with checks:
        mended = draw_checks(info, schema)
    if changes or mended is not None:
        schema = with_roles(schema, session.current_data(), changes)
        session.set_schema(mended or schema)
        st.rerun()
