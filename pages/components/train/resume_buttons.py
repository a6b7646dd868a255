"""Buttons that let a run go on after its end, or after an interruption."""

from __future__ import annotations

import streamlit as st

from automl_core.runs.record import left_seconds
from automl_core.types import RunStatus
from pages.components.shared import RunView, activity, seconds
from pages.components.train.steering import MORE_MINUTES

HELP = (
    "The same run goes on with all that it has: its trials, its search, its ensemble. At its end "
    "the test rows are scored once more."
)


def draw_resume(view: RunView) -> None:
    """A row of buttons for a run that is over; nothing where it cannot go on."""
    can = view.state.started is not None and view.state.budget_seconds is not None
    if view.active or not can:
        return
    more = None
    with st.container(horizontal=True, vertical_alignment="center", key="resume"):
        left = left_seconds(view.state)
        if view.status == RunStatus.INTERRUPTED and left >= 1:
            label = f"Go on with the {seconds(int(left))} that are left"
            if st.button(label, icon=":material/play_arrow:", key="resume_left", help=HELP):
                more = left
        else:
            st.markdown("Train on for", help=HELP, width="content")
            for minutes in MORE_MINUTES:
                if st.button(f"{minutes} min", key=f"resume_{minutes}"):
                    more = 60.0 * minutes
    if more is not None:
        activity.resume_run(view.folder, more)
        st.rerun()  # the whole page: its timer begins
