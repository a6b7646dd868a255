"""The odd things in a table, strongest first, and the way on: to the fixes, or to training."""

from __future__ import annotations

import streamlit as st

from automl_core.errors import AutoMLError
from automl_core.table import Finding, Schema, TableInfo
from pages.components.data import with_setting
from pages.components.shared import count, draw_findings, frame, grouped, session, table_facts

MOST = 6  # findings that are shown; Data has all
ORDER = {"error": 0, "warning": 1, "info": 2}


def draw_odd(info: TableInfo, schema: Schema, target: str | None) -> None:
    """The findings to review and both ways on; Data has their fixes and the rest."""
    found = _to_review(info, schema, target)
    with st.container(border=True, key="profile_odd"):
        st.header("What is odd", anchor=False)
        if found:
            draw_findings(found[:MOST], key="profile_finding")
            if len(found) > MOST:
                st.caption(f"and {count(len(found) - MOST, 'more finding')} on Data")
        else:
            st.markdown(":green[:material/check_circle:] Nothing needs a decision.")
        if target is None:
            st.caption("With a column to predict, leaks are looked for, too.")
        with st.container(horizontal=True, gap="small"):
            train = "Train on it" if not found else "Train on it as it is"
            if found and st.button(
                "Fix on Data", type="primary", icon=":material/table_chart:", key="profile_to_data"
            ):
                frame.go_to("Data")
            if st.button(
                train,
                type="secondary" if found else "primary",
                icon=":material/model_training:",
                key="profile_to_train",
            ):
                session.set_run(None)
                frame.go_to("Train")


def _to_review(info: TableInfo, schema: Schema, target: str | None) -> list[Finding]:
    try:
        found = table_facts.findings(info.hash, schema, target)
    except AutoMLError:  # a target that cannot be one; Train says why
        found = table_facts.findings(info.hash, schema, None)
    shown = grouped([with_setting(f) for f in found], target)
    # what makes every score too good comes before what else is as severe
    review = (f for f in shown if f.state == "to_review")
    return sorted(review, key=lambda f: (ORDER[f.severity], f.kind != "leak"))
