"""The few numbers that decide about a model: its score, its score on the test set, its cost."""

from __future__ import annotations

from typing import Any

import streamlit as st

from automl_core.charts import metric_short, number
from automl_core.metrics import METRICS
from automl_core.runs.record import ENSEMBLE, LeaderRow, RunFinished
from pages.components.shared import ENSEMBLE_HELP, MOST_MEMBERS, OpenRun, text

CARD: dict[str, Any] = {"border": True, "height": "stretch"}


def draw_numbers(run: OpenRun, row: LeaderRow) -> None:
    """A row of cards; the score on test rows stands only with the final model."""
    end = run.state.finished
    with st.container(horizontal=True, key="model_numbers"):
        _draw_score(row)
        if end is not None and end.best == row.trial and end.test_score is not None:
            _draw_test(end, end.test_score)
        speed = "–" if row.predict_ms_per_row is None else f"{row.predict_ms_per_row:.3g} ms"
        st.metric("Prediction, a row", speed, help="In batches, one processor core.", **CARD)
        solved = run.state.ensemble
        if row.trial == ENSEMBLE and solved is not None:
            most = f"of at most {MOST_MEMBERS}"
            off: dict[str, Any] = {"delta_color": "off", "delta_arrow": "off"}
            st.metric(
                "Fitted models", solved.members, delta=most, help=ENSEMBLE_HELP, **off, **CARD
            )
        else:
            st.metric("Training, all folds", text.seconds(row.train_seconds), **CARD)
        st.metric("Size", "–" if row.size_bytes is None else text.size(row.size_bytes), **CARD)


def _draw_score(row: LeaderRow) -> None:
    higher = METRICS[row.metric].higher_is_better
    better = None
    if row.delta:
        better = f"{number(abs(row.delta))} {'better' if row.delta > 0 else 'worse'}"
    st.metric(
        f"{metric_short(row.metric)}, {'higher' if higher else 'lower'} is better",
        "–" if row.score is None else number(row.score),
        delta=better,
        delta_color="normal" if row.delta and row.delta > 0 else "inverse",
        delta_arrow="off",
        delta_description="than the constant" if better else None,
        help="Measured on rows that were kept out of training, fold by fold.",
        **CARD,
    )


def _draw_test(end: RunFinished, score: float) -> None:
    interval = None
    if end.test_low is not None and end.test_high is not None:
        interval = f"{number(end.test_low)} to {number(end.test_high)}"
    st.metric(
        "On the test set",
        number(score),
        delta=interval,
        delta_color="off",
        delta_arrow="off",
        delta_description="95 % interval" if interval else None,
        help="Rows that took no part in training or in choosing; scored once, at the end.",
        **CARD,
    )
