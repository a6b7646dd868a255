"""Share: one model for those who decide by it; nothing to change, and nothing else to be seen."""

from __future__ import annotations

import streamlit as st

from pages.components.share import asked_model, draw_story, draw_summary, draw_training, has_link
from pages.components.shared import escape_markdown, frame, one_line

SUMMARY, STORY = "Summary", "Story"


def draw_model() -> None:
    """The summary of the model of the address, or its story in slides."""
    model = asked_model()
    spec = model.run.spec
    st.title(f"Predicting {escape_markdown(one_line(spec.target, 60))}", anchor=False)
    st.caption(
        escape_markdown(f"{model.row.name}: {model.row.title}, from {one_line(spec.table.name)}")
    )
    how = st.segmented_control(
        "How to look at it",
        [SUMMARY, STORY],
        default=SUMMARY,
        required=True,
        key="share_how",
        label_visibility="collapsed",
    )
    if how == STORY:
        draw_story(model)
    else:
        draw_summary(model)


with frame.open_bare_page("A model"):
    if not has_link():
        draw_model()
    else:
        result, training = st.tabs(
            ["The model", "How it trains"], key="share_tab", on_change="rerun"
        )
        with result, frame.errors_shown():
            if result.open:
                draw_model()
        with training:
            if training.open:
                draw_training()
