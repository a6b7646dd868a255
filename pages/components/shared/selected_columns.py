"""The columns that a run's models see: their number, those left out, why, and their score.

Draws from the run's state; reads no file.
"""

from __future__ import annotations

import streamlit as st

from automl_core.charts import metric_short, number
from automl_core.runs.record import (
    REASON_WORDS,
    FeaturesSelected,
    RunState,
    events,
    pairs_words,
    shortest_lists_with,
)
from automl_core.types import DropReason
from pages.components.shared import text

MOST_ROWS = 500  # of the table; a page shall not carry thousands
HOW = (
    "Columns from which a quick booster gains no more than from a shuffled copy of them are "
    "noise; the others are ranked by what it loses when their cells are shuffled. Columns leave "
    "where a booster and a linear model together predict better without them or, of many, surely "
    "as well, judged on training rows that neither ranked nor fitted. "
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
            st.caption("No column is clearly better left out: all stay.")
            return
        st.caption(HOW)
        if event.lists > 1:
            st.caption(
                f"Few rows prove little: each of {event.lists} folds chose from its own training "
                "rows, so that scores stay honest. A column leaves where none keeps it. "
                "The models of a family alternate: all columns, then the chosen ones."
            )
        with st.expander(f"What left: {text.count(len(event.dropped), 'column')}"):
            _draw_table(event, metric)


def _draw_table(event: FeaturesSelected, metric: str) -> None:
    lists = shortest_lists_with(event)
    shown = event.dropped[:MOST_ROWS]
    column = st.column_config.TextColumn
    st.dataframe(
        {
            "Column": [text.one_line(d.name) for d in shown],
            "Why it left": [_reason(d) for d in shown],
            "Gain": [text.percent(d.gain) for d in shown],
            "With all down to it back": [_with_it_back(event, d, lists.get(d.name)) for d in shown],
        },
        hide_index=True,
        column_config={
            "Gain": column(
                help="Beyond a shuffled copy's, of all that columns gain. Chance alone gives up "
                f"to {text.percent(event.chance)}."
            ),
            "With all down to it back": column(
                help=f"By how much {metric_short(metric)} would be better with this column and "
                "all above it in this table, together, with the 95 % interval. Below zero: worse. "
                "What one column alone would bring is not measured."
            ),
        },
        alt=f"{len(shown)} columns that no model needs, the most useful first",
    )
    if len(event.dropped) > MOST_ROWS:
        st.caption(f"and {text.count(len(event.dropped) - MOST_ROWS, 'more column')}")


def _reason(column: events.DroppedColumn) -> str:
    if column.reason == DropReason.COPY:
        return f"says the same as {text.one_line(column.copy_of)}"
    return REASON_WORDS[column.reason]


def _with_it_back(
    event: FeaturesSelected, column: events.DroppedColumn, tried: events.TriedList | None
) -> str:
    """`-0.0012 (-0.0040 to 0.0016), 54 columns`; in words where nothing can change."""
    if tried is None:
        nothing = event.tried and column.reason.adds_nothing
        return "nothing: its cells tell nothing new" if nothing else "not measured"
    low, high = (number(tried.better + side * 1.96 * tried.error) for side in (-1, 1))
    return f"{number(tried.better)} ({low} to {high}), {text.count(tried.columns, 'column')}"
