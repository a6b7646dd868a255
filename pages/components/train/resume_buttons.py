"""Buttons that let a run go on after its end, or after an interruption."""

from __future__ import annotations

import streamlit as st

from automl_core.runs.record import RunState, can_go_on_by_itself, left_seconds, left_trials
from pages.components.shared import RunView, activity, count, seconds
from pages.components.train.steering import MORE_MINUTES

LEAST_SECONDS = 1.0  # less is not worth a number

HELP = (
    "The same run goes on with all that it has: its trials, its search, its ensemble. At its end "
    "the test rows are scored once more."
)


def draw_resume(view: RunView) -> None:
    """A row of buttons for a run that is over; nothing where it cannot go on."""
    by_itself = can_go_on_by_itself(view.state)
    takes_time = view.state.started is not None and view.state.budget_seconds is not None
    if view.active or not (by_itself or takes_time):
        return
    pressed, more = False, None
    with st.container(horizontal=True, vertical_alignment="center", key="resume"):
        if by_itself:
            pressed = st.button(
                _label(view.state), icon=":material/play_arrow:", key="resume_left", help=HELP
            )
        else:
            st.markdown("Train on for", help=HELP, width="content")
            for minutes in MORE_MINUTES:
                if st.button(f"{minutes} min", key=f"resume_{minutes}"):
                    pressed, more = True, 60.0 * minutes
    if pressed:
        activity.resume_run(view.folder, more)
        st.rerun()  # the whole page: its timer begins


def _label(state: RunState) -> str:
    """What the run goes on with."""
    if state.started is None:
        return "Start it again"
    if state.budget_seconds is None:
        left = left_trials(state)
        return f"Go on with the {count(left, 'trial')} left" if left else "Go on to its end"
    left_s = left_seconds(state)
    words = f"Go on with the {seconds(int(left_s))} that are left"
    return words if left_s >= LEAST_SECONDS else "Go on to its end"
