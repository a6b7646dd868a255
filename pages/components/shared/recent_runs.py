"""The last few runs, each with its state, score and a link."""

from __future__ import annotations

import streamlit as st

from automl_core.charts import metric_short
from automl_core.runs import RunSummary
from automl_core.types import RunStatus
from pages.components.shared import activity, next_steps
from pages.components.shared.access import workspace
from pages.components.shared.text import ago, escape_markdown, one_line, score

SHOWN = 3
ENDED = (RunStatus.FINISHED, RunStatus.STOPPED)

# State by icon and word; colour only repeats it.
STATES = {
    RunStatus.WAITING: ("Waiting", ":material/hourglass_empty:", "gray"),
    RunStatus.RUNNING: ("Running", ":material/local_fire_department:", "orange"),
    RunStatus.PAUSED: ("Paused", ":material/pause_circle:", "gray"),
    RunStatus.STOPPING: ("Stopping", ":material/stop_circle:", "orange"),
    RunStatus.FINISHED: ("Finished", ":material/check_circle:", "green"),
    RunStatus.STOPPED: ("Stopped", ":material/stop_circle:", "gray"),
    RunStatus.FAILED: ("Failed", ":material/error:", "red"),
    RunStatus.INTERRUPTED: ("Interrupted", ":material/power_off:", "yellow"),
    RunStatus.DAMAGED: ("Damaged", ":material/broken_image:", "red"),
}


def draw_state(status: RunStatus) -> None:
    """A run's state as a badge with icon and word."""
    word, icon, colour = STATES.get(status, (status.capitalize(), ":material/help:", "gray"))
    st.badge(word, icon=icon, color=colour)  # type: ignore[arg-type]


def draw_recent_runs() -> None:
    """The newest runs, or what will stand here once there are some."""
    runs = activity.recent_runs(str(workspace()))
    if not runs:
        st.caption("Runs you start are listed here, with their best score. None so far.")
        return
    for place, run in enumerate(runs[:SHOWN]):
        _draw(run)
        if place == 0 and run.best and run.status in ENDED:
            next_steps.draw_links(run.id)
    if len(runs) > SHOWN:
        st.page_link("pages/runs.py", label=f"All {len(runs)} runs", icon=":material/history:")


def _draw(run: RunSummary) -> None:
    page = "train"
    if run.status in ENDED:
        page = "models"
    elif run.status == RunStatus.DAMAGED:
        page = "runs"  # which says what is wrong with it
    with st.container(gap=None, key=f"recent_{run.id}"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
            st.page_link(
                f"pages/{page}.py",
                label=f"**{escape_markdown(one_line(run.title, 30))}**",
                query_params={"run": run.id},
                width="stretch",
            )
            draw_state(run.status)
        shown = [f"{metric_short(run.metric)} {score(run.score)}"] if run.score is not None else []
        activity.draw_note(" · ".join(filter(None, [*shown, run.budget, ago(run.created)])))
