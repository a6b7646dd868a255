"""Home: bring a table, watch a sample run, or go on with a run. Also what serves all the pages.

`streamlit run app.py` finds `app` below and serves it; for each visitor of Home Streamlit then runs
this file as a script.
"""

from __future__ import annotations

import streamlit as st
from starlette.middleware import Middleware

from automl_core import logs

if __name__ != "__main__":  # the server: its log is set up before the first line is written
    logs.install()
    logs.adopt_loggers()

from pages.components.home import draw_samples
from pages.components.server import ROUTES, GuardedAddresses, ReturnAddress, begin
from pages.components.shared import AllowedHosts, draw_recent_runs, frame, table_input, tour

GAINS = (  # what one gets, in one look
    ":material/show_chart: **See it learn:** curves, scores and the leaderboard, second by second.",
    ":material/verified: **Know how good it is:** scored on rows that no model has seen, in words.",
    ":material/download: **Take it away:** one file that predicts here, in Python, in a terminal.",
)


def draw_home() -> None:
    """The page Home."""
    with frame.open_page("Home", title=False):
        with st.container(horizontal=True, horizontal_alignment="distribute"):
            st.title("Train models you can watch", anchor=False, width="content")
            tour.draw_offer()
        st.markdown(
            "Drop in a table, pick what to predict and a time budget. Neural networks and tree "
            "models train live; the best model is yours to download."
        )
        with st.grid(columns=3, min_column_width=290, key="gains"):
            for gain in GAINS:
                st.markdown(gain)

        table, runs = st.columns([3, 2])
        with table, st.container(border=True, height="stretch"):
            st.header("Start with your table", anchor=False)
            arrived = table_input.draw_uploader()
            st.caption(table_input.what_is_taken())
            arrived = table_input.draw_server_path() or arrived
            arrived = table_input.draw_database() or arrived
            table_input.draw_not_allowed()
        with runs, st.container(border=True, height="stretch"):
            st.header("Recent runs", anchor=False)
            with frame.errors_shown():
                draw_recent_runs()

        arrived = table_input.draw_failed() or arrived
        if arrived:
            frame.go_to("Data")

        st.header("Or start from a sample", anchor=False)
        draw_samples()


if __name__ == "__main__":
    draw_home()
else:
    doors = [Middleware(AllowedHosts), Middleware(GuardedAddresses), Middleware(ReturnAddress)]
    app = st.App(__file__, lifespan=begin, routes=ROUTES, middleware=doors)
