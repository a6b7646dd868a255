"""Runs: every run of the workspace; open one, run it again with changes, delete it."""

from __future__ import annotations

import streamlit as st

from automl_core.files import workspace
from automl_core.runs import RunSummary
from automl_core.types import RunStatus
from pages.components.runs import draw_actions, draw_open_by_path, draw_space, pick_from_runs
from pages.components.shared import activity, draw_state, frame, session, text

REFRESH = 2.5  # seconds between two looks, while a run is going on


def show_chosen(run: RunSummary) -> None:
    """The chosen run in words, and what can be done with it."""
    with st.container(border=True, key="runs_chosen"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{text.escape_markdown(text.one_line(run.name or run.id, 80))}**")
            draw_state(run.status)
        if run.status == RunStatus.DAMAGED:
            trouble = text.one_line(run.trouble, 300)
            where = "" if run.path in trouble else f": {text.code(run.path, 200)}"
            st.caption(
                f"This run cannot be read. {text.escape_markdown(trouble)} Put its folder back "
                f"from a copy, or delete it{where}."
            )
        else:
            st.caption(
                f"Predicts {text.code(run.target)} ({run.task}), {run.budget}, started "
                f"{text.ago(run.created)}, run {text.code(run.id)}"
            )
        if run.status == RunStatus.INTERRUPTED:
            st.caption("The program ended while this run went on. What was finished is kept.")
        draw_actions(run)


def show_runs(was_active: bool) -> None:
    """The table and the chosen run; drawn again on its own while something goes on."""
    with frame.errors_shown():
        runs = activity.recent_runs(str(workspace()))
        if not runs or (was_active and not any(run.status.active for run in runs)):
            st.rerun()
        ids = [run.id for run in runs]
        current = session.current_run()
        chosen = pick_from_runs(runs, ids.index(current) if current in ids else 0)
        show_chosen(chosen)


with frame.open_page("Runs"):
    found = activity.recent_runs(str(workspace()))
    if found:
        active = any(run.status.active for run in found)
        st.fragment(show_runs, run_every=REFRESH if active else None)(active)
    else:
        frame.nothing_here(
            "No runs yet. Every run you start is kept here, with its models and scores.",
            ":material/history:",
            "Choose a table",
            "Home",
            "runs_empty",
        )
    draw_open_by_path()
    with frame.errors_shown():
        draw_space()
