"""The training form: target, task, metric and weights; problems of the table before Start."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import streamlit as st

from automl_core.charts import draw_target, metric_short
from automl_core.errors import AutoMLError
from automl_core.metrics import METRICS, metrics_for
from automl_core.table import Finding, Schema, TableInfo, leave_out
from automl_core.table.inference import TargetSummary, TaskGuess
from automl_core.types import Task
from pages.components.data import carry_out, with_setting
from pages.components.shared import (
    code,
    count,
    distinct_labels,
    draw_findings,
    escape_markdown,
    frame,
    grouped,
    session,
    suspects,
    table_facts,
)
from pages.components.train import form_state
from pages.components.train.advanced_fields import draw_advanced
from pages.components.train.form_request import OPTIONS, TARGET_OPTIONS
from pages.components.train.leak_question import unanswered
from pages.components.train.option_fields import draw_column, draw_segments
from pages.components.train.start_fields import draw_budget, draw_start

TASKS: dict[Task, str] = {
    task: TARGET_OPTIONS["task"].choices[task].label for task in get_args(Task)
}
OF_TARGET = ("train_task", "train_metric", "train_positive", "train_class_weight")


def draw_form(info: TableInfo, schema: Schema) -> None:
    """The whole form, down to Start."""
    left, right = st.columns([3, 2])
    with left.container(border=True, height="stretch", key="train_what"):
        target = _pick_target(info, schema)
        left_lower = st.container()
    if target is None:
        with left_lower:
            st.caption("Its distribution is shown here, and what can be learned from it.")
        return
    with right.container(border=True, height="stretch", key="train_goal"):
        summary = _draw_goal(info, schema, target)
    if summary is None:
        return
    with left_lower:
        _draw_distribution(summary)
    with st.container(border=True, key="train_how"):
        draw_budget()
        draw_advanced(schema, target)
    listed = _draw_problems(info, schema, target, summary)
    blocked = any(f.severity == "error" for f in listed)
    draw_start(info, schema, summary, blocked, unanswered(grouped(listed, target), info, target))


def _pick_target(info: TableInfo, schema: Schema) -> str | None:
    names = list(schema.names)
    form_state.remember("train_target", session.current_target(), [*names, None])
    target: str | None = st.selectbox(
        "**What to predict**",
        names,
        index=None,
        placeholder="Choose a column",
        key="train_target",
        on_change=form_state.forget,
        args=(OF_TARGET,),
    )
    if target != session.current_target():
        session.set_target(target)
    st.caption(f"{code(info.name)}, {count(info.rows, 'row')}, {count(info.columns, 'column')}")
    return target


def _draw_goal(info: TableInfo, schema: Schema, target: str) -> TargetSummary | None:
    """Task, metric, positive class, weights; None where the target cannot be learned."""
    try:
        task = _draw_task(table_facts.guessed_task(info.hash, schema, target))
        summary = table_facts.described_target(info.hash, schema, target, task)
    except AutoMLError as error:
        frame.show_error(error)
        return None
    metrics = list(metrics_for(task))
    form_state.remember("train_metric", metrics[0], metrics)
    label = f"**{TARGET_OPTIONS['metric'].label}**"
    st.selectbox(label, metrics, key="train_metric", format_func=_metric_words)
    if task == "binary":
        _draw_positive(summary)
    if task != "regression":
        draw_segments(OPTIONS["class_weight"])
    _draw_weight(schema, target)
    return summary


def _draw_task(guess: TaskGuess) -> Task:
    form_state.remember("train_task", guess.task, list(TASKS))
    task: Task | None = st.segmented_control(
        f"**{TARGET_OPTIONS['task'].label}**",
        list(TASKS),
        format_func=TASKS.__getitem__,
        key="train_task",
        required=True,
    )
    task = task or guess.task
    if task == guess.task:
        st.caption(_said(guess.reason))
    else:
        st.caption(f"Your choice. Suggested: {TASKS[guess.task]}, {escape_markdown(guess.reason)}")
    return task


def _said(reason: str) -> str:
    """A reason as a caption: with a capital, safe in Markdown."""
    return escape_markdown(reason[:1].upper() + reason[1:])


def _metric_words(name: str) -> str:
    metric, short = METRICS[name], metric_short(name)
    words = metric.title if short == metric.title else f"{short}: {metric.title}"
    return f"{words} ({'higher' if metric.higher_is_better else 'lower'} is better)"


def _draw_positive(summary: TargetSummary) -> None:
    names = dict(zip(summary.labels, summary.names, strict=True))
    labels = distinct_labels(names, names.__getitem__)
    form_state.remember("train_positive", summary.positive, list(labels))
    positive = st.selectbox(
        TARGET_OPTIONS["positive"].label,
        list(labels),
        format_func=labels.__getitem__,
        key="train_positive",
        help=TARGET_OPTIONS["positive"].help,
    )
    if positive == summary.positive:
        st.caption(_said(summary.positive_reason))


def _draw_weight(schema: Schema, target: str) -> None:
    numeric = [c.name for c in schema.columns if c.parse.kind == "number" and c.name != target]
    by_role = next((c.name for c in schema.columns if c.role == "weight"), None)
    draw_column(OPTIONS["weight"], numeric, by_role, "All rows count the same")


def _draw_distribution(summary: TargetSummary) -> None:
    drawing = draw_target(summary)
    st.plotly_chart(
        drawing.figure(),
        key="target_chart",
        config={"displayModeBar": False},
        alt=drawing.alt,
    )
    if summary.missing:
        st.caption(
            f"{count(summary.missing, 'row')} without a value in {code(summary.target)} "
            "will not be used."
        )


def _draw_problems(
    info: TableInfo, schema: Schema, target: str, summary: TargetSummary
) -> list[Finding]:
    """Findings to review with their fixes, of which an error lets no run start."""
    dropped = set(form_state.chosen("train_drop") or ())
    found = table_facts.findings(info.hash, schema, target)
    asking = map(with_setting, dict.fromkeys((*summary.problems, *found)))
    listed = [f for f in asking if f.state == "to_review"]
    listed = [f for f in listed if not _is_left_out(f, target, dropped)]
    if not listed:
        return []
    shown = [_leaving_out(f, target) for f in grouped(listed, target)]
    with st.container(border=True, key="train_problems"):
        st.markdown(f"**Before you start:** {len(shown):,} to review")
        action = draw_findings(shown, session.current_data(), "train_fix")
    if action is not None and any(f.kind == "leak" and f.action == action for f in shown):
        form_state.leave_out(action.columns)
        st.rerun()
    mended = None if action is None else carry_out(action, info, schema)
    if mended is not None:
        session.set_schema(mended)
        st.rerun()
    return listed


def _is_left_out(finding: Finding, target: str, dropped: set[str]) -> bool:
    """True where all its columns (a leak also names the target) are left out of the run."""
    others = set(finding.columns) - {target}
    return bool(others) and others <= dropped


def _leaving_out(finding: Finding, target: str) -> Finding:
    """A leak with the click that leaves it out of this run; the table's roles stay."""
    if finding.kind != "leak":
        return finding
    return replace(finding, action=leave_out(*suspects(finding, target)))
