"""Scoring as seen from the page: asked of a worker, waited for without blocking, then shown.

The work is done by the service worker; the session keeps only the handle and the answer.
"""

from __future__ import annotations

import re
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from automl_core.charts import theme
from automl_core.errors import AutoMLError
from automl_core.evaluation import plain_number
from automl_core.export import (
    CHANCE,
    chances_of,
    csv_bytes,
    first_rows,
    in_percent,
    rows_of,
    sameness_words,
)
from automl_core.runs import get_manager
from automl_core.runs.executor import ScoreTableTask, StoredPredictions
from automl_core.table import TableInfo, open_table
from pages.components.predict.file_check import draw_file_check
from pages.components.predict.predict_model import ChosenModel
from pages.components.shared import (
    count,
    escape_markdown,
    frame,
    one_line,
    percent,
    session,
    workspace,
)

PREVIEW = 200  # rows
POLL = 0.5  # seconds between two looks at the worker


@dataclass(eq=False)
class _Progress:
    """How many rows are done; the service's thread writes it, the page reads it."""

    rows: int = 0

    def report(self, rows: int) -> None:
        self.rows = rows


@dataclass(frozen=True, eq=False)
class Scoring:
    """A request that a worker has."""

    model: str
    table: str
    extras: bool
    job: Future[StoredPredictions]
    progress: _Progress


@dataclass(frozen=True, eq=False)
class Scored:
    """The answer: predictions in the table's order, or why there are none."""

    model: str
    table: str
    extras: bool
    found: StoredPredictions | None
    error: AutoMLError | None = None


def start(model: ChosenModel, info: TableInfo, extras: bool, cluster: str | None) -> None:
    """Pass the work to the service worker, or to one on a cluster, and return at once."""
    files = model.described() if extras else model.files()
    task = ScoreTableTask(str(workspace()), info.hash, info.rows, extras)
    progress = _Progress()
    job = get_manager().jobs.score_table(task, files, progress.report, cluster)
    session.remember("predict_scored", None)
    session.remember("predict_scoring", Scoring(model.id, info.hash, extras, job, progress))


def waiting(model: ChosenModel, info: TableInfo, extras: bool) -> bool:
    """True while the worker computes this very request; keeps the answer once it is there."""
    scoring = session.remembered("predict_scoring", Scoring)
    asked = (model.id, info.hash, extras)
    if scoring is None or (scoring.model, scoring.table, scoring.extras) != asked:
        return False
    if not scoring.job.done():
        return True
    session.remember("predict_scoring", None)
    found, reason = None, None
    try:
        found = scoring.job.result(timeout=5)
    except AutoMLError as error:
        reason = error
    session.remember("predict_scored", Scored(*asked, found, reason))
    return False


def answer(model: ChosenModel, info: TableInfo, extras: bool) -> Scored | None:
    """The answer for this model and table, None where they were not scored yet."""
    scored = session.remembered("predict_scored", Scored)
    asked = (model.id, info.hash, extras)
    if scored is None or (scored.model, scored.table, scored.extras) != asked:
        return None
    return scored


@st.fragment(run_every=POLL)
def draw_waiting(rows: int) -> None:
    """Says that work goes on, and draws the whole page again once it is done."""
    with frame.errors_shown():
        scoring = session.remembered("predict_scoring", Scoring)
        if scoring is None or scoring.job.done():
            st.rerun()
        with st.container(key="predict_working"):
            st.status(f"Scoring {count(rows, 'row')} …", state="running", type="compact")
            if scoring.progress.rows:
                done = f"{scoring.progress.rows:,} of {count(rows, 'row')}"
                st.progress(min(1.0, scoring.progress.rows / rows), done)
            st.caption("You may look at other pages meanwhile; the result waits here.")
            if st.button("Cancel", icon=":material/close:", key="predict_cancel"):
                get_manager().jobs.give_up(scoring.job)
                session.remember("predict_scoring", None)
                st.rerun()


def joined(predictions: pa.Table, table: pa.Table) -> pa.Table:
    """Predictions first, then the table's own columns; a name that is taken gets a number."""
    names = list(predictions.column_names)
    for name in table.column_names:
        free, number = name, 2
        while free in names:
            free, number = f"{name}_{number}", number + 1
        names.append(free)
    return pa.Table.from_arrays([*predictions.columns, *table.columns], names)


