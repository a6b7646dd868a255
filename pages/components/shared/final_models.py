"""The models that an ended run offers: its own, the best single network, the smallest that ties.

Knows nothing about how they were chosen: the run's last event names them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from automl_core.charts import metric_short, number
from automl_core.runs.record import LeaderRow, RunState
from pages.components.shared.text import code, size

ROLES = (  # field of RunFinished, label, icon, why one would want it
    ("best", "The run's model", ":material/trophy:", "What the run ended with."),
    (
        "network",
        "Best single network",
        ":material/graph_3:",
        "One deep network instead of an average of several models.",
    ),
    (
        "smallest",
        "Smallest that ties",
        ":material/compress:",
        "The smallest model whose score cannot be told from that of the run's model: the "
        "difference lies within what chance would do on these rows.",
    ),
)


@dataclass(frozen=True)
class Offer:
    """A model that stands out, and why."""

    label: str
    icon: str
    why: str
    row: LeaderRow


def offers(state: RunState, rows: Sequence[LeaderRow]) -> tuple[Offer, ...]:
    """One offer for each model, with all reasons for it; () while the run is active."""
    end = state.finished
    found: dict[int, Offer] = {}
    for field, label, icon, why in ROLES if end is not None else ():
        trial = getattr(end, field)
        row = next((r for r in rows if r.trial == trial and r.rank is not None), None)
        if row is None or row.family == "constant":
            continue
        if (known := found.get(row.trial)) is not None:
            both = f"{known.label}, {label.lower()}"
            found[row.trial] = Offer(both, known.icon, f"{known.why} {why}", row)
        else:
            found[row.trial] = Offer(label, icon, why, row)
    return tuple(found.values())


def draw_offers(found: Sequence[Offer], key: str) -> str | None:
    """A card each; the name of the model whose button was pressed just now."""
    if len(found) < 2:  # the run's model alone is what is shown anyway
        return None
    pressed = None
    with st.container(horizontal=True, key=key):
        for place, offer in enumerate(found):
            with st.container(border=True, gap="xsmall", height="stretch", key=f"{key}_{place}"):
                st.caption(f"{offer.icon} {offer.label}", help=offer.why)
                st.markdown(f"**{code(offer.row.name)}**")
                st.caption(numbers(offer.row))
                if st.button("Show it", key=f"{key}_open_{place}"):
                    pressed = offer.row.name
    return pressed


def numbers(row: LeaderRow) -> str:
    """Score, speed and size of a model, as far as they are known."""
    parts = []
    if row.score is not None:
        parts.append(f"{metric_short(row.metric)} {number(row.score)}")
    if row.predict_ms_per_row is not None:
        parts.append(f"{row.predict_ms_per_row:.2g} ms a row")
    if row.size_bytes is not None:
        parts.append(size(row.size_bytes))
    return " · ".join(parts)
