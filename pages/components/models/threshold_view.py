"""The threshold inspector: what a threshold flags, what it finds, and what it gets wrong."""

from __future__ import annotations

import streamlit as st

from automl_core.charts import draw_confusion
from automl_core.evaluation import (
    AtThreshold,
    Confusion,
    Ranking,
    at_threshold,
    gain_at,
    plain_number,
)
from automl_core.export import Threshold
from pages.components.models.decision_desk import worth_so_far
from pages.components.models.kept_threshold import draw_keep_button
from pages.components.shared import draw_chart, text

RARE = 0.1
"""Below this share of the class, probabilities are small and the slider takes finer steps."""


def draw_threshold(ranking: Ranking, model: tuple[str, int]) -> None:
    """A slider, the confusion matrix of its threshold, and the numbers that follow from it.

    `model`: folder of the run, and trial that the ranking is of.
    """
    rare = ranking.totals[1] < RARE * ranking.totals.sum()
    threshold = st.slider(
        "Threshold",
        0.0,
        1.0,
        0.5,
        0.001 if rare else 0.01,
        format="%.3f" if rare else "%.2f",
        key="binary_threshold",
        persist_state="session",
        help="A row is flagged where its probability is above the threshold.",
    )
    at = at_threshold(ranking, round(threshold, 3))  # as it is shown
    kept = Threshold(ranking.label, round(threshold, 3))
    draw_keep_button(*model, kept, "threshold_keep", _tells_nothing_apart(at))
    matrix, numbers = st.columns([1, 1])
    confusion = _confusion(ranking, at)
    with matrix, st.container(border=True):
        st.markdown("**Confusion matrix:** rows, and their share of the actual class")
        dark = st.context.theme.type == "dark"
        alt = f"Confusion matrix at a threshold of {threshold:g}. {confusion.sentence}"
        draw_chart(draw_confusion(confusion, 300, dark=dark), "threshold_confusion", alt)
    with numbers:
        st.markdown(text.escape_markdown(confusion.sentence))
        with st.grid(columns=2, min_column_width=120):
            shown = "–" if at.precision is None else text.percent(at.precision)
            st.metric("Precision", shown, help="Share of the flagged rows that is right.")
            st.metric("Recall", text.percent(at.recall), help="Share of the class that is flagged.")
            st.metric("F1", f"{at.f1:.3f}", help="Harmonic mean of precision and recall.")
            st.metric("Rows flagged", text.percent(at.share))
            gain = plain_number(gain_at(at, worth_so_far()))
            st.metric("Gain per 1,000 rows", gain, help="By the values of the decision desk.")


def _tells_nothing_apart(at: AtThreshold) -> str:
    """Why a threshold is not worth keeping; "" where it is."""
    if 0 < at.share < 1:
        return ""
    return f"{'All rows are' if at.share else 'No row is'} flagged here: nothing is told apart."


def _confusion(ranking: Ranking, at: AtThreshold) -> Confusion:
    """The matrix in whole rows, with a sentence on this threshold."""
    counts = ((round(at.rest), round(at.alarms)), (round(at.misses), round(at.hits)))
    total = float(ranking.totals.sum())
    return Confusion(
        (ranking.other, ranking.label), counts, (at.rest + at.hits) / total, _sentence(ranking, at)
    )


def _sentence(ranking: Ranking, at: AtThreshold) -> str:
    if at.precision is None:
        return (
            f"No row is flagged: the highest probability of “{ranking.label}” is "
            f"{ranking.probability[0]:.3g}."
        )
    flagged, found = round(at.hits + at.alarms), round(at.hits)
    words = "All rows are flagged" if at.share == 1 else f"{text.count(flagged, 'row')} flagged"
    return (
        f"{words}, of which {found:,} really “{ranking.label}”; {round(at.misses):,} of "
        f"“{ranking.label}” missed."
    )
