"""Predictions of the run's own model for its test rows: asked of a worker once, then kept."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass

import pyarrow as pa
import streamlit as st

from automl_core.files import workspace_of
from automl_core.runs import add_own, get_manager, outside_task, rows_to_test
from automl_core.table import put_table
from pages.components.shared import OpenRun, frame, session

POLL = 0.5  # seconds between two looks at the worker


@dataclass(frozen=True, eq=False)
class _Asked:
    """A run whose model predicts its test rows."""

    run: str
    model: str
    job: Future[pa.Table]


def ask_own(run: OpenRun) -> None:
    """Ask for the predictions, and draw the page again when they are there."""
    asked = session.remembered("outside_own", _Asked)
    if asked is None or (asked.run, asked.model) != (run.id, run.best):
        trial = next(row.trial for row in run.rows if row.name == run.best)
        root = workspace_of(run.folder.path)
        rows = rows_to_test(outside_task(run.folder, root), root)
        job = get_manager().jobs.predict(run.folder.model_files(trial), put_table(rows, root), root)
        asked = _Asked(run.id, run.best, job)
        session.remember("outside_own", asked)
    if asked.job.done():
        _keep(run, asked)
    else:
        st.fragment(_look, run_every=POLL)(asked.job)


def _keep(run: OpenRun, asked: _Asked) -> None:
    session.remember("outside_own", None)
    with frame.errors_shown():
        add_own(run.folder, workspace_of(run.folder.path), asked.model, asked.job.result())
        st.rerun()


def _look(job: Future[pa.Table]) -> None:
    if job.done():
        st.rerun()
    st.caption(":material/hourglass_empty: The run's model predicts the test rows.")
