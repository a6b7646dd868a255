"""A random split against one by groups or time: the same small model, scored both ways.

A worker trains; the page asks it and looks now and then.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Literal

import streamlit as st

from automl_core.charts import metric_short
from automl_core.errors import AutoMLError
from automl_core.evaluation import SplitScores
from automl_core.runs import get_manager
from automl_core.runs.executor import CompareTask
from automl_core.table import Finding, Schema, TableInfo
from pages.components.shared import (
    code,
    count,
    draw_waiting,
    frame,
    keep_job,
    kept_job,
    score,
    workspace,
)

WAITING = "Training a small model twice …"
WORDS = {
    "group": "groups kept together",
    "time": "the latest rows",
    "copies": "duplicate rows kept together",
}


@dataclass(frozen=True)
class _Question:
    how: Literal["group", "time", "copies"]
    column: str


def draw_comparisons(
    info: TableInfo, schema: Schema, target: str, findings: Sequence[Finding]
) -> None:
    """A button for each finding about how rows are set apart, then the two scores."""
    for question in _questions(findings):
        about = hash((info.hash, target, question.column))
        key = f"compare_{question.how}_{schema.digest}_{about}"
        job = kept_job(key)
        with st.container(horizontal=True, vertical_alignment="center", key=f"{key}_box"):
            if job is None:
                _draw_offer(_task(info, schema, target, question), key)
            elif not job.done():
                draw_waiting(key)
            else:
                _draw_answer(job, question)


def _draw_offer(task: CompareTask, key: str) -> None:
    about = code(task.column, 40) if task.column else "duplicate rows"
    if st.button(
        "Compare scores",
        icon=":material/balance:",
        key=key,
        help="Trains a small model twice, which takes a few seconds.",
    ):
        keep_job(key, get_manager().jobs.compare_splits(task), lambda: WAITING)
    st.caption(f"How optimistic is a random split, by {about}?")


def _draw_answer(job: Future[SplitScores], question: _Question) -> None:
    try:
        scores = job.result(timeout=5)
    except AutoMLError as error:
        frame.show_error(error)
        return
    st.markdown(_sentence(scores, question))


def _task(info: TableInfo, schema: Schema, target: str, question: _Question) -> CompareTask:
    where = str(workspace())
    return CompareTask(where, info.hash, schema, target, question.how, question.column)


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


def _sentence(scores: SplitScores, question: _Question) -> str:
    name = metric_short(scores.metric)
    return (
        f"{name} **{score(scores.at_random)}** on rows at random, **{score(scores.apart)}** on "
        f"{WORDS[question.how]} (a small model on {count(scores.rows, 'row')})."
    )
