"""Where something is computed: this machine, or a Ray cluster.

The clusters are those that the owner of the server named: who names a cluster lets it run programs
here. Where Ray is not installed there is no choice.
"""

from __future__ import annotations

import streamlit as st

from automl_core.runs.executor import has_ray
from automl_core.settings import CLUSTERS

HERE = ""  # no cluster: this machine


def offered_places() -> dict[str, str]:
    """What may be chosen, with its words: this machine first, then addresses of clusters; empty
    where there is no choice."""
    if not has_ray():
        return {}
    addresses = CLUSTERS.entries() or ("auto",)
    named = {a: "Ray cluster" if a == "auto" else f"Ray cluster at {a}" for a in addresses}
    return {HERE: "This machine"} | named


def choose_cluster(key: str) -> str | None:
    """The choice, and the address of the cluster; None: this machine."""
    places = offered_places()
    if not places:
        return None
    chosen = st.selectbox(
        "Where to compute", list(places), format_func=places.__getitem__, key=key, width=240
    )
    return chosen or None
