"""The models that an ended run offers, a card each. Knows nothing about how they were chosen."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from automl_core.charts import metric_short
from automl_core.runs.record import LeaderRow, OfferedModel
from pages.components.shared.text import code, score, size

ICONS = {
    "best": ":material/trophy:",
    "network": ":material/graph_3:",
    "smallest": ":material/compress:",
}


def draw_offers(found: Sequence[OfferedModel], key: str) -> str | None:
    """A card each; the name of the model whose button was pressed just now."""
    if len(found) < 2:  # the run's model alone is what is shown anyway
        return None
    pressed = None
    with st.grid(columns=len(found), min_column_width=230, key=key):
        for place, offer in enumerate(found):
            with st.container(border=True, gap="xsmall", height="stretch", key=f"{key}_{place}"):
                st.caption(f"{ICONS[offer.roles[0]]} {offer.title}", help=offer.why)
                st.markdown(f"**{code(offer.row.name)}**")
                st.caption(numbers(offer.row))
                if st.button("View", key=f"{key}_open_{place}"):
                    pressed = offer.row.name
    return pressed


def numbers(row: LeaderRow) -> str:
    """Score, speed and size of a model, as far as they are known."""
    parts = []
    if row.score is not None:
        parts.append(f"{metric_short(row.metric)} {score(row.score)} in validation")
    if row.predict_ms_per_row is not None:
        parts.append(f"{row.predict_ms_per_row:.2g} ms a row")
    if row.size_bytes is not None:
        parts.append(size(row.size_bytes))
    return " · ".join(part.replace(" ", "\u00a0") for part in parts)  # lines break between them
