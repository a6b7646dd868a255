"""Costs of columns: the score with fewer of them against their price, at the user's prices.

A worker measures sets of columns when somebody asks; other prices need no further fit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import streamlit as st

from automl_core.charts import draw_column_costs, number
from automl_core.errors import AutoMLError, SpecError
from automl_core.evaluation import ColumnFrontier, MeasuredColumns, PricedSet, price_sets
from automl_core.metrics import METRICS
from automl_core.runs import (
    ColumnJob,
    ColumnPrices,
    get_manager,
    known_columns,
    load_column_sets,
    load_prices,
    save_prices,
)
from pages.components.shared import OpenRun, draw_chart, frame, session, text

POLL = 0.5  # seconds between two looks at the worker
PRICE = "Price"
LISTED = 6  # columns of a set that a line of the table names
HOW = (
    "Columns leave one after the other, those first that give least for their price: by what "
    "shuffling one costs a quick model of trees, measured anew each time. The rows that choose "
    "this order are others than those that score the sets, and test rows stay apart. Lines show "
    "95 % intervals; a set is told apart from all columns where the interval of the difference on "
    "the same rows does not hold 0. The run's own models score otherwise, and on other rows; what "
    "counts is the difference."
)


def draw_column_cost(run: OpenRun) -> None:
    """The prices, and the frontier where it was measured, else a button that measures it."""
    with st.container(border=True, key="column_costs"), frame.errors_shown():
        st.markdown("**What does a column cost?**")
        if run.state.status.active:
            st.caption("It can be measured once the run has ended.")
            return
        columns = known_columns(run.folder)
        if len(columns) < 2:
            st.caption("Models see one column only: there is nothing to leave out.")
            return
        job = get_manager().jobs.column_job(run.folder)
        if job is not None and not job.done.done():
            _draw_running(job, load_prices(run.folder))
            return
        if job is not None and (error := job.done.exception()) is not None:
            if not isinstance(error, AutoMLError):
                raise error
            frame.show_error(error)
        prices = load_prices(run.folder)
        found = load_column_sets(run.folder)
        if found is None:
            _draw_offer(run, "Measure", "Trains quick models of fewer columns: up to 40 seconds.")
        else:
            _draw_found(run, found, prices)
        _draw_prices(run, columns, found, prices)


def _draw_offer(run: OpenRun, label: str, words: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(label, icon=":material/payments:", key="columns_ask"):
            get_manager().jobs.measure_columns(run.folder, None)
            st.rerun()
        st.caption(words)


def _draw_running(job: ColumnJob, prices: ColumnPrices) -> None:
    """How far it is, and the sets that are scored by now, drawn again every moment."""

    @st.fragment(run_every=POLL)
    def running() -> None:
        if job.done.done():
            st.rerun()
        latest = job.latest
        share = 0.0 if latest is None else latest.share
        st.progress(min(1.0, share), _stage(latest))
        if st.button("Stop, and keep what is measured", key="columns_stop"):
            job.cancel()
        if latest is not None and len(latest.sets) > 1:
            drawing = draw_column_costs(price_sets(latest, prices.prices), prices.unit)
            draw_chart(drawing.figure(), "column_costs_so_far", drawing.alt)

    running()


def _stage(latest: MeasuredColumns | None) -> str:
    if latest is None:
        return "Preparing the rows …"
    if not latest.sets:
        return "Looking for the order in which columns leave …"
    return f"Scoring sets of columns: {text.count(len(latest.sets), 'set')} so far …"


def _draw_found(run: OpenRun, found: MeasuredColumns, prices: ColumnPrices) -> None:
    frontier = price_sets(found, prices.prices, prices.unit)
    st.markdown(text.escape_markdown(frontier.sentence))
    drawing = draw_column_costs(frontier, prices.unit)
    draw_chart(drawing.figure(), "column_costs_chart", drawing.alt)
    _draw_sets(frontier)
    if found.share < 1:
        st.caption("The time was over, or it was stopped, before all sets were scored.")
    st.caption(f"On {text.count(frontier.rows, 'row')}. {HOW}")
    if frontier.stale:
        words = "By these prices columns would leave in another order: other sets may be better."
        _draw_offer(run, "Measure by these prices", words)
    elif found.share < 1:
        _draw_offer(run, "Measure again", "What is scored already is kept.")


def _draw_sets(frontier: ColumnFrontier) -> None:
    sets = frontier.sets[::-1]
    st.dataframe(
        {
            "Columns": [len(item.columns) for item in sets],
            PRICE: [item.price for item in sets],
            METRICS[frontier.metric].title: [number(item.compared.score) for item in sets],
            "95 % interval": [_interval(item) for item in sets],
            "Against all": [_against(frontier, item) for item in sets],
            "Which": [_which(item) for item in sets],
        },
        hide_index=True,
        height="content" if len(sets) <= 12 else 420,
        column_config={PRICE: st.column_config.NumberColumn(format="%g")},
        key="column_sets",
        alt="Sets of columns with price and score, the dearest first",
    )


def _interval(item: PricedSet) -> str:
    low, high = item.compared.low, item.compared.high
    return "–" if low is None or high is None else f"{number(low)} to {number(high)}"


def _against(frontier: ColumnFrontier, item: PricedSet) -> str:
    if item.columns == frontier.every.columns:
        return "–"
    if item.compared.behind_low is None:
        return "too few rows to say"
    return "not told apart" if item.compared.tied else "worse beyond chance"


def _which(item: PricedSet) -> str:
    names = ", ".join(text.one_line(name, 30) for name in item.columns[:LISTED])
    more = len(item.columns) - LISTED
    return f"{names} and {more} more" if more > 0 else names


def _draw_prices(
    run: OpenRun, columns: tuple[str, ...], found: MeasuredColumns | None, prices: ColumnPrices
) -> None:
    """A form for the prices; what is typed counts once it is applied."""
    import pandas as pd  # not loaded until a form is drawn

    worth: Mapping[str, float] = {} if found is None else found.worth
    ordered = sorted(columns, key=lambda name: -worth.get(name, 0.0))
    turn = session.remembered("columns_turn", int) or 0
    with (
        st.expander("Prices of the columns", key="columns_prices"),
        st.form("columns_form", border=False),
    ):
        st.caption(
            "What it costs to have a column: to buy it, to ask for it, to keep it. Each costs 1 "
            "where nothing else is said."
        )
        unit = st.text_input(
            "Unit of the prices",
            prices.unit,
            placeholder="such as EUR a month, or cents a row",
            key=f"columns_unit_{run.name}_{turn}",
            width=320,
        )
        typed = st.data_editor(
            pd.DataFrame(
                {
                    "Column": [text.one_line(name, 60) for name in ordered],
                    PRICE: [prices.prices.get(name, 1.0) for name in ordered],
                }
            ),
            disabled=["Column"],
            hide_index=True,
            column_config={PRICE: st.column_config.NumberColumn(min_value=0, format="%g")},
            key=f"columns_editor_{run.name}_{turn}",
            alt="The price of each column",
            width=520,
        )
        applied = st.form_submit_button("Apply the prices", key="columns_apply")
    if applied:
        given = dict(zip(ordered, typed[PRICE].tolist(), strict=True))
        save_prices(run.folder, ColumnPrices(typed_prices(given), unit))
        # an editor keeps what was typed as long as it keeps its key
        session.remember("columns_turn", turn + 1)
        st.rerun()


def typed_prices(given: Mapping[str, float | None]) -> dict[str, float]:
    """The prices that are not 1; SpecError for a cell that was emptied or is below 0."""
    prices = {}
    for name, price in given.items():
        if price is None or math.isnan(price) or price < 0:
            raise SpecError(
                f"The price of {name!r} is no number from 0 on.", "Type one in; 0 is free."
            )
        if price != 1.0:
            prices[name] = float(price)
    return prices
