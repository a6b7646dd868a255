"""The table of a table's columns: role, reason, missing, distinct, distribution.

Roles are edited in place, or for several columns at once; the page decides what to do with
the changes. Wide tables are shown a hundred columns at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from automl_core.charts import BLUE
from automl_core.profile import ColumnProfile
from automl_core.table import ROLES, Column, Role, Schema
from pages.components.shared import distinct_labels, draw_name_pages, one_line

PAGE = 100
FULL_HEIGHT_ROWS = 15
ROLE_HELP = (
    "How a column is used. numeric, category, text, list, datetime, boolean and time are given "
    "to the models; id, weight, group and ignored are not. Row weights are chosen on the Train "
    "page."
)


def draw_choice(schema: Schema) -> tuple[Column, ...]:
    """The columns to show: those whose name contains the search, a page of them at a time."""
    if len(schema.columns) <= PAGE:
        return schema.columns
    more = "A wide table is shown in parts."
    return tuple(
        schema.columns[place] for place in draw_name_pages(schema.names, PAGE, "columns", more)
    )


def draw_editor(profiles: Sequence[ColumnProfile], version: str) -> dict[str, Role]:
    """The editable table; the roles that were changed, by column."""
    import pandas as pd

    before = [profile.role for profile in profiles]
    rows = pd.DataFrame(
        {
            "column": [one_line(profile.name) for profile in profiles],
            "role": before,
            "why": [profile.reason for profile in profiles],
            "missing": [100 * profile.missing_share for profile in profiles],
            "distinct": [profile.distinct for profile in profiles],
            "distribution": [list(profile.histogram) for profile in profiles],
            "values": [profile.summary for profile in profiles],
        }
    )
    with st.container(key="roles"):
        edited = st.data_editor(
            rows,
            key=f"roles_{version}",  # a changed schema is a new table without edits
            hide_index=True,
            disabled=["column", "why", "missing", "distinct", "distribution", "values"],
            column_config=_config(),
            height="content" if len(profiles) <= FULL_HEIGHT_ROWS else 560,
            alt="Columns with role, reason, missing share, distinct values and distribution",
        )
    assert isinstance(edited, pd.DataFrame)
    after: list[Role] = list(edited["role"])
    return {
        profile.name: role
        for profile, old, role in zip(profiles, before, after, strict=True)
        if role != old and role in ROLES
    }


def _config() -> dict[str, Any]:
    cells = st.column_config
    return {
        "column": cells.TextColumn("Column", pinned=True, width=140),
        "role": cells.SelectboxColumn(
            "Role", options=list(ROLES), required=True, help=ROLE_HELP, width=98
        ),
        "why": cells.TextColumn("Why", width=215),
        "missing": cells.ProgressColumn(
            "Missing", min_value=0, max_value=100, format="%.1f %%", width=105, color="gray"
        ),
        "distinct": cells.NumberColumn("Distinct", format="localized", width=74),
        "distribution": cells.BarChartColumn("Distribution", y_min=0, width=115, color=BLUE),
        "values": cells.TextColumn("Values", width=200),
    }


def draw_bulk(schema: Schema) -> dict[str, Role]:
    """A popover that gives several columns one role; the roles that were changed."""
    with (
        st.popover("Change several roles", icon=":material/edit:", key="role_popover"),
        st.form("role_form", border=False),
    ):
        labels = distinct_labels(schema.names)
        names = st.multiselect(
            "Columns",
            list(labels),
            format_func=labels.__getitem__,
            select_all=False,
            key="role_columns",
        )
        role = st.selectbox("Role", ROLES, help=ROLE_HELP, key="role_choice")
        if st.form_submit_button("Change", key="role_apply"):
            return {name: role for name in names if schema.column(name).role != role}
    return {}
