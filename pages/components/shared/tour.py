"""The tour: five steps, each a box at the top of the page that it is about.

The step stands in the address (`?tour=2`): a reload keeps it, and a link without it shows the
page alone. It comes by itself once in a workspace, on Home, before there is any run; a file in
the workspace keeps that.
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from automl_core.errors import AutoMLError
from pages.components.shared import activity
from pages.components.shared.access import workspace
from pages.components.shared.places import go_to

PARAMETER, MARKER = "tour", ".tour-shown"


@dataclass(frozen=True)
class Step:
    """One page of the tour."""

    page: str
    words: str


STEPS = (
    Step(
        "Home",
        "Torchlight trains models on a table and shows how they learn. Everything starts on this "
        "page: with a table of your own, or with the live demo of a sample.",
    ),
    Step(
        "Data",
        "What is in your table: the role of each column with the reason, and checks for what would "
        "spoil a model, each with its fix. Profile draws the columns.",
    ),
    Step(
        "Train",
        "Choose the column to predict and a time budget, press Start, and watch. You may close the "
        "page: the run goes on, and Runs lists it.",
    ),
    Step(
        "Models",
        "How good the model of a run is on rows that it had not seen, what it learned, how it was "
        "built, and its download as one file.",
    ),
    Step(
        "Predict",
        "Give the model new rows and read its answers. That is the whole way: now try it on Home.",
    ),
)


def draw_tour(here: str) -> None:
    """The step of the tour that is about the page `here`, where the address names that step."""
    if here == STEPS[0].page and _comes_by_itself():
        st.query_params[PARAMETER] = "1"
    number = _number()
    if not number or STEPS[number - 1].page != here:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="tour"):
        with st.container(width="stretch"):
            st.markdown(f"**Tour, {number} of {len(STEPS)}: {here}.** {STEPS[number - 1].words}")
        with st.container(horizontal=True, width="content"):
            _draw_buttons(number)


def draw_offer() -> None:
    """The button that takes the tour again; nothing while it is taken."""
    if not _number() and st.button("Take the tour", icon=":material/explore:", key="tour_take"):
        go_to(STEPS[0].page, more={PARAMETER: "1"})


def _number() -> int:
    """The step that the address names, from 1; 0 for none."""
    asked = st.query_params.get(PARAMETER, "")
    return next((n for n in range(1, len(STEPS) + 1) if asked == str(n)), 0)


def _draw_buttons(number: int) -> None:
    if number > 1 and st.button("Back", key="tour_back"):
        go_to(STEPS[number - 2].page, more={PARAMETER: str(number - 1)})
    if number < len(STEPS):
        if st.button(f"Next: {STEPS[number].page}", key="tour_next"):
            go_to(STEPS[number].page, more={PARAMETER: str(number + 1)})
        st.button("Skip the tour", type="tertiary", key="tour_skip", on_click=_end)
    elif st.button("Done", key="tour_done"):
        go_to(STEPS[0].page)


def _end() -> None:
    st.query_params.pop(PARAMETER, None)


def _comes_by_itself() -> bool:
    """True the first time that this is asked in a workspace without runs."""
    root = workspace()
    marker = root / MARKER
    try:
        if marker.exists() or activity.recent_runs(str(root)):
            return False
        root.mkdir(parents=True, exist_ok=True)
        marker.touch(exist_ok=False)
    except (AutoMLError, OSError):  # it cannot be kept, so it would come each time
        return False
    return True
