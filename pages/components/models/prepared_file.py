"""A download that a worker prepares: asked for, waited for, then taken."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import streamlit as st

from automl_core.errors import AutoMLError
from pages.components.shared import choose_cluster, draw_waiting, frame, keep_job, kept_job, session

WAITING = "Writing the file …"


def draw_prepared(
    name: str,
    key: str,
    label: str,
    ask: Callable[[str | None], Future[Any]],
    draw: Callable[[Any], None],
) -> None:
    """A button `label` that asks a worker; once it has answered, what `draw` makes of the answer.

    `ask` takes the address of the cluster where it should be done; None: this machine.
    `name` tells this file from others of the page, `key` from those of other models.
    """
    job = kept_job(key)
    if job is None:
        cluster = choose_cluster(f"models_{name}_where")
        if st.button(label, key=f"models_{name}_ask", width="stretch"):
            keep_job(key, ask(cluster), lambda: WAITING)
    elif not job.done():
        draw_waiting(key)
    else:
        _draw_done(name, key, job, draw)


def _draw_done(name: str, key: str, job: Future[Any], draw: Callable[[Any], None]) -> None:
    try:
        answer = job.result(timeout=5)
    except AutoMLError as error:
        frame.show_error(error)
        if st.button("Try again", icon=":material/refresh:", key=f"models_{name}_again"):
            session.remember(key, None)
            st.rerun()
        return
    draw(answer)
