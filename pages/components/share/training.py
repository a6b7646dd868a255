"""How a shared run trains: drawn again each second, with buttons for those who may steer it."""

from __future__ import annotations

import streamlit as st

from pages.components.shared import (
    RunView,
    access,
    count,
    draw_numbers,
    draw_progress,
    draw_title,
    draw_troubles,
    draw_validation,
    frame,
    live_plot,
)
from pages.components.train import (
    EVERY_SECONDS,
    draw_charts,
    draw_resume,
    draw_steering,
    draw_stop,
    view_of,
)


def draw_training() -> None:
    """The run of the link in the address as it is now, and as it goes on."""
    shared = access.shared_run()
    assert shared is not None, "the address has no link"
    active = view_of(shared.folder, shared.id).active
    st.fragment(_live, run_every=EVERY_SECONDS if active else None)(active)
    live_plot.load()


def _live(was_active: bool) -> None:
    with frame.errors_shown():
        shared = access.shared_run()  # each time: the link may have been taken back
        if shared is None:
            return
        view = view_of(shared.folder, shared.id)
        with st.container(key="live_header"):
            _draw_header(view, shared.may_steer)
        with st.container(key="live_charts"):
            if view.state.started:
                draw_charts(view)
        with st.container(key="live_notes"):
            draw_troubles(view)
        if was_active and not view.active:
            st.rerun()


def _draw_header(view: RunView, may_steer: bool) -> None:
    going_on = view.active and not view.waits and view.state.started is not None
    with st.container(horizontal=True, vertical_alignment="center"):
        draw_title(view)
        if may_steer and view.active:
            draw_stop(view)
    draw_validation(view.state)
    if view.place is not None:
        st.info(f"This run is queued: {view.place.words}.", icon=":material/hourglass_empty:")
    if going_on:
        with st.container(horizontal=True, vertical_alignment="center"):
            draw_progress(view)
            if may_steer:
                draw_steering(view)
        draw_numbers(view)
    elif not view.active:
        st.caption(f"This run is over: {view.status}. {count(len(view.rows), 'model')} trained.")
        if may_steer:
            draw_resume(view)
