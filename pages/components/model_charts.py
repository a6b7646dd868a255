"""One model of a run in three parts: how good it is, what it learned, how it was built.

Each part reads the run's folder or state and draws; none changes anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from automl_core.charts import theme
from automl_core.charts.classification import draw_confusion, draw_roc
from automl_core.charts.folds import draw_fold_curves, fold_curves
from automl_core.charts.importance import draw_importance, importance_bars
from automl_core.charts.regression import draw_actual_predicted, draw_errors
from automl_core.evaluation import curves
from automl_core.evaluation.metrics import METRICS, metrics_for, score
from automl_core.export.damage import damage_as_model_error, read_record
from automl_core.export.predictor import SCHEMA_FILE, SchemaRecord
from automl_core.runs.folder import RunFolder
from automl_core.runs.leaderboard import LeaderRow
from pages.components import text
from pages.components.run_picker import OpenRun

ORIGINS = {
    "baseline": "the constant that every model has to beat",
    "portfolio": "settings that do well on many tables",
    "search": "proposed by the search, from the trials before it",
}


@dataclass(frozen=True)
class Outcome:
    """What a model said about rows it had not seen, ready to draw."""

    rows: int
    scores: dict[str, float]  # by metric, natural sign
    confusion: curves.Confusion | None = None
    roc: tuple[curves.RocCurve, ...] = ()
    values: curves.ActualPredicted | None = None


@st.cache_data(max_entries=64, show_spinner="Reading the model's predictions …")
def outcome_of(run: str, trial: int) -> Outcome:
    """The outcome of a finished trial of the run in this folder; it never changes."""
    folder = RunFolder(Path(run))
    task = folder.spec().task
    with damage_as_model_error("its predictions for unseen rows"):
        oof = folder.out_of_fold(trial)
        names = metrics_for(task)
        scores = {name: score(name, oof.y, oof.prediction, oof.weight) for name in names}
        rows = len(oof.rows)
        if task == "regression":
            values = curves.actual_predicted(oof.y.astype("float64"), oof.prediction)
            return Outcome(rows, scores, values=values)
        labels = read_record(SchemaRecord, folder.model_files(trial), SCHEMA_FILE).target.labels
        y = oof.y.astype("int64")
        matrix = curves.confusion(y, oof.prediction, labels)
        return Outcome(rows, scores, matrix, curves.roc_curves(y, oof.prediction, labels))


def _chart(figure: Any, key: str, alt: str) -> None:
    st.plotly_chart(figure, key=key, alt=alt, config={"displayModeBar": False})


def draw_numbers(run: OpenRun, row: LeaderRow) -> None:
    """The few numbers that decide: score, what it is on untouched rows, cost."""
    metric = METRICS[row.metric]
    direction = "higher is better" if metric.higher_is_better else "lower is better"
    final = run.state.finished if _is_final(run, row) else None
    with st.container(horizontal=True, key="model_numbers"):
        better = (
            f"{text.score(abs(row.delta))} {'better' if row.delta > 0 else 'worse'}"
            if row.delta
            else None
        )
        st.metric(
            f"{metric.title}, {direction}",
            text.score(row.score),
            delta=better,
            delta_color="off" if not row.delta else "normal" if row.delta > 0 else "inverse",
            delta_arrow="off",
            delta_description="than the constant" if better else None,
            border=True,
            help="Measured on rows that were kept out of training, fold by fold.",
        )
        if final is not None and final.test_score is not None:
            interval = None
            if final.test_low is not None and final.test_high is not None:
                interval = f"{text.score(final.test_low)} to {text.score(final.test_high)}"
            st.metric(
                "On untouched test rows",
                text.score(final.test_score),
                delta=interval,
                delta_color="off",
                delta_arrow="off",
                delta_description="95 % interval" if interval else None,
                border=True,
                help="Rows that took no part in training or in choosing; scored once, at the end.",
            )
        speed = "–" if row.predict_ms_per_row is None else f"{row.predict_ms_per_row:.3g} ms"
        st.metric("Prediction, a row", speed, border=True, help="In batches, one processor core.")
        st.metric("Training, all folds", text.seconds(row.train_seconds), border=True)
        size = "–" if row.size_bytes is None else text.size(row.size_bytes)
        st.metric("Size", size, border=True)


def _is_final(run: OpenRun, row: LeaderRow) -> bool:
    return run.state.finished is not None and run.state.finished.best == row.trial


def draw_how_good(run: OpenRun, row: LeaderRow) -> None:
    """A sentence, two charts for the task, and every metric."""
    outcome = outcome_of(str(run.folder.path), row.trial)
    with st.container(horizontal=True, gap="medium"):
        if outcome.confusion is not None:
            st.markdown(text.escape_markdown(outcome.confusion.sentence))
        if outcome.values is not None:
            st.markdown(text.escape_markdown(outcome.values.sentence))
    left, right = st.columns(2, border=True)
    if outcome.confusion is not None:
        size = max(360, 22 * len(outcome.confusion.labels))
        with left:
            st.markdown("**Confusion matrix**")
            _chart(
                draw_confusion(outcome.confusion, size),
                "confusion",
                f"Confusion matrix. {outcome.confusion.sentence}",
            )
        with right:
            st.markdown("**ROC curve**" if len(outcome.roc) < 2 else "**ROC curves**")
            _draw_roc(outcome, size)
    if outcome.values is not None:
        with left:
            st.markdown("**Predicted against actual**")
            _chart(
                draw_actual_predicted(outcome.values, run.spec.target),
                "predicted",
                "Predicted against actual values.",
            )
        with right:
            st.markdown("**How far off**")
            _chart(draw_errors(outcome.values), "errors", outcome.values.sentence)
    _draw_scores(outcome, run.spec.metric)


def _draw_roc(outcome: Outcome, size: int) -> None:
    if not outcome.roc:
        st.caption("There is no curve, because the unseen rows are all of one class.")
        return
    areas = ", ".join(f"{c.label}: {c.area:.3f}" for c in outcome.roc)
    _chart(draw_roc(outcome.roc, size), "roc", f"ROC curves, area {areas}.")


def _draw_scores(outcome: Outcome, chosen: str) -> None:
    names = list(outcome.scores)
    metrics = [METRICS[name] for name in names]
    st.markdown("**Every metric**")
    with st.container(key="model_scores"):
        st.dataframe(
            {
                "Metric": [m.title + (" (chosen)" if m.name == chosen else "") for m in metrics],
                "Score": [text.score(outcome.scores[name]) for name in names],
                "Better": ["higher" if m.higher_is_better else "lower" for m in metrics],
            },
            hide_index=True,
            width=520,
            alt="The model's score by every metric of its task",
        )
    st.caption(f"On {text.count(outcome.rows, 'row')} that the model had not seen in training.")


def draw_what_it_learned(run: OpenRun, row: LeaderRow) -> None:
    """How much the score drops when a column is shuffled; measured for the best model only."""
    event = run.state.importance
    if event is None or not event.features:
        st.caption("The run ended before the importance of columns was measured.")
        return
    if event.trial != row.trial:
        trial = run.state.trials.get(event.trial)
        name = text.escape_markdown(trial.name) if trial else "the best one"
        st.caption(
            "Importance is measured for the best model of a run. "
            f"Choose {name} in the table to see it."
        )
        return
    bars = importance_bars(event)
    figure = draw_importance(bars, METRICS[run.spec.metric].title).figure()
    height = 90 + 30 * len(bars.features)
    title = figure.layout.xaxis.title.text
    y_axis = figure.layout.yaxis.to_plotly_json()
    theme.styled(figure, title, "", height).update_yaxes(y_axis)
    with st.container(border=True):
        st.markdown("**What the score loses when a column is shuffled**")
        _chart(figure, "importance", f"Importance of {len(bars.features)} columns")
        others = f" {text.count(bars.others, 'other column')} matter less." if bars.others else ""
        st.caption(
            f"Mean of {text.count(bars.repeats, 'shuffle')} a column, with 95 % intervals. "
            f"Around zero: the model could do without it.{others}"
        )


def draw_how_built(run: OpenRun, row: LeaderRow) -> None:
    """Learning curves, scores of the folds, and the configuration."""
    trial = run.state.trials[row.trial]
    folds = fold_curves(trial.curves)
    with st.container(border=True):
        st.markdown("**Learning curves, one line a fold**")
        if folds:
            _chart(
                draw_fold_curves(folds),
                "fold_curves",
                f"Training and validation loss of {len(folds)} folds by epoch",
            )
        else:
            st.caption("This model is fitted in one step: there is no curve.")
    left, right = st.columns(2)
    with left:
        st.markdown("**Configuration**")
        _draw_configuration(run, row)
    with right:
        st.markdown("**Folds**")
        _draw_folds(run, row)


def _draw_configuration(run: OpenRun, row: LeaderRow) -> None:
    trial = run.state.trials[row.trial]
    started = run.state.started
    lines = {"family": row.title, "where it comes from": ORIGINS.get(trial.origin, trial.origin)}
    if started is not None:
        lines["rows to train on"] = f"{started.rows_train:,}"
        lines["untouched test rows"] = f"{started.rows_test:,}"
    lines |= {k.replace("_", " "): _setting(v) for k, v in sorted(trial.config.items())}
    with st.container(key="model_configuration"):
        st.dataframe(
            {"Setting": list(lines), "Value": list(lines.values())},
            hide_index=True,
            alt="Settings of the model",
        )


def _setting(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else text.one_line(str(value))


def _draw_folds(run: OpenRun, row: LeaderRow) -> None:
    trial = run.state.trials[row.trial]
    numbers = sorted(set(trial.fold_scores) | set(trial.curves))
    known = [trial.curves.get(n) for n in numbers]
    with st.container(key="model_folds"):
        st.dataframe(
            {
                "Fold": [n + 1 for n in numbers],
                METRICS[row.metric].title: [text.score(trial.fold_scores.get(n)) for n in numbers],
                "Epochs": [c.epoch[-1] if c and c.epoch else None for c in known],
                "Time": [text.seconds(c.seconds[-1]) if c and c.seconds else "–" for c in known],
            },
            hide_index=True,
            alt="Score, epochs and time of each fold",
        )
