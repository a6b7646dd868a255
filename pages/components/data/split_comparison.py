"""A random split against one by groups or time: the same small model, scored both ways."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from automl_core.charts import metric_short
from automl_core.errors import AutoMLError
from automl_core.files import workspace
from automl_core.table import Finding, Schema, TableInfo, open_table
from pages.components.shared import code, count, frame, score, table_facts

if TYPE_CHECKING:
    from automl_core.evaluation import How, TwoScores

WORDS = {
    "group": "groups kept together",
    "time": "the latest rows",
    "copies": "duplicate rows kept together",
}


@dataclass(frozen=True)
class _Question:
    how: How
    column: str


def draw_comparisons(
    info: TableInfo, schema: Schema, target: str, findings: Sequence[Finding]
) -> None:
    """A button for each finding about how rows are set apart, then the two scores."""
    for question in _questions(findings):
        key = f"compare_{question.how}_{table_facts.digest(schema)}_{hash(target)}"
        with st.container(horizontal=True, vertical_alignment="center", key=f"{key}_box"):
            about = code(question.column, 40) if question.column else "duplicate rows"
            if st.button(
                "Compare scores",
                icon=":material/balance:",
                key=key,
                help="Trains a small model twice, which takes a few seconds.",
            ):
                st.session_state[f"{key}_asked"] = True
            if not st.session_state.get(f"{key}_asked"):
                st.caption(f"How much would a random split promise too much, by {about}?")
                continue
            try:
                scores = _scores(info.hash, table_facts.digest(schema), target, question, schema)
            except AutoMLError as error:
                frame.show_error(error)
                continue
            st.markdown(_sentence(scores, question))


def _questions(findings: Sequence[Finding]) -> list[_Question]:
    asked: list[_Question] = []
    for finding in findings:
        if finding.kind == "groups":
            asked.append(_Question("group", finding.columns[0]))
        elif finding.kind == "time_order":
            asked.append(_Question("time", finding.columns[0]))
        elif finding.kind == "duplicate" and not finding.columns:
            asked.append(_Question("copies", ""))
    return asked


@st.cache_data(max_entries=32, show_spinner="Training a small model twice …")
def _scores(
    table: str, version: str, target: str, question: _Question, _schema: Schema
) -> TwoScores:
    from automl_core.evaluation import compare_splits

    del version
    rows = open_table(table, workspace())
    return compare_splits(rows, _schema, target, question.how, question.column)


def _sentence(scores: TwoScores, question: _Question) -> str:
    name = metric_short(scores.metric)
    return (
        f"{name} **{score(scores.at_random)}** on rows at random, **{score(scores.apart)}** on "
        f"{WORDS[question.how]} (a small model on {count(scores.rows, 'row')})."
    )
