"""Views of a model for two classes: curves, probabilities, a threshold, a decision.

Reads what the model said about rows that it had not seen; changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from automl_core.charts import (
    Drawing,
    draw_gain,
    draw_lift,
    draw_precision_recall,
    draw_reliability,
    draw_score_histogram,
)
from automl_core.evaluation import (
    Ranking,
    cumulative_gain,
    precision_recall,
    rank_rows,
    reliability,
    score_histogram,
)
from automl_core.export import SCHEMA_FILE, SchemaRecord, damage_as_model_error, read_record
from automl_core.runs.record import RunFolder
from pages.components.models.decision_desk import draw_desk
from pages.components.models.kept_threshold import draw_kept
from pages.components.models.threshold_view import draw_threshold
from pages.components.shared import draw_chart, frame, text

CURVES, PROBABILITIES, THRESHOLD, DESK = "Curves", "Probabilities", "Threshold", "Decision desk"
WEIGHTED = "Rows count by their weights, scaled so that they sum to the number of rows."
TOO_FEW = "There are too few unseen rows to compare probabilities with what happened."


@dataclass(frozen=True)
class View:
    """One chart with its title, ready to draw; `drawing` None: `lacking` says why not."""

    key: str
    title: str
    drawing: Drawing | None
    sentence: str


@st.cache_resource(max_entries=4, show_spinner=False)  # of a million rows one takes 56 MB
def _ranking_of(run: str, trial: int, version: str) -> Ranking | str:
    """The model's unseen rows, sorted once for all who look; or why they cannot be."""
    del version  # only a key
    folder = RunFolder(Path(run))
    with damage_as_model_error("its predictions for unseen rows"):
        oof = folder.out_of_fold(trial)
        labels = read_record(SchemaRecord, folder.model_files(trial), SCHEMA_FILE).target.names
        return rank_rows(oof.y.astype("int64"), oof.prediction[:, 1], oof.weight, labels)


@st.cache_resource(max_entries=32, show_spinner=False)
def _views_of(run: str, trial: int, version: str, which: str) -> tuple[View, ...]:
    """The charts of one choice, computed once."""
    ranking = _ranking_of(run, trial, version)
    assert isinstance(ranking, Ranking)  # asked for no other
    if which == CURVES:
        curve, gain = precision_recall(ranking), cumulative_gain(ranking)
        return (
            View(
                "precision_recall",
                "Precision and recall",
                draw_precision_recall(curve),
                curve.sentence,
            ),
            View("gain", "Cumulative gain", draw_gain(gain), gain.sentence),
            View("lift", "Lift", draw_lift(gain), gain.lift_sentence),
        )
    bins, histogram = reliability(ranking), score_histogram(ranking)
    return (
        View(
            "calibration",
            "Calibration",
            None if bins is None else draw_reliability(bins),
            TOO_FEW if bins is None else bins.sentence,
        ),
        View(
            "score_histogram",
            "Probabilities by class",
            draw_score_histogram(histogram),
            histogram.sentence,
        ),
    )


def draw_binary_views(run: str, trial: int, version: str) -> None:
    """A choice of views below the first charts; only the chosen one is computed."""
    ranking = _ranking_of(run, trial, version)
    if isinstance(ranking, str):
        st.caption(text.escape_markdown(ranking))
        return
    st.fragment(_choose_and_draw)(run, trial, version, ranking)


def _choose_and_draw(run: str, trial: int, version: str, ranking: Ranking) -> None:
    chosen = st.segmented_control(
        "Look closer",
        [CURVES, PROBABILITIES, THRESHOLD, DESK],
        default=CURVES,
        required=True,
        key="binary_view",
        persist_state="session",
    )
    with frame.errors_shown():
        draw_kept(run, trial)
        if chosen == THRESHOLD:
            draw_threshold(ranking, (run, trial))
        elif chosen == DESK:
            draw_desk(ranking, (run, trial, version))
        else:
            _draw_views(_views_of(run, trial, version, chosen or CURVES))
        if ranking.weighted:
            st.caption(WEIGHTED)


def _draw_views(views: tuple[View, ...]) -> None:
    with st.grid(columns=len(views), min_column_width=290):
        places = [st.container(border=True, height="stretch") for _ in views]
    for place, view in zip(places, views, strict=True):
        with place:
            st.markdown(f"**{view.title}**")
            if view.drawing is not None:
                draw_chart(view.drawing.figure(), view.key, view.drawing.alt)
            st.caption(text.escape_markdown(view.sentence))
