"""A file beside the training rows: drift by column, and why the score fell."""

from __future__ import annotations

import streamlit as st

from automl_core.scoring import Drift, FileCheck, ScoreFall
from pages.components.shared import escape_markdown, percent

SHOWN = 6  # columns that moved, before the rest goes into an expander


def draw_file_check(check: FileCheck) -> None:
    """The verdict on the columns; where answers were known, the causes of a fall."""
    st.header("The file beside the training rows", anchor=False)
    if check.drift is None:
        st.caption("The model keeps nothing of its training rows to compare these with.")
        return
    _draw_drift(check.drift)
    if check.fall is not None:
        _draw_fall(check.fall)


def _draw_drift(drift: Drift) -> None:
    with st.container(border=True, key="predict_drift", gap="xsmall"):
        calm = not drift.moved
        icon = ":green[:material/check_circle:]" if calm else ":orange[:material/warning:]"
        st.markdown(f"{icon} **{escape_markdown(drift.verdict)}**")
        for column in drift.moved[:SHOWN]:
            st.markdown(escape_markdown(column.words))
        if len(drift.moved) > SHOWN:
            with st.expander(f"{len(drift.moved) - SHOWN} more", key="predict_more_drift"):
                for column in drift.moved[SHOWN:]:
                    st.markdown(escape_markdown(column.words))
        st.caption(
            "A column has moved where chance can hardly explain the difference, and it is large "
            "enough to matter, however many rows there are."
        )


def _draw_fall(fall: ScoreFall) -> None:
    with st.container(border=True, key="predict_fall", gap="xsmall"):
        icon = ":orange[:material/trending_down:]" if fall.causes else ":green[:material/check:]"
        st.markdown(f"{icon} **{escape_markdown(fall.sentence)}**")
        for cause in fall.causes:
            title = escape_markdown(cause.title[:1].upper() + cause.title[1:])
            words = escape_markdown(cause.words)
            st.markdown(f"{percent(cause.share)}: **{title}**. {words}")
        if fall.causes:
            st.caption(
                "Shares of the fall. The mix is what the errors would be if the model erred in "
                "each kind of row as it did on training rows that it had not seen."
            )
