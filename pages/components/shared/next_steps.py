"""The ways on from a run that has ended: look into its model, try a row, bring another table."""

from __future__ import annotations

import streamlit as st

from automl_core.runs.record import TableLink
from pages.components.shared import frame
from pages.components.shared.places import A_ROW


def draw_next_steps(table: TableLink) -> None:
    """Three ways on, the first as the page's primary action; the run goes along."""
    own = "Bring your own table" if "source" in table.settings else "Use another table"
    st.markdown("**What next**")
    with st.grid(columns=3, min_column_width=250, key="next_steps"):
        with st.container(gap="xsmall"):
            if st.button(
                "View the models",
                type="primary",
                icon=":material/leaderboard:",
                key="to_models",
                width="stretch",
            ):
                frame.go_to("Models")
            st.caption("How good each is, what it learned, and the download.")
        with st.container(gap="xsmall"):
            if st.button(
                "Try a row",
                icon=":material/online_prediction:",
                key="to_predict",
                width="stretch",
            ):
                frame.go_to("Predict", more=A_ROW)
            st.caption("Give the model new rows, and read what it predicts.")
        with st.container(gap="xsmall"):
            if st.button(own, icon=":material/upload:", key="to_home", width="stretch"):
                frame.go_to("Home")
            st.caption("Drop a file on Home: the same steps on your data.")


def draw_links(run_id: str) -> None:
    """The first two ways on from the run of this id, as quiet links."""
    query = {"run": run_id}
    with st.container(horizontal=True, gap="small", key="next_links"):
        st.page_link(
            "pages/models.py",
            label="Look into its model",
            icon=":material/leaderboard:",
            query_params=query,
        )
        st.page_link(
            "pages/predict.py",
            label="Try a row",
            icon=":material/online_prediction:",
            query_params=query | A_ROW,
        )
