"""The tab on where a model errs: the worst slices of all columns, and the error by one of choice.

Draws what row_slices.py computes.
"""

from __future__ import annotations

import streamlit as st

from automl_core.charts import draw_slices, number
from automl_core.evaluation import (
    CLAIMED_BY_CHANCE,
    SMALLEST_SLICE,
    ErrorMeasure,
    Slice,
    WorstSlices,
    error_measures,
)
from automl_core.runs import UnseenRows, searched_columns
from automl_core.runs.record import LeaderRow
from automl_core.table import shown
from pages.components.models.row_slices import ModelKey, by_column, seen_by, worst_of
from pages.components.shared import OpenRun, draw_chart, text

HOW = (
    "A slice is the rows with one value of a column, a range of it, or no value. Named are those "
    "that are worse than the other rows by more than chance, after correcting for how many were "
    f"looked at (Benjamini and Hochberg: {100 * CLAIMED_BY_CHANCE:.0f} of 100 named may be so by "
    "chance). Worse means harder "
    "for this model, not why: the values of such rows may simply vary more."
)


def draw_where_it_errs(run: OpenRun, row: LeaderRow) -> None:
    """Worst slices first, then one column."""
    measures = error_measures(run.spec.metric, run.spec.task)
    measure = measures[0]
    if len(measures) > 1:
        title = st.segmented_control(
            "Error of a row",
            [m.title for m in measures],
            default=measure.title,
            required=True,
            key=f"slices_measure_{run.name}",
        )
        measure = next(m for m in measures if m.title == title)
    model = ModelKey(str(run.folder.path), row.trial, run.version(row.trial))
    seen = seen_by(model, measure)
    if len(seen.rows) < 2 * SMALLEST_SLICE:
        st.info(
            f"The model has predictions for {text.count(len(seen.rows), 'unseen row')}: too few "
            f"to compare parts of them. {2 * SMALLEST_SLICE} are needed at least, "
            f"{SMALLEST_SLICE} on each side.",
            icon=":material/info:",
        )
        return
    st.caption(f"{_rows_words(seen)}{_columns_words(run)}")
    _draw_worst(worst_of(model, measure), measure, seen)
    _draw_column(run, model, measure, seen)


def _rows_words(seen: UnseenRows) -> str:
    if len(seen.rows) == seen.every:
        return f"On {text.count(seen.every, 'row')} that the model had not seen in training."
    return (
        f"On {text.count(len(seen.rows), 'row')} of {seen.every:,} that the model had not seen in "
        "training, evenly spread."
    )


def _columns_words(run: OpenRun) -> str:
    looked = len(searched_columns(run.folder))
    every = len(searched_columns(run.folder, max_columns=None))
    return "" if looked == every else f" In the first {looked:,} of {every:,} columns."


def _draw_worst(worst: WorstSlices, measure: ErrorMeasure, seen: UnseenRows) -> None:
    with st.container(border=True, key="slices_worst"):
        st.markdown("**Worst slices of all columns**")
        st.markdown(text.escape_markdown(_worst_sentence(worst, measure, seen.mean)))
        if worst.found:
            column = st.column_config.TextColumn
            alike = [text.one_line(", ".join(names), 120) for names in worst.also]
            st.dataframe(
                {
                    "Column": [text.one_line(part.column, 60) for part in worst.found],
                    "Values": [text.one_line(part.label, 60) for part in worst.found],
                    "Rows": [part.rows for part in worst.found],
                    measure.title: [_said(part.mean, measure) for part in worst.found],
                    "95 % interval": [_interval(part, measure) for part in worst.found],
                    "Other rows": [_said(part.elsewhere, measure) for part in worst.found],
                }
                | ({"Nearly the same rows": alike} if any(alike) else {}),
                hide_index=True,
                height="content",
                column_config={
                    "Nearly the same rows": column(help="Slices of these columns, worse, too")
                },
                key="slices_found",
                alt=f"{measure.title} in the worst slices, worst first",
            )
        few = ""
        if worst.too_few:
            verb = "has" if worst.too_few == 1 else "have"
            few = (
                f" {text.count(worst.too_few, 'slice')} {verb} fewer than {SMALLEST_SLICE} rows: "
                "too few to say."
            )
        st.caption(f"{HOW}{few}")


def _worst_sentence(worst: WorstSlices, measure: ErrorMeasure, overall: float) -> str:
    columns = text.count(worst.tested, "slice")
    if not worst.tested:
        return "No slice has enough rows, or no error differs: there is nothing to compare."
    if not worst.found:
        return f"None of {columns} is worse than the other rows by more than chance."
    first = worst.found[0]
    return (
        f"Worst is {shown(first.column)}: {first.label}. {measure.title} "
        f"{_said(first.mean, measure)} there, {_said(first.elsewhere, measure)} in the other rows, "
        f"{_said(overall, measure)} in all. {columns} were compared."
    )


def _said(value: float | None, measure: ErrorMeasure) -> str:
    if value is None:
        return "–"
    return text.percent(value) if measure.share else number(value)


def _interval(part: Slice, measure: ErrorMeasure) -> str:
    return "–" if part.low is None else f"{_said(part.low, measure)} to {_said(part.high, measure)}"


def _draw_column(run: OpenRun, model: ModelKey, measure: ErrorMeasure, seen: UnseenRows) -> None:
    schema = run.folder.schema()
    first = {c.name for c in searched_columns(run.folder)}
    names = [c.name for c in schema.columns if c.name != run.spec.target]
    names.sort(key=lambda name: name not in first)  # those that models see come first
    if not names:
        return
    worst = worst_of(model, measure)
    default = names.index(worst.found[0].column) if worst.found else 0
    with st.container(border=True, key="slices_column"):
        column = st.selectbox(
            "Error by column",
            names,
            default,
            format_func=text.distinct_labels(names).__getitem__,
            key=f"slices_column_{run.name}",
            width=360,
        )
        slices = by_column(model, measure, column)
        claimed = [part for part in worst.found if part.column == column]
        st.markdown(text.escape_markdown(_column_sentence(column, slices, claimed, measure)))
        unit = "0 to 1" if measure.share else "in nats"
        if measure.in_target_units:
            unit = f"in units of {text.one_line(run.spec.target, 40)}"
        title = f"{measure.title}, {unit}"
        drawing = draw_slices(slices, seen.mean, title, claimed)
        draw_chart(drawing.figure(), "slices", drawing.alt)
        few = [part for part in slices if part.rows < SMALLEST_SLICE]
        if few:
            st.caption(
                f"{text.count(len(few), 'slice')} with fewer than {SMALLEST_SLICE} rows: too few "
                "for an interval."
            )


def _column_sentence(
    column: str, slices: tuple[Slice, ...], claimed: list[Slice], measure: ErrorMeasure
) -> str:
    enough = [part for part in slices if part.low is not None]
    if len(enough) < 2:
        few = f"no two slices of {SMALLEST_SLICE} rows"
        return f"{shown(column)} has {few}: its values cannot be compared."
    high = max(enough, key=lambda part: part.mean or 0.0)
    low = min(enough, key=lambda part: part.mean or 0.0)
    seen = (
        f"The error is largest at {high.label} ({_said(high.mean, measure)}) and least at "
        f"{low.label} ({_said(low.mean, measure)})."
    )
    if claimed:
        return f"{seen} Coloured: worse than the other rows by more than chance."
    return f"{seen} No slice of it is among the worst of all columns."
