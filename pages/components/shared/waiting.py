"""A job of a worker that one page of one session waits for: kept, watched, and cancelled.

Knows nothing of what the job does; who asked for it draws what it gives.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import streamlit as st

from automl_core.runs import get_manager
from pages.components.shared import frame, session

POLL = 0.5  # seconds between two looks at the worker


@dataclass(frozen=True, eq=False)
class _Kept:
    """A job, and what is said while it goes on."""

    job: Future[Any]
    words: Callable[[], str]


def keep_job(key: str, job: Future[Any], words: Callable[[], str]) -> None:
    """Wait for this job from now on; `words` says, again and again, what it is at."""
    session.remember(key, _Kept(job, words))
    st.rerun()


def kept_job(key: str) -> Future[Any] | None:
    """The job that this browser tab asked for under the key; None where there is none any more."""
    kept = session.remembered(key, _Kept)
    return None if kept is None or kept.job.cancelled() else kept.job


@st.fragment(run_every=POLL)
def draw_waiting(key: str) -> None:
    """Says that a worker is at it; draws the whole page again once it is done."""
    with frame.errors_shown(), st.container(horizontal=True, vertical_alignment="center"):
        kept = session.remembered(key, _Kept)
        if kept is None or kept.job.done():
            st.rerun()
        st.status(kept.words(), state="running", type="compact")
        if st.button("Cancel", icon=":material/close:", key=f"{key}_cancel"):
            get_manager().jobs.give_up(kept.job)
            session.remember(key, None)
            st.rerun()
