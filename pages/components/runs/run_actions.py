"""The actions on a run: open, run again with changes, delete, open one by its path."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from automl_core.errors import AutoMLError, RunError
from automl_core.limits import bytes_in
from automl_core.runs import RunSummary, delete_run, get_manager, summarise
from automl_core.runs.record import LONGEST_NAME, RunFolder, save_name
from automl_core.table import TableInfo, load_info, open_table, save_info
from automl_core.types import RunStatus
from automl_core.words import size
from pages.components.shared import (
    activity,
    allowed_folder,
    code,
    count,
    frame,
    how_to_allow_folders,
    one_line,
    server_folders,
    session,
    workspace,
)
from pages.components.train import form_request


def open_page_of(run: RunSummary, address: str) -> None:
    """Go where this run is best looked at: its models, or its training."""
    session.set_run(address)
    frame.go_to("Models" if run.best and not run.status.active else "Train")


def run_again(run: RunSummary) -> None:
    """Go to Train with the run's table, roles and settings filled in."""
    folder = RunFolder(Path(run.path))
    spec, schema = folder.spec(), folder.schema()
    link = spec.given
    open_table(link.hash, workspace())  # TableError where it is gone
    try:
        info = load_info(link.hash, workspace())
    except AutoMLError:  # a run from a terminal: its table was stored without a description
        info = TableInfo(link.hash, link.name, link.rows, len(schema.columns), link.settings)
        save_info(info, workspace())
    session.set_table(info)
    session.set_schema(schema)
    session.set_run(None)
    form_request.prefill(spec, schema)
    frame.go_to("Train")


@st.dialog("Delete this run?", icon=":material/delete:")
def confirm_delete(run: RunSummary) -> None:
    """Ask once more; what is deleted is gone."""
    st.markdown(
        f"The run {code(run.title)} and its {count(run.models, 'model')} will be gone for good, "
        f"{size(bytes_in(Path(run.path)))} in all. The table itself stays."
    )
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep it", key="runs_delete_cancel"):
            st.rerun()
        sure = st.button(
            "Delete", type="primary", key="runs_delete_confirm", on_click=_delete, args=(run,)
        )
    if sure:
        st.rerun()


def _delete(run: RunSummary) -> None:
    try:
        delete_run(run.id, workspace())
    except AutoMLError as error:  # it was started again meanwhile, or is gone already
        session.remember("runs_error", error)
        return
    session.remember("runs_error", None)
    activity.recent_runs.clear()
    if session.current_run() == run.id:
        session.set_run(None)


def draw_name(run: RunSummary) -> None:
    """The field for the run's name; what was not possible is said below it."""
    key = f"runs_name_{run.id}_{run.name}"  # another name, from another page, is another field
    st.text_input(
        "Name",
        value=run.name,
        placeholder=one_line(run.table or run.id, 60),
        max_chars=LONGEST_NAME,
        key=key,
        width=320,
        help="What this run is called in lists and in the sidebar. Without a name: as its table.",
        on_change=_rename,
        args=(run, key),
    )


def _rename(run: RunSummary, key: str) -> None:
    try:
        save_name(Path(run.path), str(st.session_state[key]))
    except AutoMLError as error:
        session.remember("runs_error", error)
    activity.recent_runs.clear()


def draw_actions(run: RunSummary) -> None:
    """The buttons for the chosen run; what cannot be done says why."""
    active, damaged = run.status.active, run.status == RunStatus.DAMAGED
    if (error := session.remembered("runs_error", AutoMLError)) is not None:
        frame.show_error(error)
        session.remember("runs_error", None)
    with st.container(horizontal=True, key="runs_actions"):
        if st.button(
            "Watch it" if active else "Open",
            type="primary",
            icon=":material/open_in_new:",
            key="runs_open",
            disabled=damaged,
        ):
            open_page_of(run, run.id)
        if st.button(
            "Run again with changes",
            icon=":material/replay:",
            key="runs_again",
            disabled=damaged,
        ):
            run_again(run)
        if st.button(
            "Delete",
            icon=":material/delete:",
            key="runs_delete",
            disabled=active or get_manager().is_active(Path(run.path)),  # or it waits to go on
        ):
            confirm_delete(run)
    if active:
        st.caption("A run that is going on cannot be deleted: stop it first.")


def draw_open_by_path() -> None:
    """The field for a run's folder elsewhere on the server, or how its owner allows that."""
    if not server_folders():
        st.caption(
            "Run folders elsewhere on this machine open once the owner of this server allows it.",
            help=how_to_allow_folders(),
        )
        return
    with (
        st.expander("Open a run folder on this machine", key="runs_elsewhere"),
        st.form("runs_path_form", border=False),
    ):
        field, button = st.columns([4, 1], vertical_alignment="bottom")
        text = field.text_input(
            "Folder of the run",
            placeholder="/data/runs/churn",
            key="runs_path",
            help="What `--out` was given as, for a run that was started in a terminal.",
        )
        pressed = button.form_submit_button("Open", key="runs_path_open", width="stretch")
    if not (pressed and text):
        return
    try:
        folder = _run_in(text)
        summary = summarise(folder.path)
        if summary.status == RunStatus.DAMAGED:
            raise RunError(
                f"The run in this folder cannot be read. {summary.trouble}",
                "Copy the folder again from where it came.",
            )
    except AutoMLError as error:
        frame.show_error(error)
        return
    open_page_of(summary, str(folder.path))


def _run_in(text: str) -> RunFolder:
    folder = RunFolder(allowed_folder(text))
    if not folder.exists:
        raise RunError(
            "There is no run in this folder: spec.json is missing.",
            "Give the folder that the run was written to.",
        )
    return folder
