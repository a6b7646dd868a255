"""Runs: every run of the workspace; find, name or open one, run it again, delete it."""

from __future__ import annotations

import streamlit as st

from automl_core.runs import RunSummary
from automl_core.types import RunStatus
from pages.components.runs import (
    draw_actions,
    draw_name,
    draw_open_by_path,
    draw_search,
    draw_space,
    pick_from_runs,
)
from pages.components.shared import activity, draw_state, frame, session, text, workspace

CHOICE = "runs_choice"  # the run that pages show, and the one that was chosen here meanwhile
REFRESH = 2.5  # seconds between two looks, while a run is going on


def show_chosen(run: RunSummary) -> None:
    """The chosen run in words, and what can be done with it."""
    with st.container(border=True, key="runs_chosen"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{text.escape_markdown(text.one_line(run.title, 80))}**")
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
                f"Predicts {text.code(run.target)} ({run.task}) in {text.code(run.table)}, "
                f"{run.budget}, started {text.ago(run.created)}, run {text.code(run.id)}"
            )
            draw_name(run)
        if run.status == RunStatus.INTERRUPTED:
            st.caption("The program ended while this run went on. What was finished is kept.")
        draw_actions(run)


def show_runs(was_active: bool) -> None:
    """The table and the chosen run; drawn again on its own while something goes on."""
    with frame.errors_shown():
        runs = activity.recent_runs(str(workspace()))
        if not runs or (was_active and not any(run.status.active for run in runs)):
            st.rerun()
        found = draw_search(runs)
        if not found:
            st.caption("No run is called so, nor its table or target.")
            return
        ids, current = [run.id for run in found], session.current_run()
        # A run that was chosen here stays chosen until another is looked at elsewhere.
        known = session.remembered(CHOICE, tuple)
        wanted = known[1] if known is not None and known[0] == current else current
        chosen = pick_from_runs(found, ids.index(wanted) if wanted in ids else 0)
        session.remember(CHOICE, (current, chosen.id))
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
