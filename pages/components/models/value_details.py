"""Of a regression: intervals around its predictions, residuals and errors by range."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from automl_core.charts import draw_coverage, draw_residual_ranges, draw_slices, number
from automl_core.evaluation import (
    ROWS_FOR_INTERVALS,
    SMALLEST_SLICE,
    PredictionIntervals,
    ResidualRange,
    Slice,
    cut_column,
    error_measures,
    plain_number,
    prediction_intervals,
    residual_ranges,
    residual_sentence,
    row_errors,
    slices_of,
)
from automl_core.export import damage_as_model_error
from automl_core.metrics import score
from automl_core.runs.record import LeaderRow, RunFolder
from automl_core.table import TypedColumn
from pages.components.shared import OpenRun, draw_chart, text

HOW = (
    "Conformal prediction: the width is that which held enough of the errors on rows that the "
    "model had not seen. What is measured here is cross-fitted: no row was used for the width of "
    "its own interval. It holds for new rows of the same kind, not where the world has changed."
)


@dataclass(frozen=True)
class ValueDetails:
    """What its closer look shows."""

    rows: int
    intervals: PredictionIntervals | None  # None: too few rows
    by_actual: tuple[Slice, ...]
    mean_error: float  # of all rows
    residuals: tuple[ResidualRange, ...]  # by range of the prediction


@st.cache_data(max_entries=64, show_spinner="Measuring the intervals …")
def details_of(run: str, trial: int, version: str) -> ValueDetails:
    """The details of a model of the run in this folder; `version` as in `OpenRun.version`."""
    del version  # only a key
    folder = RunFolder(Path(run))
    with damage_as_model_error("its predictions for unseen rows"):
        oof, spec = folder.out_of_fold(trial), folder.spec()
        y = oof.y.astype("float64")
        (measure,) = error_measures(spec.metric, spec.task)
        errors = row_errors(measure, y, oof.prediction)
        parts = cut_column(TypedColumn(spec.target, numbers=y), "number")
        by_actual = slices_of(parts, errors, measure.share, oof.weight)
        intervals = prediction_intervals(y, oof.prediction)
        mean = score("mae", y, oof.prediction, oof.weight)
        residuals = residual_ranges(y, oof.prediction)
        return ValueDetails(len(y), intervals, by_actual, mean, residuals)


def draw_values(run: OpenRun, row: LeaderRow) -> None:
    """Coverage of the intervals, residuals by prediction, the error by actual value."""
    found = details_of(str(run.folder.path), row.trial, run.version(row.trial))
    with st.grid(columns=3, min_column_width=360):
        left, middle, right = (st.container(border=True, height="stretch") for _ in range(3))
    with left:
        st.markdown("**Prediction intervals**")
        _draw_intervals(run, found)
    with middle:
        st.markdown("**Residuals by prediction**")
        _draw_residuals(run, found)
    with right:
        st.markdown("**Error by range of the actual value**")
        _draw_ranges(run, found)


def _draw_intervals(run: OpenRun, found: ValueDetails) -> None:
    intervals = found.intervals
    if intervals is None:
        st.caption(
            f"{text.count(found.rows, 'unseen row')} can say no interval that keeps what it "
            f"promises: {ROWS_FOR_INTERVALS} are needed."
        )
        return
    st.markdown(text.escape_markdown(_interval_sentence(intervals)))
    drawing = draw_coverage(intervals, run.spec.target)
    draw_chart(drawing.figure(), "coverage", drawing.alt)
    st.caption(HOW)


def _interval_sentence(found: PredictionIntervals) -> str:
    level = f"{100 * found.level:.0f} of 100"
    narrow, wide = min(found.half_widths), max(found.half_widths)
    if found.is_local:
        width = (
            f"The prediction ± {plain_number(narrow)} to {plain_number(wide)}, by how far off "
            "predictions of that size usually are,"
        )
    else:
        width = f"The prediction ± {plain_number(wide)}"
    return (
        f"{width} should hold the actual value in {level} rows; measured: "
        f"{100 * found.covered:.1f} of 100 ({100 * found.covered_low:.1f} to "
        f"{100 * found.covered_high:.1f}) of {text.count(found.rows, 'row')}."
    )


def _draw_residuals(run: OpenRun, found: ValueDetails) -> None:
    if len(found.residuals) < 2:
        st.caption("There are no two ranges with enough rows: too few to compare.")
        return
    st.markdown(text.escape_markdown(residual_sentence(found.residuals)))
    drawing = draw_residual_ranges(found.residuals, run.spec.target)
    draw_chart(drawing.figure(), "residual_ranges", drawing.alt)
    st.caption("Above the dotted line predictions are too high, below it too low.")


def _draw_ranges(run: OpenRun, found: ValueDetails) -> None:
    enough = [part for part in found.by_actual if part.low is not None]
    if len(enough) < 2:
        st.caption(
            f"There are no two ranges with {SMALLEST_SLICE} rows: too few to compare their errors."
        )
        return
    high = max(enough, key=lambda part: part.mean or 0.0)
    low = min(enough, key=lambda part: part.mean or 0.0)
    st.markdown(
        text.escape_markdown(
            f"Off by {number(high.mean or 0.0)} on average where the actual value is {high.label}, "
            f"by {number(low.mean or 0.0)} where it is {low.label}."
        )
    )
    name = text.one_line(run.spec.target, 40)
    title = f"Mean absolute error, in units of {name}"
    drawing = draw_slices(found.by_actual, found.mean_error, title, (), what="a range")
    draw_chart(drawing.figure(), "error_ranges", drawing.alt)
    st.caption("Ranges with about as many rows each; dots with 95 % intervals.")
