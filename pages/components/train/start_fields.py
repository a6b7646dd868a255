"""The lower half of the training form: budget, the sentence that says what will run, Start."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from automl_core.charts import metric_short
from automl_core.errors import AutoMLError
from automl_core.models import CATALOG
from automl_core.runs import get_manager
from automl_core.runs.record import (
    MAX_TRIALS,
    RunOptions,
    TrainRequest,
    is_bounded,
    most_seconds,
    most_words,
)
from automl_core.runs.setup import build_spec
from automl_core.table import Column, Finding, Schema, TableInfo, open_table
from automl_core.table.inference import TargetSummary
from automl_core.words import size
from pages.components.shared import (
    activity,
    code,
    count,
    device_words,
    escape_markdown,
    frame,
    seconds,
    session,
    workspace,
)
from pages.components.train import form_state
from pages.components.train.form_request import (
    CUSTOM,
    MINUTES,
    NUMBER_OF_TRIALS,
    OPTIONS,
    PRESET,
    PRESETS,
    TEST,
    TRIALS,
    request_of,
)
from pages.components.train.form_state import chosen, remember
from pages.components.train.leak_question import draw_questions
from pages.components.train.memory_words import draw_memory
from pages.components.train.test_table import OWN_TABLE

CLOCK = "Timed runs are not reproducible; runs of a number of trials are."
BOUNDED = "Timed runs are not reproducible."
REPEATABLE = "The same table, settings and seed give the same leaderboard on a processor again."


def draw_budget() -> None:
    """The budget: preset times, any other time, or a number of trials."""
    options = budget_choices()
    remember("train_budget", PRESET if PRESET in options else options[0], options)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        pick = st.segmented_control(
            f"**{OPTIONS['budget'].label}**", options, key="train_budget", required=True
        )
        if pick == CUSTOM:
            most = most_seconds() / 60
            remember("train_minutes", MINUTES)
            st.session_state["train_minutes"] = min(st.session_state["train_minutes"], most)
            st.number_input(
                "Minutes",
                min_value=1 / 60,
                max_value=most,
                step=1.0,
                key="train_minutes",
                width=160,
            )
        elif pick == TRIALS:
            remember("train_trials", NUMBER_OF_TRIALS)
            st.number_input(
                "Trials",
                min_value=1,
                max_value=MAX_TRIALS,
                step=1,
                key="train_trials",
                width=160,
            )
    if is_bounded():
        st.caption(f"A run takes {most_words()} at most here. {BOUNDED}")
    else:
        st.caption(REPEATABLE if pick == TRIALS else CLOCK)


def budget_choices() -> list[str]:
    """What the field offers: nothing that a run may not have here."""
    presets = [words for words, length in PRESETS.items() if length <= most_seconds()]
    return [*presets, CUSTOM] if is_bounded() else [*presets, CUSTOM, TRIALS]


def draw_start(
    info: TableInfo,
    schema: Schema,
    summary: TargetSummary,
    blocked: bool,
    leaks: Sequence[Finding],
) -> None:
    """The sentence that says what will be run, and the button that runs it.

    It waits until each of the `leaks` has an answer.
    """
    request = request_of(summary)
    lacking = chosen(TEST) == OWN_TABLE and request.test is None
    with st.container(border=True, key="train_go"):
        st.markdown(sentence(info, schema, summary, request))
        columns = len(_features(schema, summary, request.options))
        draw_memory(request.options, min(summary.rows, request.options.most_rows), columns)
        draw_questions(leaks, info, summary.target)
        error = form_state.take_error()
        if isinstance(error, AutoMLError):
            frame.show_error(error)
        st.button(
            "Start training",
            type="primary",
            icon=":material/play_arrow:",
            key="train_start",
            disabled=blocked or lacking or bool(leaks),
            on_click=_start,
            args=(form_state.start_token(), info, schema, request),
        )
        if blocked:
            st.caption("Correct the errors above first.")
        if leaks:
            st.caption("Start waits for your answer: a leak makes every score too good.")
        if lacking:
            st.caption("Upload the test table under Advanced first, or choose other test rows.")


def sentence(info: TableInfo, schema: Schema, summary: TargetSummary, request: TrainRequest) -> str:
    """The run in one sentence: models, budget, workers, target and metric, as Markdown."""
    options = request.options
    titles = [c.title for c in CATALOG if c.name in options.families]
    what = ", ".join(titles) if titles else "All model families"
    features = len(_features(schema, summary, options))
    budget = options.budget
    length = seconds(budget.seconds) if budget.seconds else count(budget.trials or 0, "trial")
    return (
        f"{what} will be tried for **{length}** on {_where(options)}, to predict "
        f"{code(summary.target)} from {count(features, 'column')} of {code(info.name)} "
        f"({count(summary.rows, 'row')} with a target), with the metric "
        f"**{metric_short(request.metric)}** on rows held out of training"
        f"{_limit_words(options)}{_split_words(request)}.{_drawn_words(info, options)}"
    )


def _where(options: RunOptions) -> str:
    """The device and the workers, as Markdown."""
    if options.cluster:
        asked = f"**{count(options.workers, 'worker')}**" if options.workers else "all its CPUs"
        return f"the Ray cluster with {asked}"
    workers = get_manager().workers()
    number = min(options.workers or workers.count, workers.count)
    known = workers.device_title or workers.device
    device = f"the {escape_markdown(device_words(known))}" if known else "this machine"
    return f"{device} with **{count(number, 'worker')}**"


def _features(schema: Schema, summary: TargetSummary, options: RunOptions) -> tuple[Column, ...]:
    """The columns that the models would see."""
    aside = [summary.target, options.weight, options.group]
    if options.time and schema.column(options.time).parse.kind != "datetime":
        aside.append(options.time)  # as runs/setup/run_data.py has it
    return schema.features((*options.drop, *(name for name in aside if name)))


def _drawn_words(info: TableInfo, options: RunOptions) -> str:
    """What a run has of a table that is longer than it; "" where it has all rows."""
    if info.rows <= options.most_rows:
        return ""
    words = (
        f" The table is long: **{options.most_rows:,}** of its rows are drawn, which trees train "
        "on and all models are compared on."
    )
    apart = options.group or options.time or options.copies != "keep"
    return words if apart else f"{words} Networks see other rows in each pass."


def _limit_words(options: RunOptions) -> str:
    limits = []
    if options.max_predict_ms:
        limits.append(f"{options.max_predict_ms:g} ms a row")
    if options.max_size_mb:
        limits.append(size(1e6 * options.max_size_mb))
    return f", with a final model of at most **{' and '.join(limits)}**" if limits else ""


def _split_words(request: TrainRequest) -> str:
    options, words = request.options, ""
    if options.group:
        words += f", rows of the same {code(options.group)} kept together"
    if request.test:
        words += f", then tested once on {code(request.test.name)}"
    if options.copies != "keep":
        words += f", duplicate rows {OPTIONS['copies'].choices[options.copies].label.lower()}"
    if options.time:
        words += f", the latest rows by {code(options.time)} held out"
    return words


def _start(token: str, info: TableInfo, schema: Schema, request: TrainRequest) -> None:
    if not form_state.use_token(token):
        return  # the second click of a double click
    try:
        spec = build_spec(open_table(info.hash, workspace()), info, schema, request, workspace())
        session.set_run(activity.start_run(spec, schema))
    except AutoMLError as error:
        form_state.set_error(error)
