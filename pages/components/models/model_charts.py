"""The quality of one model of a run: a sentence, charts for its task, every metric.

Reads what the model said about rows that it had not seen; changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from automl_core.charts import draw_actual_predicted, draw_confusion, draw_errors, draw_roc
from automl_core.evaluation import diagnostics, few_words, rare_words
from automl_core.export import SCHEMA_FILE, SchemaRecord, damage_as_model_error, read_record
from automl_core.metrics import METRICS, metrics_for, score
from automl_core.runs.record import ENSEMBLE, LeaderRow, RunFolder
from pages.components.models.binary_views import draw_binary_views
from pages.components.models.class_details import draw_classes
from pages.components.models.value_details import draw_values
from pages.components.shared import OpenRun, draw_chart, text

WEIGHTS_SEEN = (
    "The ensemble's weights were chosen on these rows: what is shown here can be a touch better "
    "than the score in the table, for which they were chosen on other rows each time."
)


@dataclass(frozen=True)
class Outcome:
    """The out-of-fold predictions of a model, ready to draw."""

    rows: int
    scores: dict[str, float]  # by metric, natural sign
    confusion: diagnostics.Confusion | None = None
    roc: tuple[diagnostics.RocCurve, ...] = ()
    values: diagnostics.ActualPredicted | None = None
    too_few: str = ""  # a sentence on next to no rows, or next to none of a class
    broken: int = 0  # rows whose prediction is no number; then there is nothing else


@st.cache_data(max_entries=64, show_spinner="Reading the model's predictions …")
def outcome_of(run: str, trial: int, version: str) -> Outcome:
    """The outcome of a model of the run in this folder.

    A trial's never changes; the ensemble's does, and has another `version` then.
    """
    del version  # only a key
    folder = RunFolder(Path(run))
    task = folder.spec().task
    with damage_as_model_error("its predictions for unseen rows"):
        oof = folder.out_of_fold(trial)
        rows = len(oof.rows)
        if broken := diagnostics.not_numbers(oof.prediction):
            return Outcome(rows, {}, broken=broken)
        names = metrics_for(task)
        scores = {name: score(name, oof.y, oof.prediction, oof.weight) for name in names}
        if task == "regression":
            values = diagnostics.actual_predicted(oof.y.astype("float64"), oof.prediction)
            return Outcome(rows, scores, values=values, too_few=few_words(rows))
        files = folder.model_files(trial)
        labels = read_record(SchemaRecord, files, SCHEMA_FILE).target.names
        y = oof.y.astype("int64")
        matrix = diagnostics.confusion(y, oof.prediction, labels)
        curves = diagnostics.roc_curves(y, oof.prediction, labels, oof.weight)
        return Outcome(rows, scores, matrix, curves, too_few=rare_words(y, labels))


@st.cache_resource(max_entries=64, show_spinner=False)
def _figures_of(run: str, trial: int, version: str, dark: bool) -> tuple[Any, ...]:
    """The two charts of a model, made once for all who look; nobody changes them."""
    outcome = outcome_of(run, trial, version)
    if outcome.confusion is not None:
        height = max(340, 22 * len(outcome.confusion.labels))
        matrix = draw_confusion(outcome.confusion, height, dark=dark)
        return (matrix, draw_roc(outcome.roc, height)) if outcome.roc else (matrix,)
    if outcome.values is not None:
        target = RunFolder(Path(run)).spec().target
        return draw_actual_predicted(outcome.values, target), draw_errors(outcome.values)
    return ()


def draw_how_good(run: OpenRun, row: LeaderRow) -> None:
    """A sentence, two charts for the task, every metric; below them a closer look."""
    outcome = outcome_of(str(run.folder.path), row.trial, run.version(row.trial))
    if outcome.broken:
        st.info(
            f"Of {text.count(outcome.rows, 'unseen row')} the model predicts no number for "
            f"{outcome.broken:,}: nothing can be judged by its predictions. Choose another model.",
            icon=":material/info:",
        )
        return
    summary = outcome.confusion or outcome.values
    if summary is not None:
        st.markdown(text.escape_markdown(summary.sentence))
    started = run.state.started
    compared = None if started is None else started.rows_valid
    st.caption(" ".join(rows_words(row, outcome.rows, compared)))
    if outcome.too_few:
        st.caption(f":material/info: {text.escape_markdown(outcome.too_few)}")
    dark = st.context.theme.type == "dark"
    figures = _figures_of(str(run.folder.path), row.trial, run.version(row.trial), dark)
    with st.grid(columns=2, min_column_width=290):
        left, right = (st.container(border=True, height="stretch") for _ in range(2))
    scores = st.container(border=True)  # below both: beside them it would be alone in its row
    if outcome.confusion is not None:
        _draw_classes(outcome, outcome.confusion, figures, (left, right))
    if outcome.values is not None:
        _draw_values(outcome.values, figures, (left, right))
    with scores:
        _draw_scores(outcome, run.spec.metric)
    if run.spec.task == "binary":
        draw_binary_views(str(run.folder.path), row.trial, run.version(row.trial))
    elif run.spec.task == "multiclass":
        draw_classes(run, row)
    else:
        draw_values(run, row)


def rows_words(row: LeaderRow, rows: int, compared: int | None) -> Iterator[str]:
    """The rows that all is drawn of, and why a score here is not that of the leaderboard.

    `compared`: the rows that the leaderboard's scores are of, where that is known.
    """
    yield f"On {text.count(rows, 'row')} that the model had not seen in training."
    if compared is not None and compared < rows:
        yield (
            f"Its score on the leaderboard, {text.score(row.score)}, is of the "
            f"{compared:,} of them that all models have predicted."
        )
    if row.trial == ENSEMBLE:
        yield WEIGHTS_SEEN


def _draw_classes(
    outcome: Outcome, matrix: diagnostics.Confusion, figures: Sequence[Any], places: Sequence[Any]
) -> None:
    with places[0]:
        st.markdown("**Confusion matrix:** rows, and their share of the actual class")
        draw_chart(figures[0], "confusion", f"Confusion matrix. {matrix.sentence}")
    with places[1]:
        st.markdown("**ROC curve**" if len(outcome.roc) < 2 else "**ROC curves**")
        if not outcome.roc:
            st.caption("There is no curve, because the unseen rows are all of one class.")
            return
        areas = ", ".join(f"{c.label}: {text.score(c.area)}" for c in outcome.roc)
        draw_chart(figures[1], "roc", f"ROC curves, area {areas}.")


def _draw_values(
    values: diagnostics.ActualPredicted, figures: Sequence[Any], places: Sequence[Any]
) -> None:
    with places[0]:
        scale = ", log scale" if values.log_unit else ""
        st.markdown(f"**Predicted against actual**{scale}")
        draw_chart(figures[0], "predicted", "Predicted against actual values, a point a row.")
    with places[1]:
        cut = f"the {text.percent(values.beyond)} furthest off are not drawn"
        st.markdown("**Residuals**" + (f": {cut}" if values.beyond else ""))
        draw_chart(figures[1], "errors", values.sentence)


def _draw_scores(outcome: Outcome, chosen: str) -> None:
    metrics = [METRICS[name] for name in outcome.scores]
    st.markdown("**All metrics**")
    with st.container(key="model_scores"):
        st.dataframe(
            {
                "Metric": [m.title + (" (chosen)" if m.name == chosen else "") for m in metrics],
                "Score": [text.score(outcome.scores[m.name]) for m in metrics],
                "Better": ["higher" if m.higher_is_better else "lower" for m in metrics],
            },
            hide_index=True,
            column_config={
                "Metric": st.column_config.TextColumn(width="medium"),
                "Score": st.column_config.TextColumn(width="small"),
                "Better": st.column_config.TextColumn(width="small"),
            },
            alt="The model's score by every metric of its task",
        )
