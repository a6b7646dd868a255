"""Would more rows help? A learning curve over rows, measured by a worker when somebody asks."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass

import streamlit as st

from automl_core.charts import draw_row_curve
from automl_core.errors import AutoMLError
from automl_core.evaluation import RowScores, forecast
from automl_core.runs import get_manager, load_row_scores
from pages.components.models.chart import draw_chart
from pages.components.shared import OpenRun, frame, session, text

POLL = 0.5  # seconds between two looks at the worker
HOW = (
    "Quick models of trees train on parts of the rows, each twice as large as the one before, and "
    "are scored on the same rows that none of them saw; test rows stay apart. The run's own models "
    "are better at every size; what counts is how fast the curve still climbs. New rows of another "
    "kind can help more, copies of old ones do not help."
)


@dataclass(frozen=True, eq=False)
class _Asked:
    """A measurement that a worker has, or has done."""

    job: Future[RowScores]


def draw_more_rows(run: OpenRun) -> None:
    """The curve where it was measured, else a button that measures it."""
    with st.container(border=True, key="more_rows"), frame.errors_shown():
        st.markdown("**Would more rows help?**")
        key = f"more_rows_{run.name}"
        asked = session.remembered(key, _Asked)
        found = load_row_scores(run.folder)
        if asked is not None and not asked.job.done():
            _draw_waiting(key)
            return
        if asked is not None and not asked.job.cancelled():
            try:
                found = asked.job.result(timeout=5)
            except AutoMLError as error:
                frame.show_error(error)
        if found is None:
            _draw_offer(run, key)
        else:
            _draw_curve(found)


def _draw_offer(run: OpenRun, key: str) -> None:
    if run.state.status.active:
        st.caption("It can be measured once the run has ended.")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Measure", icon=":material/show_chart:", key=f"{key}_ask"):
            session.remember(key, _Asked(get_manager().measure_rows(run.folder)))
            st.rerun()
        st.caption("Trains a few quick models on parts of the rows: about 20 seconds.")


@st.fragment(run_every=POLL)
def _draw_waiting(key: str) -> None:
    """Says that a worker is at it; draws the whole page again once it is done."""
    with frame.errors_shown(), st.container(horizontal=True, vertical_alignment="center"):
        asked = session.remembered(key, _Asked)
        if asked is None or asked.job.done():
            st.rerun()
        st.status("Training quick models on parts of the rows …", state="running", type="compact")
        if st.button("Cancel", icon=":material/close:", key=f"{key}_cancel"):
            get_manager().give_up(asked.job)
            session.remember(key, None)
            st.rerun()


def _draw_curve(found: RowScores) -> None:
    law = forecast(found)
    if law is None:
        sizes = text.count(len(found.rows), "size")
        st.caption(
            f"Only {sizes} could be measured: the rows are too few, or took too long, to say what "
            "more of them would bring."
        )
        return
    st.markdown(text.escape_markdown(law.sentence))
    drawing = draw_row_curve(law)
    draw_chart(drawing.figure(), "row_curve", drawing.alt)
    st.caption(HOW)
