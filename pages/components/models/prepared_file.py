"""A download that a worker prepares: asked for, waited for, then taken."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import streamlit as st

from automl_core.errors import AutoMLError
from automl_core.runs import get_manager
from pages.components.shared import frame, session

POLL = 0.5  # seconds between two looks at the worker


@dataclass(frozen=True, eq=False)
class _Asked:
    """A file that a worker writes, or has written."""

    job: Future[Any]


def draw_prepared(
    name: str, key: str, label: str, ask: Callable[[], Future[Any]], draw: Callable[[Any], None]
) -> None:
    """A button `label` that asks a worker; once it has answered, what `draw` makes of the answer.

    `name` tells this file from others of the page, `key` from those of other models.
    """
    asked = session.remembered(key, _Asked)
    if asked is None:
        if st.button(label, key=f"models_{name}_ask", width="stretch"):
            session.remember(key, _Asked(ask()))
            st.rerun()
    elif not asked.job.done():
        _draw_waiting(name, key)
    else:
        _draw_done(name, key, asked, draw)


@st.fragment(run_every=POLL)
def _draw_waiting(name: str, key: str) -> None:
    """Says that a worker is at it; draws the whole page again once it is done."""
    with frame.errors_shown():
        asked = session.remembered(key, _Asked)
        if asked is None or asked.job.done():
            st.rerun()
        st.status("Writing the file …", state="running", type="compact")
        if st.button("Cancel", icon=":material/close:", key=f"models_{name}_cancel"):
            get_manager().give_up(asked.job)
            session.remember(key, None)
            st.rerun()


def _draw_done(name: str, key: str, asked: _Asked, draw: Callable[[Any], None]) -> None:
    try:
        answer = asked.job.result(timeout=5)
    except AutoMLError as error:
        frame.show_error(error)
        if st.button("Try again", icon=":material/refresh:", key=f"models_{name}_again"):
            session.remember(key, None)
            st.rerun()
        return
    draw(answer)
