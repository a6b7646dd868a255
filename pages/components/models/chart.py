"""One chart of a model, filling its column."""

from __future__ import annotations

from typing import Any

import streamlit as st


def draw_chart(figure: Any, key: str, alt: str) -> None:
    """A Plotly figure; `alt` says what it shows to those who cannot see it."""
    st.plotly_chart(figure, key=key, alt=alt, config={"displayModeBar": False})