def show_answer(found: StoredPredictions, model: ChosenModel, info: TableInfo) -> None:
    """The result in one sentence, its first rows, the download; what the file is like."""
    table = open_table(info.hash, workspace())
    predictions = open_table(found.predictions, workspace())
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.markdown(_sentence(predictions))
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            whole = st.toggle("Download with the table's columns", key="predict_whole")
            st.download_button(
                "Download predictions",
                data=partial(_csv, predictions, table if whole else None),
                file_name=_file_name(info.name),
                mime="text/csv",
                type="primary",
                icon=":material/download:",
                on_click="ignore",
                key="predict_download",
            )
    if same := sameness_words(predictions):
        st.warning(same, icon=":material/warning:")
    with st.container(key="predict_preview"):
        st.dataframe(
            preview(predictions, table),
            hide_index=True,
            height=420,
            placeholder="–",
            column_config=_columns(predictions, model),
            alt=f"The first rows with the predictions of {model.name}",
        )
    st.caption(
        f"{_order_words(predictions)}The download is a CSV in the order of the table's rows; cells "
        "that a spreadsheet would run as a formula get an apostrophe."
    )
    if found.check is not None:
        draw_file_check(found.check)


def preview(predictions: pa.Table, table: pa.Table) -> pa.Table:
    """The rows that are shown, with chances in percent; of two classes the most probable first.

    These then begin with the number of their row in the table.
    """
    rows = first_rows(predictions, PREVIEW)
    shown = joined(in_percent(rows_of(predictions, rows)), rows_of(table, rows))
    if len(chances_of(predictions)) == 2:
        shown = shown.add_column(0, "row", pa.array([row + 1 for row in rows], pa.int64()))
    return shown


def _order_words(predictions: pa.Table) -> str:
    chances, rows = chances_of(predictions), predictions.num_rows
    first = f"The first {PREVIEW} of {rows:,} rows" if rows > PREVIEW else ""
    if len(chances) != 2:
        return f"{first}. " if first else ""
    label = escape_markdown(one_line(chances[1].removeprefix(CHANCE), 40))
    return f"{first or 'The rows'}, those with the highest chance of {label} first. "


def _csv(predictions: pa.Table, table: pa.Table | None) -> bytes:
    whole = predictions if table is None else joined(predictions, table)
    return csv_bytes(whole, guard_formulas=True)


def _file_name(name: str) -> str:
    stem = re.sub(r"[^0-9A-Za-z_-]+", "-", name.rsplit(".", 1)[0]).strip("-")[:60]
    return f"{stem or 'table'}-predictions.csv"


def _columns(predictions: pa.Table, model: ChosenModel) -> dict[str, Any]:
    """How the columns of the predictions are shown: with the threshold, and chances as bars."""
    answer = {}
    if model.threshold is not None:
        answer["prediction"] = st.column_config.Column(
            f"prediction (above {model.threshold.above:g})", help=model.threshold.words
        )
    return answer | {
        name: st.column_config.ProgressColumn(
            one_line(name.replace(CHANCE, "Chance of ", 1), 40),
            format="%g %%",
            min_value=0.0,
            max_value=100.0,
            width=130,
            color=theme.BLUE,
        )
        for name in chances_of(predictions)
    }


def _sentence(predictions: pa.Table) -> str:
    """The number of predictions of each class, or the range of the values."""
    values = predictions.column("prediction")
    rows = len(values)
    if not rows:
        return "The table has no rows."
    if not chances_of(predictions):
        low, high = pc.min_max(values).as_py().values()
        mean = plain_number(pc.mean(values).as_py())
        return (
            f"**{count(rows, 'row')} scored**: {plain_number(low)} to {plain_number(high)}, "
            f"{mean} on average."
        )
    counted = sorted(pc.value_counts(values).to_pylist(), key=lambda c: -int(c["counts"]))
    parts = [
        f"{escape_markdown(one_line(str(c['values']), 30))} {percent(c['counts'] / rows)}"
        for c in counted[:4]
    ]
    rest = f", {len(counted) - 4} other classes" if len(counted) > 4 else ""
    return f"**{count(rows, 'row')} scored**: {', '.join(parts)}{rest}."
