"""Predict: score the rows of a file, or one row by hand, with a trained model."""

from __future__ import annotations

import streamlit as st

from automl_core.table import TableInfo
from pages.components.predict import (
    ChosenModel,
    answer,
    choose_model,
    choose_table,
    draw_single_row,
    draw_waiting,
    show_answer,
    show_differences,
    start,
    waiting,
)
from pages.components.shared import A_ROW, count, frame

TABLE, ROW = "A table", "One row"


def show_scoring(model: ChosenModel, info: TableInfo) -> None:
    """The button, the work, or its result."""
    if waiting(model, info):
        draw_waiting(info.rows)
        return
    scored = answer(model, info)
    if scored is not None and scored.predictions is not None:
        show_answer(scored.predictions, model, info)
        return
    if scored is not None and scored.error is not None:
        frame.show_error(scored.error)
    if st.button(
        "Score again" if scored else f"Score {count(info.rows, 'row')}",
        type="primary",
        icon=":material/play_arrow:",
        key="predict_start",
    ):
        start(model, info)
        st.rerun()


with frame.open_page("Predict"):
    st.header("Model", anchor=False)
    model = choose_model()
    how = None
    if model is not None:
        how = st.segmented_control(
            "What to score",
            [TABLE, ROW],
            default=ROW if A_ROW.items() <= st.query_params.to_dict().items() else TABLE,
            required=True,
            key="predict_how",
        )
    if model is not None and how == ROW:
        st.header("Row", anchor=False)
        draw_single_row(model)
    elif model is not None:
        st.header("Table", anchor=False)
        info = choose_table(model)
        if info is not None:
            show_differences(model, info)
            st.header("Predictions", anchor=False)
            show_scoring(model, info)
