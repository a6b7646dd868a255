"""The run in progress and the machine, for the sidebar.

The only part of the frame that talks to the run manager. Draws nothing where no run is active.
"""

from __future__ import annotations

import streamlit as st

from automl_core.errors import AutoMLError
from automl_core.files import workspace
from automl_core.runs import RunSummary, get_manager, list_runs
from pages.components.shared.text import count, escape_markdown, one_line

LINK_PADDING = 8  # pixels that a page link leaves before its label


def warm_up() -> None:
    """Have the workers start while the user still looks at the page; costs nothing twice."""
    get_manager().warm_up()


@st.cache_data(ttl=2.0, max_entries=4, show_spinner=False)
def recent_runs(root: str) -> tuple[RunSummary, ...]:
    """The runs of the workspace, newest first, at most two seconds old."""
    del root  # only the key of the cache: tests and servers have workspaces of their own
    return list_runs(workspace())


def active_run() -> RunSummary | None:
    """The newest run that is at work in this process."""
    try:
        runs = recent_runs(str(workspace()))
    except AutoMLError:  # the pages that list runs say so, once
        return None
    for run in runs:
        if run.status.active and get_manager().is_active(run.id):
            return run
    return None


def draw_active_run() -> None:
    """A link to the run in progress."""
    run = active_run()
    if run is None:
        return
    with st.container(border=True, gap=None, key="active_run"):
        st.page_link(
            "pages/train.py",
            label="**Run in progress**",
            query_params={"run": run.id},
            width="stretch",
        )
        draw_note(f"{one_line(run.name, 24)} · {run.budget}")


def draw_note(text: str) -> None:
    """A quiet line below a link, in line with the link's label."""
    with st.container(horizontal=True, gap=None, wrap=False):
        st.space(LINK_PADDING)
        st.caption(escape_markdown(text))


def draw_machine() -> None:
    """One quiet line: how many workers, on what."""
    info = get_manager().workers()
    if info.ready:
        title = "CPU" if info.device == "cpu" else escape_markdown(info.device_title)
        st.caption(f":material/memory: {count(info.count, 'worker')} on {title}")
    else:
        st.caption(f":material/memory: {count(info.count, 'worker')} on this machine")
