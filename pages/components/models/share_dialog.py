"""Sharing a run: a link to the page of one model; where people sign in, by links of one's own.

Such a link carries a secret and may be taken back. It is shown once.
"""

from __future__ import annotations

from urllib.parse import urlencode, urljoin

import streamlit as st

from automl_core.errors import AutoMLError
from automl_core.files import workspace_of
from automl_core.runs.record import LeaderRow, ShareLink, add_link, load_links, take_back_link
from pages.components.shared import OpenRun, access, ago, frame, session

READ, STEER = "See it", "See and steer it"
_NEW, _WHAT = "share_new", "share_what"
WHO = (
    "Whoever has the link, and may sign in here, sees the model, its report and how it trains, and "
    "nothing else of yours. Who may steer can also add time, pause and stop."
)


def draw_share(run: OpenRun, row: LeaderRow) -> None:
    """The button that leads to the page of the model, or to the links to its run."""
    words = "A page of this model alone, for those who decide by it: send its link."
    if access.person() is None:
        address = f"share?{urlencode({access.RUN: run.id, 'model': row.name})}"
        st.link_button("Share", address, icon=":material/share:", help=words)
    elif st.button("Share", icon=":material/share:", key="models_share", help=words):
        session.remember(_NEW, None)
        _draw_links(run, row)


@st.dialog("Share this run", icon=":material/share:", width="medium")
def _draw_links(run: OpenRun, row: LeaderRow) -> None:
    with frame.errors_shown():
        st.markdown(WHO)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.segmented_control(
                "With the link one may",
                [READ, STEER],
                default=READ,
                required=True,
                key=_WHAT,
            )
            st.button(
                "Make a link",
                type="primary",
                icon=":material/add_link:",
                key="share_make",
                on_click=_make,
                args=(run, row),
            )
        if (new := session.remembered(_NEW, str)) is not None:
            st.markdown("**Copy it now:** it is not shown again.")
            st.code(new, language=None, wrap_lines=True)
        if (error := session.remembered("share_error", AutoMLError)) is not None:
            frame.show_error(error)
        links = load_links(run.folder.path)
        if links:
            st.markdown("**Links to this run**")
        for link in links:
            _draw_link(run, link)


def _draw_link(run: OpenRun, link: ShareLink) -> None:
    with st.container(
        horizontal=True, vertical_alignment="center", wrap=False, key=f"share_{link.id}"
    ):
        what = STEER if link.steers else READ
        icon = ":material/tune:" if link.steers else ":material/visibility:"
        st.markdown(f"{icon} {what} · made {ago(link.created)}", width="stretch")
        st.button(
            "Take back",
            icon=":material/link_off:",
            key=f"share_back_{link.id}",
            on_click=_take_back,
            args=(run, link.id),
        )


def _make(run: OpenRun, row: LeaderRow) -> None:
    session.remember("share_error", None)
    try:
        access.check_changes(run.folder)
        secret = add_link(run.folder.path, st.session_state[_WHAT] == STEER)
    except AutoMLError as error:
        session.remember("share_error", error)
        return
    query = {
        access.RUN: run.folder.path.name,
        access.OWNER: workspace_of(run.folder.path).name,
        "model": row.name,
        access.SECRET: secret,
    }
    session.remember(_NEW, urljoin(st.context.url or "", f"share?{urlencode(query)}"))


def _take_back(run: OpenRun, link: str) -> None:
    session.remember(_NEW, None)
    try:
        access.check_changes(run.folder)
        take_back_link(run.folder.path, link)
    except AutoMLError as error:
        session.remember("share_error", error)
