"""Each class of a classifier with more than two, and the pairs it mixes up, with their rows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import streamlit as st

from automl_core.evaluation import ClassTable, ConfusedPair, class_table
from automl_core.export import SCHEMA_FILE, SchemaRecord, damage_as_model_error, read_record
from automl_core.runs.record import LeaderRow, RunFolder
from pages.components.models.table_rows import table_rows
from pages.components.shared import OpenRun, text

PREDICTED = "predicted"


@st.cache_data(max_entries=64, show_spinner="Counting the classes …")
def classes_of(run: str, trial: int, version: str) -> ClassTable:
    """The classes of a model of the run in this folder; `version` as in `OpenRun.version`.

    Examples are row numbers of the stored table.
    """
    del version  # only a key
    folder = RunFolder(Path(run))
    with damage_as_model_error("its predictions for unseen rows"):
        oof = folder.out_of_fold(trial)
        labels = read_record(SchemaRecord, folder.model_files(trial), SCHEMA_FILE).target.names
        found = class_table(oof.y.astype("int64"), oof.prediction, labels)
    pairs = tuple(
        replace(pair, examples=tuple(int(oof.rows[i]) for i in pair.examples))
        for pair in found.pairs
    )
    return replace(found, pairs=pairs)


def draw_classes(run: OpenRun, row: LeaderRow) -> None:
    """The two tables side by side, and below them the rows of a pair."""
    found = classes_of(str(run.folder.path), row.trial, run.version(row.trial))
    left, right = st.columns(2)
    with left.container(border=True, height="stretch", key="class_scores"):
        st.markdown("**Class by class**")
        if found.sentence:
            st.markdown(text.escape_markdown(found.sentence))
        _draw_scores(found)
    with right.container(border=True, height="stretch", key="class_pairs"):
        st.markdown("**Most often mixed up**")
        if not found.pairs:
            st.caption("No row gets a wrong class.")
            return
        _draw_pairs(run, found.pairs)


def _draw_scores(found: ClassTable) -> None:
    share = st.column_config.NumberColumn
    st.dataframe(
        {
            "Class": [text.one_line(c.label, 60) for c in found.classes],
            "Precision": [_percent(c.precision) for c in found.classes],
            "Recall": [_percent(c.recall) for c in found.classes],
            "F1": [c.f1 for c in found.classes],
            "Rows": [c.rows for c in found.classes],
            "Predicted": [c.predicted for c in found.classes],
        },
        hide_index=True,
        placeholder="–",
        column_config={
            "Precision": share(format="%.1f %%", help="Of the rows predicted as it, those right"),
            "Recall": share(format="%.1f %%", help="Of its rows, those that are found"),
            "F1": share(format="%.3f", help="Both together: their harmonic mean, 0 to 1"),
            "Rows": share(help="Rows that really are of the class"),
            "Predicted": share(help="Rows that are predicted as it"),
        },
        key="class_scores_table",
        alt="Precision, recall, F1 and rows of each class",
    )


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _draw_pairs(run: OpenRun, pairs: tuple[ConfusedPair, ...]) -> None:
    first = pairs[0]
    st.markdown(
        text.escape_markdown(
            f"“{first.actual}” is taken for “{first.predicted}” in "
            f"{text.count(first.rows, 'row')}, {text.percent(first.share)} of its own."
        )
    )
    st.dataframe(
        {
            "Actual": [text.one_line(p.actual, 60) for p in pairs],
            "Predicted": [text.one_line(p.predicted, 60) for p in pairs],
            "Rows": [p.rows for p in pairs],
            "Of the actual class": [100 * p.share for p in pairs],
        },
        hide_index=True,
        column_config={
            "Of the actual class": st.column_config.NumberColumn(format="%.1f %%"),
        },
        key="class_pairs_table",
        alt="Pairs of classes that are mixed up, most rows first",
    )
    labels = text.distinct_labels(
        range(len(pairs)), lambda i: f"{pairs[i].actual} taken for {pairs[i].predicted}"
    )
    place = st.selectbox(
        "Rows of a pair",
        list(labels),
        None,
        format_func=labels.__getitem__,
        placeholder="choose one to see its rows",
        key=f"class_pair_{run.name}",
    )
    if place is not None and place < len(pairs):
        _draw_rows(run, pairs[place])


def _draw_rows(run: OpenRun, pair: ConfusedPair) -> None:
    """The surest mistakes; cells as they are in the stored table."""
    said = {PREDICTED: [pair.predicted] * len(pair.examples)}
    shown = table_rows(run, pair.examples, said)
    rows = shown.num_rows
    if pair.rows > rows:
        st.caption(f"The {rows} surest mistakes of {text.count(pair.rows, 'row')}.")
    st.dataframe(
        shown, hide_index=True, placeholder="–", key="class_pair_rows", alt="Rows of the pair"
    )
