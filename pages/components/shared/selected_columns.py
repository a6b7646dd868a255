"""Which columns a run's models see: how many of how many, what left and why, what it would bring.

Draws from the run's state; reads no file.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from automl_core.charts import metric_short, number
from automl_core.runs.record import SAID, FeaturesSelected, RunState, pairs_words, steps_back
from pages.components.shared import text

MOST_ROWS = 500  # of the table; a page shall not carry thousands
HOW = (
    "Columns from which a quick booster gains no more than from a shuffled copy of them are "
    "noise; the others are ranked by what it loses when their cells are shuffled. The shortest "
    "list that costs nothing is kept, judged on training rows that neither ranked nor fitted. "
    "The first model of the run has seen all columns, to compare with."
)


def draw_features(state: RunState, metric: str) -> None:
    """The card; nothing where columns were not chosen."""
    event = state.features
    if event is None:
        return
    every = len(event.kept) + len(event.dropped)
    with st.container(border=True, key="features_card"):
        st.markdown(f"**Features: {len(event.kept):,} of {every:,} used**")
        if words := pairs_words(event, metric):
            st.caption(text.escape_markdown(words))
        if not event.dropped:
            st.caption("No column is clearly useless: all stay.")
            return
        st.caption(HOW)
        if event.lists > 1:
            st.caption(
                f"Few rows for so many columns: each of {event.lists} folds chose from its own "
                "training rows, so that scores stay honest. A column leaves where none keeps it. "
                "The models of a family take turns: all columns, then the chosen ones."
            )
        with st.expander(f"What left: {text.count(len(event.dropped), 'column')}"):
            _draw_table(event, metric)


def _draw_table(event: FeaturesSelected, metric: str) -> None:
    back = steps_back(event)
    shown = range(min(MOST_ROWS, len(event.dropped)))
    names = [event.dropped[i] for i in shown]
    column = st.column_config.TextColumn
    st.dataframe(
        {
            "Column": [text.one_line(name) for name in names],
            "Why it left": [_why(event, i) for i in shown],
            "Gain": [f"{100 * event.gain[i]:.2g} %" for i in shown],
            "With all down to it back": [_back(event, back.get(name)) for name in names],
        },
        hide_index=True,
        column_config={
            "Gain": column(
                help="Beyond a shuffled copy's, of all that columns gain. Chance alone gives up "
                f"to {100 * event.chance:.2g} %."
            ),
            "With all down to it back": column(
                help=f"By how much {metric_short(metric)} would be better with this column and "
                "all above it in this table, together, with the 95 % interval. Below zero: worse. "
                "What one column alone would bring is not measured."
            ),
        },
        alt=f"{len(names)} columns that no model needs, the most useful first",
    )
    if len(event.dropped) > MOST_ROWS:
        st.caption(f"and {text.count(len(event.dropped) - MOST_ROWS, 'more column')}")


def _why(event: FeaturesSelected, place: int) -> str:
    if event.why[place] == "copy":
        return f"says the same as {text.one_line(event.of[place])}"
    return SAID.get(event.why[place], event.why[place])


def _back(event: FeaturesSelected, step: Any) -> str:
    """`-0.0012 (-0.0040 to 0.0016), 54 columns`; in words where nothing can change."""
    if step is None:
        return "nothing: its cells tell nothing new" if event.columns else "not measured"
    better, error = event.better[step], event.error[step]
    low, high = (number(better + side * 1.96 * error) for side in (-1, 1))
    return f"{number(better)} ({low} to {high}), {text.count(event.columns[step], 'column')}"
