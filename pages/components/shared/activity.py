"""The run in progress and the machine, for the sidebar.

The only part of the frame that talks to the run manager. Draws nothing where no run is active.
"""

from __future__ import annotations

import streamlit as st

from automl_core.charts import metric_short
from automl_core.errors import AutoMLError
from automl_core.files import workspace
from automl_core.runs import RunSummary, get_manager, list_runs
from automl_core.runs.record import RunSpec
from automl_core.table import Schema
from automl_core.types import RunStatus
from pages.components.shared.text import count, escape_markdown, one_line, score, seconds

EVERY_SECONDS = 2.0
LINK_PADDING = 8  # pixels that a page link leaves before its label


def warm_up() -> None:
    """Have the workers start while the user still looks at the page; costs nothing twice."""
    get_manager().warm_up()


@st.cache_data(ttl=2.0, max_entries=4, show_spinner=False)
def recent_runs(root: str) -> tuple[RunSummary, ...]:
    """The runs of the workspace, newest first, at most two seconds old."""
    del root  # only the key of the cache: tests and servers have workspaces of their own
    return list_runs(workspace())


def start_run(spec: RunSpec, schema: Schema) -> str:
    """Start a run; its id. The list of runs has it at once."""
    run = get_manager().start(spec, schema).path.name
    recent_runs.clear()
    return run


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


def tab_title(page: str, run: RunSummary | None) -> str:
    """What the browser's tab says: the page, and how far the run in progress is."""
    if run is None or run.status == RunStatus.WAITING:
        return "Torchlight" if page == "Home" else f"{page} · Torchlight"
    about = one_line(run.name, 24) if page == "Train" else page
    return f"{100 * run.done:.0f} % · {about} – Torchlight"


def spoken() -> str:
    """The state of the newest run in a few words, which a screen reader says when they change."""
    try:
        newest = next(iter(recent_runs(str(workspace()))), None)
    except AutoMLError:
        return ""
    return f"Run on {one_line(newest.name, 40)}: {newest.status}" if newest else ""


def draw_active_run(page: str) -> None:
    """The run in progress, drawn again on its own as long as there is one."""
    run = active_run()
    if run is not None:
        st.fragment(_active_run, run_every=EVERY_SECONDS)(page)


def _active_run(page: str) -> None:
    run = active_run()
    if run is None:
        st.rerun()  # the whole page, once: its timer ends
    st.set_page_config(page_title=tab_title(page, run))
    with st.container(border=True, gap="xsmall", key="active_run"):
        st.page_link(
            "pages/train.py",
            label=f"**{escape_markdown(one_line(run.name, 24))}**",
            icon=":material/local_fire_department:",
            query_params={"run": run.id},
            width="stretch",
        )
        st.progress(run.done, text=_how_far(run))
        if run.score is not None:
            draw_note(f"Best {metric_short(run.metric)} {score(run.score)}")


def _how_far(run: RunSummary) -> str:
    """What is left of its budget; its status where that says more."""
    if run.status != RunStatus.RUNNING:
        return run.status.capitalize()
    if run.left is None:
        return f"{100 * run.done:.0f} % of {run.budget}"
    return f"{seconds(int(run.left))} left" if run.left >= 1 else "Finishing"


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
