"""Models of other systems beside those of a run: rows to take away, predictions to bring back.

Their rows join the board; this draws the section that adds and removes them, and one of them.
"""

from __future__ import annotations

from functools import partial

import pyarrow as pa
import streamlit as st

from automl_core.charts import metric_short
from automl_core.errors import AutoMLError
from automl_core.export import csv_bytes
from automl_core.files import workspace_of
from automl_core.runs import (
    OutsideTask,
    add_outside,
    outside_row,
    outside_score,
    outside_task,
    rows_to_learn,
    rows_to_test,
)
from automl_core.runs.record import LeaderRow, OutsideModel, Part, forget_outside, load_outside
from automl_core.table.reading import Upload, read_file, upload_path
from pages.components.models.board_table import with_interval
from pages.components.models.own_predictions import ask_own
from pages.components.models.side_by_side import draw_pair
from pages.components.shared import OpenRun, draw_file_field, frame, session, text, workspace

PARTS: dict[str, Part] = {"Test rows": "test", "Rows held out in validation": "held-out"}
ERROR, PART = "outside_error", "outside_part"
HOW = (
    "Train another system on the rows to learn from. Its predictions come back as a CSV with the "
    "column `torchlight_row` of the rows that you took, in any order, or without it in their "
    "order; and `prediction`, or `probability_<class>` for each class. They are scored by the "
    "same code on the same rows."
)
FOLDS = (
    "For the rows held out in validation, predict those of each `torchlight_fold` by a model that "
    "was trained on the other folds: only such predictions join the board and the comparison."
)


def outside_rows(run: OpenRun) -> tuple[LeaderRow, ...]:
    """The lines of the board for models from outside that predicted the held-out rows."""
    return tuple(outside_row(model, run.spec.metric) for model in _known(run) if _joins(model))


def _known(run: OpenRun) -> tuple[OutsideModel, ...]:
    try:
        return load_outside(run.folder)
    except AutoMLError as error:
        frame.show_error(error)
        return ()


def _joins(model: OutsideModel) -> bool:
    return model.record.part == "held-out" and not model.record.own


def draw_outside_row(run: OpenRun, row: LeaderRow) -> None:
    """One model from outside beside the run's own."""
    st.subheader(text.escape_markdown(f"{row.name}: {row.title}"), anchor=False)
    st.caption("Predictions of another system, brought as a file: its training is not known here.")
    best = next((one for one in run.rows if one.best), None)
    if best is None:
        st.info("This run has no model to compare it with.", icon=":material/info:")
        return
    draw_pair(run, (best.trial, best.name), (row.trial, row.name), "pair")


def draw_outside(run: OpenRun) -> None:
    """The section that adds models from outside; nothing while the run goes on."""
    if run.state.status.active or run.state.started is None:
        return
    known = _known(run)
    with st.expander("Compare with another system's model", icon=":material/compare_arrows:"):
        st.markdown(HOW)
        _draw_known(run, known)
        with frame.errors_shown():
            _draw_rows(run)
            _draw_form(run)


def _draw_known(run: OpenRun, known: tuple[OutsideModel, ...]) -> None:
    """The models that are there, with their scores."""
    for model in known:
        if model.record.own:
            continue
        with st.container(horizontal=True, vertical_alignment="center"):
            with frame.errors_shown():
                st.markdown(_score_words(run, model))
            if st.button("Remove", key=f"outside_remove_{run.name}_{model.name}"):
                forget_outside(run.folder, model.number)
                st.rerun()
        if model.record.part == "test":
            st.caption(_own_words(run))
            _draw_beside_own(run, model, known)


def _draw_beside_own(run: OpenRun, model: OutsideModel, known: tuple[OutsideModel, ...]) -> None:
    """A model on the test rows beside the run's own, which predicts them when it is asked for."""
    if run.best and st.toggle(
        "Compare with the run's model row by row", key=f"outside_beside_{run.name}_{model.name}"
    ):
        own = next((one for one in known if one.record.own == run.best), None)
        if own is None:
            ask_own(run)
        else:
            draw_pair(run, (own.number, run.best), (model.number, model.name), model.name)


def _score_words(run: OpenRun, model: OutsideModel) -> str:
    found = outside_score(run.folder, model.number, run.spec.metric)
    said = "not known, as all rows are of one class,"
    if found is not None:
        said = with_interval(found.score, found.low, found.high)
    part = "test rows" if model.record.part == "test" else "held-out rows"
    return (
        f"**{text.code(model.name)} {text.escape_markdown(model.record.title, 60)}**: "
        f"{metric_short(run.spec.metric)} {said} on "
        f"{model.record.rows:,} {part}"
    )


def _own_words(run: OpenRun) -> str:
    """The score of the run's own model on the same test rows."""
    end = run.state.finished
    if end is None or end.test_score is None:
        return "The run's own model has no score on these rows."
    said = with_interval(end.test_score, end.test_low, end.test_high)
    return f"The run's model: {said} on the same rows."


def _draw_rows(run: OpenRun) -> None:
    """Downloads of the rows to learn from and to predict."""
    with st.container(horizontal=True):
        _download(run, "Rows to learn from", "learn", "with the target")
        if run.state.started is not None and run.state.started.rows_test:
            _download(run, "Test rows to predict", "test", "without the target")
    st.caption(FOLDS)


def _download(run: OpenRun, title: str, which: str, help_words: str) -> None:
    st.download_button(
        title,
        data=partial(_rows_bytes, run, which),
        file_name=f"{which}-{run.name}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key=f"outside_{which}_{run.name}",
        help=f"A CSV with a key, {help_words}.",
    )


def _rows_bytes(run: OpenRun, which: str) -> bytes:
    task = _task(run)
    rows = rows_to_learn if which == "learn" else rows_to_test
    return csv_bytes(rows(task, workspace_of(run.folder.path)), guard_formulas=False)


def _task(run: OpenRun) -> OutsideTask:
    return outside_task(run.folder, workspace_of(run.folder.path))


def _draw_form(run: OpenRun) -> None:
    tests = run.state.started is not None and run.state.started.rows_test > 0
    titles = list(PARTS) if tests else list(PARTS)[1:]
    title = st.segmented_control(
        "Its predictions are of the",
        titles,
        default=titles[0],
        required=True,
        key=f"{PART}_{run.name}",
    )
    name = st.text_input(
        "Name of the model", "", max_chars=60, key=f"outside_name_{run.name}", width=360
    )
    if (error := session.remembered(ERROR, AutoMLError)) is not None:
        frame.show_error(error)
    part = PARTS[title or titles[0]]
    draw_file_field(
        "outside_file",
        "Predictions",
        "A CSV or another table with a prediction for each row.",
        partial(_take, run, part, name),
    )


def _take(run: OpenRun, part: Part, name: str, upload: Upload) -> None:
    """Keep the predictions where they fit, the reason where they do not."""
    session.remember(ERROR, None)
    try:
        given: pa.Table = read_file(upload_path(upload.id, workspace()), upload.name)[0]
        add_outside(
            run.folder,
            workspace_of(run.folder.path),
            part,
            given,
            (name or upload.name, upload.name),
        )
    except AutoMLError as error:
        session.remember(ERROR, error)
