"""The card of checks on the Data page: findings, and the column to predict for finding leaks."""

from __future__ import annotations

import streamlit as st

from automl_core.errors import AutoMLError
from automl_core.table.schema import Role, Schema
from automl_core.table.store import TableInfo
from pages.components import facts, findings, frame, session
from pages.components.text import one_line

CHECKS = ("constant", "all_missing", "id", "disguised_missing", "duplicate", "unit")


def draw_checks(info: TableInfo, schema: Schema) -> dict[str, Role]:
    """Findings, with the column to predict also leaks; the columns to leave out."""
    with st.container(border=True, key="checks"):
        left, right = st.columns([3, 2])
        left.subheader("Checks", anchor=False)
        left.caption("What was looked for before training, and what it means for you.")
        target = session.current_target()
        names = list(schema.names)
        chosen = right.selectbox(
            "Column to predict",
            names,
            names.index(target) if target else None,
            format_func=one_line,
            placeholder="choose it to look for leaks",
            key=f"check_target_{info.hash[:8]}",
        )
        if chosen != target:
            session.set_target(chosen)
            st.rerun()  # the page's header counts without it
        kinds = (*CHECKS, "leak", "imbalance") if chosen else CHECKS
        try:
            found = facts.findings(info.hash, schema, chosen)
        except AutoMLError as error:  # a target that cannot be one; the rest still counts
            frame.show_error(error)
            found, kinds = facts.findings(info.hash, schema, None), CHECKS
        passed = findings.passed_checks(found, kinds)
        leave_out = findings.draw_findings(found, passed, schema, chosen)
    return dict.fromkeys(leave_out, "ignored")
