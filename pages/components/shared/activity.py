"""The run in progress and the machine, for the sidebar; what the tab and screen readers say of it.

The only part of the frame that talks to the run manager.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from automl_core.charts import metric_short
from automl_core.errors import AutoMLError
from automl_core.files import workspace_of
from automl_core.runs import RunOwner, RunSummary, get_manager
from automl_core.runs.record import RunFolder, RunSpec
from automl_core.table import Schema
from automl_core.types import RunStatus
from pages.components.shared import page_marks, session
from pages.components.shared.access import check_steers, listed_runs, person, workspace
from pages.components.shared.text import count, escape_markdown, one_line, percent, score, seconds

EVERY_SECONDS = 1.0
_SPOKEN = "spoken_run"  # the id of the run that was spoken of last
_WATCHED = "watched_run"  # the id of the run that was at work when the session looked last
LINK_PADDING = 8  # pixels that a page link leaves before its label


def warm_up() -> None:
    """Have the workers start while the user still looks at the page; costs nothing twice."""
    get_manager().warm_up()


@st.cache_data(ttl=2.0, max_entries=64, show_spinner=False)
def recent_runs(root: str) -> tuple[RunSummary, ...]:
    """The runs that this session may see, newest first, at most two seconds old."""
    del root  # only the key of the cache: everyone who signs in has a workspace of their own
    return listed_runs()


def start_run(spec: RunSpec, schema: Schema) -> str:
    """Start a run; its id. The list of runs has it at once."""
    run = get_manager().start(spec, schema, owner=_owner(workspace())).path.name
    recent_runs.clear()
    return run


def resume_run(folder: RunFolder, more: float | None) -> None:
    """Have a run that is over, or was interrupted, go on: for so many seconds, or what is left.

    Raises as `Manager.resume`.
    """
    check_steers(folder)
    get_manager().resume(folder, more, _owner(workspace_of(folder.path)))
    recent_runs.clear()


def _owner(root: Path) -> RunOwner:
    """The owner whose turn a run takes: the person signed in, or this session without sign-in."""
    return RunOwner(root, "" if person() is not None else session.session_id())


def _runs() -> tuple[RunSummary, ...]:
    try:
        return recent_runs(str(workspace()))
    except AutoMLError:  # the pages that list runs say so, once
        return ()


def active_run() -> RunSummary | None:
    """The run that is at work in this process; where none is, the newest that waits for that."""
    manager = get_manager()
    active = [run for run in _runs() if run.status.active and manager.is_active(Path(run.path))]
    at_work = (run for run in active if run.status != RunStatus.WAITING)
    return next(at_work, next(iter(active), None))


def take_ended() -> RunSummary | None:
    """The run that was at work when this session looked last and has ended since; once."""
    now, before = active_run(), session.remembered(_WATCHED, str)
    at_work = now is not None and now.status != RunStatus.WAITING
    session.remember(_WATCHED, now.id if now is not None and at_work else None)
    if now is not None and now.id == before:
        return None
    return next((run for run in _runs() if run.id == before and not run.status.active), None)


def tell_end(run: RunSummary) -> None:
    """A message on top of the page: how a run has ended, and with which score."""
    found = run.score if run.test_score is None else run.test_score
    words = "" if found is None else f": {metric_short(run.metric)} {score(found)}"
    st.toast(
        f"**{escape_markdown(one_line(run.title, 40))}** {run.status}{words}",
        icon=":material/flag:",
        duration="long",
    )


def tab_title(page: str, run: RunSummary | None, ended: RunSummary | None = None) -> str:
    """What the browser's tab says: the page, and how far the run in progress is.

    Where nothing is at work, `ended` is the run whose end nobody may have seen yet.
    """
    if ended is not None and (run is None or run.status == RunStatus.WAITING):
        return f"{ended.status.capitalize()} · {one_line(ended.title, 24)} – Torchlight"
    if run is None or run.status == RunStatus.WAITING:
        return "Torchlight" if page == "Home" else f"{page} · Torchlight"
    about = one_line(run.title, 24) if page == "Train" else page
    state = "" if run.status == RunStatus.RUNNING else f"{run.status.capitalize()} · "
    return f"{state}{percent(run.done)} · {about} – Torchlight"


def spoken() -> str:
    """The state of a run in a few words, which a screen reader says when they change.

    Of the run at work, in whichever process; after its end still of that one.
    """
    runs, before = _runs(), session.remembered(_SPOKEN, str)
    at_work = [run for run in runs if run.status.active and run.status != RunStatus.WAITING]
    known = [run for run in runs if run.id == before]
    run = next(iter([*at_work, *known, *runs]), None)
    if run is None:
        return ""
    session.remember(_SPOKEN, run.id)
    return f"Run {one_line(run.title, 40)}: {run.status}"


def draw_progress(page: str) -> None:
    """The run in progress, drawn again on its own as long as one goes on; the marks of the page."""
    going_on = any(run.status.active for run in _runs())
    st.fragment(_progress, run_every=EVERY_SECONDS if going_on else None)(page, going_on)


def _progress(page: str, was_going_on: bool) -> None:
    if was_going_on:
        if not any(run.status.active for run in _runs()):
            st.rerun()  # the whole page, once: its timer ends
        st.set_page_config(page_title=tab_title(page, active_run()))
    page_marks.draw_marks(page, spoken())
    if (run := active_run()) is not None:
        # of the run that Train shows the page itself says the time, each second
        shown = page == "Train" and session.current_run() == run.id
        _draw_active(run, run.status.capitalize() if shown else _how_far(run))


def _draw_active(run: RunSummary, how_far: str) -> None:
    with st.container(border=True, gap="xsmall", key="active_run"):
        st.page_link(
            "pages/train.py",
            label=f"**{escape_markdown(one_line(run.title, 24))}**",
            icon=":material/local_fire_department:",
            query_params={"run": run.id},
            width="stretch",
        )
        if run.status == RunStatus.WAITING:  # the budget that it used says nothing of what comes
            draw_note(how_far)
        else:
            st.progress(run.done, text=how_far)
        if run.score is not None:
            draw_note(f"Best {metric_short(run.metric)} {score(run.score)}")


def _how_far(run: RunSummary) -> str:
    """What is left of its budget; its status where that says more."""
    if run.place is not None:
        return f"{run.status.capitalize()}: {run.place.words}"
    if run.status != RunStatus.RUNNING:
        return run.status.capitalize()
    if run.left is None:
        return f"{percent(run.done)} of {run.budget}"
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
