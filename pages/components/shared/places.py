"""The pages of the app, as the navigation lists them, and the way to one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import streamlit as st

from pages.components.shared import session

NOTHING: Mapping[str, str] = MappingProxyType({})
A_ROW = MappingProxyType({"score": "row"})  # in the address of Predict: a row by hand, no table


@dataclass(frozen=True)
class Place:
    """One entry of the navigation."""

    name: str
    path: str  # from the project's root
    icon: str  # Material symbol
    caption: str  # one line below the title
    carries: tuple[str, ...] = ()  # what of the address its link takes along

    def carried(self, address: dict[str, str]) -> dict[str, str]:
        """The part of the address that goes along to this page."""
        return {key: address[key] for key in self.carries if key in address}


PLACES: tuple[Place, ...] = (
    Place("Home", "app.py", ":material/home:", "Start with a table, or go on with a run."),
    Place(
        "Data",
        "pages/data.py",
        ":material/table_chart:",
        "What is in the table, and what each column is used for.",
        ("table",),
    ),
    Place(
        "Profile",
        "pages/profile.py",
        ":material/insights:",
        "What is odd in the table; distributions, associations, gaps.",
        ("table",),
    ),
    Place(
        "Train",
        "pages/train.py",
        ":material/model_training:",
        "Pick a target and a budget, then watch the models learn.",
        ("table", "run"),
    ),
    Place(
        "Models",
        "pages/models.py",
        ":material/leaderboard:",
        "Compare the models of a run, look into one, take it away.",
        ("run",),
    ),
    Place(
        "Predict",
        "pages/predict.py",
        ":material/online_prediction:",
        "Score new rows with a trained model.",
        ("run",),
    ),
    Place("Runs", "pages/runs.py", ":material/history:", "Every run of this workspace.", ("run",)),
)


def place(name: str) -> Place:
    """The entry of the navigation with that name."""
    return next(p for p in PLACES if p.name == name)


def go_to(name: str, model: str = "", more: Mapping[str, str] = NOTHING) -> None:
    """Switch to another page; its table and run go along in the address, and what is given."""
    there = place(name)
    query = there.carried(session.address()) | ({"model": model} if model else {})
    st.switch_page(there.path, query_params=query | dict(more))
