"""The summary: a sentence, three numbers, what matters, and a row to try."""

from __future__ import annotations

import streamlit as st

from automl_core.report import Figure, Number
from pages.components.models import draw_report_button
from pages.components.predict import draw_single_row, model_of
from pages.components.share.shared_model import SharedModel
from pages.components.shared import draw_chart, text


def draw_summary(model: SharedModel) -> None:
    """All that the link is about, on one page."""
    first, *_, learned, limits = model.slides
    draw_words(first.words)
    draw_numbers(first.numbers)
    st.header(learned.title, anchor=False)
    draw_words(learned.words)
    draw_figures(learned.figures, "share_learned")
    st.header(limits.title, anchor=False)
    draw_words(limits.words)
    draw_report_button(model.run, model.row, "share_report")
    st.header("Try a row", anchor=False)
    draw_single_row(model_of(model.run, model.row), show_rows=False)


def draw_words(words: tuple[str, ...]) -> None:
    """Sentences, a paragraph each."""
    for sentence in words:
        st.markdown(text.escape_markdown(sentence))


def draw_numbers(numbers: tuple[Number, ...]) -> None:
    """Cards beside each other; a note may be long."""
    with st.grid(columns=max(1, len(numbers)), min_column_width=200):
        places = [st.container(border=True, height="stretch") for _ in numbers]
    for place, number in zip(places, numbers, strict=True):
        with place:
            st.caption(text.escape_markdown(number.label))
            st.markdown(f"### {text.escape_markdown(number.value)}")
            st.caption(text.escape_markdown(number.note))


def draw_figures(figures: tuple[Figure, ...], key: str) -> None:
    """Charts side by side where there is room, each with what to see in it."""
    if not figures:
        return
    with st.grid(columns=len(figures), min_column_width=360):
        places = [st.container(border=True, height="stretch") for _ in figures]
    for number, (place, figure) in enumerate(zip(places, figures, strict=True)):
        with place:
            st.markdown(f"**{text.escape_markdown(figure.title)}**")
            draw_chart(figure.drawing.figure(), f"{key}_{number}", figure.drawing.alt)
            st.caption(text.escape_markdown(figure.sentence))
