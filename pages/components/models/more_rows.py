"""Would more rows help? A learning curve over rows, measured by a worker when somebody asks."""

from __future__ import annotations

from functools import partial

import streamlit as st

from automl_core.charts import draw_row_curve
from automl_core.errors import AutoMLError
from automl_core.evaluation import RowScores, forecast
from automl_core.metrics import METRICS
from automl_core.runs import RowsJob, get_manager, load_row_scores
from pages.components.shared import (
    OpenRun,
    draw_chart,
    draw_waiting,
    frame,
    keep_job,
    kept_job,
    text,
)

HOW = (
    "Quick models of trees train on parts of the rows, each twice as large as the one before, and "
    "are scored on the same rows that none of them saw; test rows stay apart. The run's own models "
    "are better at every size; what counts is how fast the curve still climbs. New rows of another "
    "kind can help more, copies of old ones do not help."
)


def draw_more_rows(run: OpenRun) -> None:
    """The curve where it was measured, else a button that measures it."""
    with st.container(border=True, key="more_rows"), frame.errors_shown():
        st.markdown("**Would more rows help?**")
        key = f"more_rows_{run.name}"
        job = kept_job(key)
        found = load_row_scores(run.folder)
        if job is not None and not job.done():
            draw_waiting(key)
            return
        if job is not None:
            try:
                found = job.result(timeout=5)
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
            job = get_manager().jobs.measure_rows(run.folder)
            keep_job(key, job.done, partial(progress_words, job))
        st.caption("Trains a few quick models on parts of the rows: about 20 seconds.")


def progress_words(job: RowsJob) -> str:
    """How far the measurement is: the largest part so far, and the score with it."""
    known = job.latest
    if known is None or not known.rows:
        return "Training quick models on parts of the rows …"
    mean = sum(known.scores[-1]) / len(known.scores[-1])
    return (
        f"Done up to {known.rows[-1]:,} of {text.count(known.every, 'row')}: "
        f"{METRICS[known.metric].title} {text.score(mean)} …"
    )


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
