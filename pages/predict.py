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
    may_score,
    show_answer,
    show_differences,
    start,
    waiting,
)
from pages.components.shared import A_ROW, choose_cluster, count, frame

TABLE, ROW = "A table", "One row"


def show_scoring(model: ChosenModel, info: TableInfo) -> None:
    """The button, the work, or its result."""
    extras = st.checkbox(
        "With what is unusual in each row, and in the file",
        key="predict_extras",
        help="Sets of likely classes, rows unlike the training data and why, values never seen; "
        "which columns have moved, and where the answers are known why the score fell.",
    )
    if waiting(model, info, extras):
        draw_waiting(info.rows)
        return
    scored = answer(model, info, extras)
    if scored is not None and scored.found is not None:
        show_answer(scored.found, model, info)
        return
    if scored is not None and scored.error is not None:
        frame.show_error(scored.error)
    cluster = choose_cluster("predict_where")
    if st.button(
        "Score again" if scored else f"Score {count(info.rows, 'row')}",
        type="primary",
        icon=":material/play_arrow:",
        key="predict_start",
    ):
        start(model, info, extras, cluster)
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
            if may_score(model, info):
                show_scoring(model, info)
