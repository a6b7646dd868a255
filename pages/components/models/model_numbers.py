"""The few numbers that decide about a model: its score in validation and its cost."""

from __future__ import annotations

from typing import Any

import streamlit as st

from automl_core.charts import metric_short
from automl_core.evaluation import gain_words
from automl_core.metrics import METRICS
from automl_core.runs.record import ENSEMBLE, LeaderRow, baseline_score
from pages.components.shared import ENSEMBLE_HELP, MOST_MEMBERS, WHY_TWO_SCORES, OpenRun, text

CARD: dict[str, Any] = {"border": True, "height": "stretch"}


def draw_numbers(run: OpenRun, row: LeaderRow) -> None:
    """A row of cards; the score on test rows stands in the run's result."""
    with st.grid(columns=4, min_column_width=170, key="model_numbers"):
        _draw_score(row, baseline_score(run.state))
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
    if run.state.finished is not None and run.state.finished.test_score is not None:
        st.caption(WHY_TWO_SCORES)


def _draw_score(row: LeaderRow, baseline: float | None) -> None:
    higher = METRICS[row.metric].higher_is_better
    gain = None
    if row.score is not None and baseline is not None and row.family != "constant":
        gain = gain_words(row.metric, row.score, baseline)
    st.metric(
        f"{metric_short(row.metric)} in validation",
        text.score(row.score),
        delta=gain,
        delta_color="green" if row.gain is not None and row.gain > 0 else "off",
        delta_arrow="off",
        help="Measured on rows that were kept out of training, fold by fold; "
        f"{'higher' if higher else 'lower'} is better.",
        **CARD,
    )
