"""The frame of every page: title, navigation, the run in progress, the machine.

A page calls `open_page(name)` first and puts its body under it:

    with frame.open_page("Data"):
        ...

The `with` is the page's error edge: an AutoMLError is shown with its hint, anything else is
logged with its traceback and shown as one sentence. A fragment runs again without its page, so
it puts its own body under `errors_shown()`. The frame knows nothing of what pages do.
"""

from __future__ import annotations

import errno
import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from automl_core import logs
from automl_core.errors import AccessError, AutoMLError, RunError
from pages.components.shared import (
    access,
    activity,
    live_plot,
    page_marks,
    page_times,
    session,
    sign_in,
    tour,
)
from pages.components.shared.places import PLACES, go_to, place
from pages.components.shared.text import error_text

__all__ = ["draw_title", "errors_shown", "go_to", "nothing_here", "open_page", "show_error"]

ROOT = Path(__file__).resolve().parents[3]
ASSETS = ROOT / "assets"
logger = logging.getLogger("torchlight.pages")

_NOT_ALLOWED = (
    "The server may not use a file of its workspace.",
    "Its owner should let it read and write there, or name another folder in "
    "TORCHLIGHT_WORKSPACE. The server's log names the file.",
)
_NO_ROOM = (
    "The server's disk is full.",
    "Runs and tables that nobody needs can be deleted on the page Runs.",
)
_NO_FILE = (
    "A file of the workspace is gone, or cannot be read.",
    "Reload the page; if it happens again, the server's log names the file.",
)
_DISK_WORDS = {
    errno.EACCES: _NOT_ALLOWED,
    errno.EPERM: _NOT_ALLOWED,
    errno.EROFS: _NOT_ALLOWED,
    errno.ENOSPC: _NO_ROOM,
    errno.EDQUOT: _NO_ROOM,
}


@contextmanager
def open_page(name: str, title: bool = True) -> Iterator[None]:
    """Draw the frame of the page `name`; its `with` is the page's error edge (see above).

    Whoever is not signed in, where people sign in, gets the page for that instead.
    """
    _let_in()
    with page_times.measured(name), _framed(name, title):
        yield


@contextmanager
def _framed(name: str, title: bool) -> Iterator[None]:
    ended = activity.take_ended()
    st.set_page_config(
        page_title=activity.tab_title(name, activity.active_run(), ended),
        page_icon=str(ASSETS / "mark.svg"),
        layout="wide",
    )
    _draw_logo()
    with errors_shown():
        activity.warm_up()
        if ended is not None:
            activity.tell_end(ended)
        _sidebar(name)
        sign_in.draw_looks_at()
        tour.draw_tour(name)
    if title:
        draw_title(name)
    with errors_shown():
        yield
    if name != "Train":  # its charts' library comes along while people look at other pages
        live_plot.load()


def _draw_logo() -> None:
    dark = st.context.theme.type == "dark"
    st.logo(
        str(ASSETS / ("logo-dark.svg" if dark else "logo-light.svg")),
        size="large",
        icon_image=str(ASSETS / "mark.svg"),
    )


def _let_in() -> None:
    """Go on only for those who may be here; anyone else sees how to sign in, and nothing more."""
    try:
        access.enter()
    except AutoMLError as error:
        st.set_page_config(
            page_title="Sign in · Torchlight", page_icon=str(ASSETS / "mark.svg"), layout="wide"
        )
        _draw_logo()
        page_marks.draw_marks("Sign in", "")
        if isinstance(error, AccessError):
            sign_in.draw_sign_in(error)
        else:  # the disk is full, and there is no workspace for them yet
            show_error(error)
        st.stop()


@contextmanager
def open_bare_page(title: str) -> Iterator[None]:
    """A page without navigation, and without a word on what else the workspace has."""
    _let_in()
    st.set_page_config(
        page_title=f"{title} · Torchlight", page_icon=str(ASSETS / "mark.svg"), layout="wide"
    )
    with page_times.measured("Share"):
        page_marks.draw_marks(title, "")
        with errors_shown():
            yield


def draw_title(name: str, caption: str = "") -> None:
    """The page's name and what it is for, or what it shows just now."""
    st.title(name, anchor=False)
    st.caption(caption or place(name).caption)


@contextmanager
def errors_shown() -> Iterator[None]:
    """Show what goes wrong inside as a message, never as a traceback.

    What is logged inside names the session, and the run that it looks at.
    """
    with logs.about(run=session.address().get("run", ""), session=session.log_id()), _edge():
        yield


@contextmanager
def _edge() -> Iterator[None]:
    try:
        yield
    except AutoMLError as error:
        show_error(error)
    except OSError as error:
        logger.exception("a page could not use a file")
        show_error(RunError(*_DISK_WORDS.get(error.errno or 0, _NO_FILE)))
    except Exception:
        reference = uuid.uuid4().hex[:8]
        logger.exception("page failed, reference %s", reference)
        st.error(
            "**Something went wrong on this page.**  \nYour tables and runs are safe. Reload the "
            f"page; if it happens again, the server's log has the details under `{reference}`.",
            icon=":material/error:",
        )


def show_error(error: AutoMLError) -> None:
    """An error's message and hint, as plain text."""
    st.error(error_text(error), icon=":material/error:")


def _sidebar(here: str) -> None:
    with st.sidebar:
        known = session.address()
        with st.container(gap="xsmall", key="nav"):
            for entry in PLACES:
                st.page_link(
                    entry.path,
                    label=entry.name,
                    icon=entry.icon,
                    query_params=entry.carried(known) or None,
                    width="stretch",
                )
        activity.draw_progress(here)
        activity.draw_machine()
        sign_in.draw_person()


def nothing_here(message: str, icon: str, button: str, target: str, key: str) -> None:
    """An empty state: what is missing, and one button to the page that helps."""
    with st.container(border=True, horizontal_alignment="center", gap="small"):
        st.space("small")
        st.markdown(f"### {icon}", text_alignment="center")
        st.markdown(message, text_alignment="center")
        if st.button(button, type="primary", key=key):
            go_to(target)
        st.space("small")
