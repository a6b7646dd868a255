"""The ways on from a run that has ended: look into its model, try a row, bring another table."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from automl_core.runs.record import TableLink
from pages.components.shared import frame
from pages.components.shared.places import A_ROW


def draw_next_steps(table: TableLink) -> None:
    """Three ways on, the first as the page's primary action; the run goes along."""
    own = "Bring your own table" if "source" in table.settings else "Use another table"
    st.markdown("**What next**")
    with st.grid(columns=3, min_column_width=250, key="next_steps"):
        if _way(
            ("View the models", ":material/leaderboard:", "to_models"),
            "How good each is, what it learned, and the download.",
            first=True,
        ):
            frame.go_to("Models")
        if _way(
            ("Try a row", ":material/online_prediction:", "to_predict"),
            "Give the model new rows, and read what it predicts.",
        ):
            frame.go_to("Predict", more=A_ROW)
        if _way(
            (own, ":material/upload:", "to_home"),
            "Drop a file on Home: the same steps on your data.",
        ):
            frame.go_to("Home")


def _way(button: tuple[str, str, str], words: str, first: bool = False) -> bool:
    """A button by its label, icon and key, and what it is for below; True where it was pressed."""
    label, icon, key = button
    with st.container(gap="xsmall"):
        kind: Literal["primary", "secondary"] = "primary" if first else "secondary"
        pressed = st.button(label, type=kind, icon=icon, key=key, width="stretch")
        st.caption(words)
    return pressed


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
