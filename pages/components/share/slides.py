"""The story: one slide at a time, and two buttons."""

from __future__ import annotations

import streamlit as st

from pages.components.share.shared_model import SharedModel
from pages.components.share.summary import draw_figures, draw_numbers, draw_words
from pages.components.shared import session

_SLIDE = "share_slide"


def draw_story(model: SharedModel) -> None:
    """The slide that the presenter has come to."""
    most = len(model.slides) - 1
    place = min(most, max(0, session.remembered(_SLIDE, int) or 0))
    slide = model.slides[place]
    st.header(slide.title, anchor=False)
    draw_words(slide.words)
    if slide.numbers:
        draw_numbers(slide.numbers)
    draw_figures(slide.figures, f"share_slide_{place}")
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.button(
            "Back", icon=":material/arrow_back:", key="share_back", disabled=place == 0,
            on_click=session.remember, args=(_SLIDE, place - 1),
        )  # fmt: skip
        st.caption(f"{place + 1} of {most + 1}", width="content")
        st.button(
            "Next", icon=":material/arrow_forward:", key="share_next", disabled=place == most,
            type="primary", on_click=session.remember, args=(_SLIDE, place + 1),
        )  # fmt: skip
