"""One trial of a run in detail: learning curves, folds, settings, importance.

Draws from the run's state; reads no file.
"""

from __future__ import annotations

import streamlit as st

from automl_core.charts import (
    curves_of_folds,
    draw_fold_curves,
    draw_importance,
    importance_bars,
    metric_short,
    number,
    theme,
)
from automl_core.models import CATALOG
from automl_core.runs.record import ENSEMBLE, LeaderRow, Trial, best_trial, events
from automl_core.types import Origin
from pages.components.models.ensemble_build import draw_ensemble
from pages.components.shared import OpenRun, draw_chart, ensemble_share, text

ORIGINS = {
    Origin.BASELINE: "baseline",
    Origin.PORTFOLIO: "proven defaults",
    Origin.SEARCH: "proposed by the search",
    Origin.REPEAT: "the same settings on another partition of the rows, or with another seed",
}


def draw_importance_of_run(run: OpenRun, row: LeaderRow) -> None:
    """The drop of the score when a column is shuffled; measured for one trial of a run."""
    event = run.state.importance
    if event is None or not event.features:
        st.caption("The run ended before the importance of columns was measured.")
        return
    trial = run.state.models.get(event.trial)
    name = text.code(trial.name) if trial else "another one"
    part = ensemble_share(run.state, event.trial)
    if event.trial != row.trial and not (row.trial == ENSEMBLE and part):
        st.caption(
            f"Feature importance was measured for {name} only, {_lead(run, event.trial)}. "
            f"Choose {name} in the table to see it."
        )
        return
    if event.trial != row.trial:
        st.caption(f"Measured for {name}{part}, {_lead(run, event.trial)}, not for the average.")
    bars = importance_bars(event)
    figure = draw_importance(bars, run.spec.metric).figure()
    height = 90 + 30 * len(bars.features)
    title = figure.layout.xaxis.title.text
    y_axis = figure.layout.yaxis.to_plotly_json()
    theme.styled(figure, title, "", height).update_yaxes(y_axis)
    figure.update_layout(margin={"t": 8})  # no legend above it
    with st.container(border=True):
        st.markdown("**Feature importance:** the score's loss when a column is shuffled")
        draw_chart(figure, "importance", f"Importance of {len(bars.features)} columns")
        verb = "matters" if bars.others == 1 else "matter"
        others = f" {text.count(bars.others, 'other column')} {verb} less." if bars.others else ""
        st.caption(f"{_repeats(bars.repeats)}. Around zero: the model could do without it.{others}")


def _repeats(repeats: int) -> str:
    if repeats < 2:
        return "One shuffle a column: an interval would need more"
    return f"Mean of {repeats} shuffles a column, with 95 % intervals"


def _lead(run: OpenRun, trial: int) -> str:
    """The place of a trial among the single ones, in words."""
    best = best_trial(run.state, run.spec.metric)
    is_best = best is not None and best.number == trial
    return "the best single trial" if is_best else "which led when it was measured"


def draw_how_built(run: OpenRun, row: LeaderRow) -> None:
    """Learning curves, scores of the folds, and the configuration; the ensemble's trials."""
    if row.trial == ENSEMBLE:
        draw_ensemble(run)
        return
    trial = run.state.trials[row.trial]
    folds = curves_of_folds(trial.curves)
    with st.container(border=True):
        st.markdown(
            "**Learning curves**"
            if len(folds) < 2
            else f"**Learning curves of {len(folds)} folds and their mean**"
        )
        if folds:
            draw_chart(
                draw_fold_curves(folds, _step(row.family)),
                "fold_curves",
                f"Training and validation loss of {len(folds)} folds by {_step(row.family)}",
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
    lines = {"family": row.title, "origin": ORIGINS.get(trial.origin, trial.origin)}
    if started is not None:
        lines["validation"] = validation(started, trial)
        lines["rows to train on"] = f"{started.rows_train:,}"
        lines["test rows"] = f"{started.rows_test:,}"
    if trial.devices:
        lines["trained on"] = text.one_line(", ".join(trial.devices))
    lines |= {k.replace("_", " "): _setting(v) for k, v in sorted(trial.config.items())}
    with st.container(key="model_configuration"):
        st.dataframe(
            {"Setting": list(lines), "Value": list(lines.values())},
            hide_index=True,
            height="content",
            alt="Settings of the model",
        )


def validation(started: events.RunStarted, trial: Trial) -> str:
    """`5-fold cross-validation, partition 2`; `3 of 8 parts, each held out once`."""
    folds, parts = max(started.folds, trial.folds), started.parts or started.folds
    words = "one part held out" if folds < 2 else f"{folds}-fold cross-validation"
    if 1 < folds < parts:
        words = f"{folds} of {parts} parts, each held out once"
    return f"{words}, partition {trial.repeat + 1}" if trial.repeat else words


def _setting(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else text.one_line(str(value))


def _draw_folds(run: OpenRun, row: LeaderRow) -> None:
    trial = run.state.trials[row.trial]
    numbers = sorted(set(trial.fold_scores) | set(trial.curves))
    known = [trial.curves.get(n) for n in numbers]
    steps = f"{_step(row.family)}s".capitalize()
    with st.container(key="model_folds"):
        st.dataframe(
            {
                "Fold": [n + 1 for n in numbers],
                metric_short(row.metric): [_score(trial.fold_scores.get(n)) for n in numbers],
                steps: [c.epoch[-1] if c and c.epoch else None for c in known],
                "Time": [text.seconds(c.seconds[-1]) if c and c.seconds else "–" for c in known],
            },
            hide_index=True,
            height="content",
            alt="Score, epochs and time of each fold",
        )


def _step(family: str) -> str:
    """The family's word for a step of training."""
    kinds = {m.name: m.kind for m in CATALOG}
    return "epoch" if kinds.get(family) == "network" else "round"


def _score(value: float | None) -> str:
    return "–" if value is None else number(value)
