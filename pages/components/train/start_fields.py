"""The lower half of the training form: budget, advanced settings, the sentence, Start."""

from __future__ import annotations

from typing import Any

import streamlit as st

from automl_core.charts import metric_short
from automl_core.errors import AutoMLError
from automl_core.files import workspace
from automl_core.models import CATALOG
from automl_core.runs import get_manager
from automl_core.runs.record import MAX_SECONDS, Budget, RunOptions, TrainRequest
from automl_core.runs.setup import build_spec
from automl_core.table import Schema, TableInfo, open_table
from automl_core.table.inference import TargetSummary
from pages.components.shared import (
    code,
    count,
    device_words,
    escape_markdown,
    frame,
    seconds,
    session,
)
from pages.components.train import form_state
from pages.components.train.form_state import CUSTOM, PRESETS, TRIALS, chosen, remember
from pages.components.train.limit_fields import draw_limits, draw_split_columns, limit_words
from pages.components.train.test_table import OWN_TABLE, draw_test_table, test_table

FOLDS = {0: "Automatic", 1: "One part held out", 3: "3 folds", 5: "5 folds", 10: "10 folds"}
COLUMNS = {"auto": "Those that help", "all": "All"}
FEATURES = {"full": "All that helps", "words": "No sentence model", "plain": "Plain"}
TEST = {
    -1.0: "Automatic", 0.0: "None", 0.1: "10 %", 0.2: "20 %", 0.3: "30 %",
    OWN_TABLE: "A file of its own",
}  # fmt: skip
MADE = (
    "What is made of columns. No sentence model: texts as their words alone. Plain: no texts and "
    "lists, of dates their age, no means of the target, no pairs of columns."
)
MAX_WORKERS = 256
CLOCK = "A run under a clock promises no exact repetition; a number of trials does."
REPEATABLE = "The same table, settings and seed give the same leaderboard on a processor again."


def draw_budget() -> None:
    """For how long: presets, any other time, or a number of trials."""
    options = [*PRESETS, CUSTOM, TRIALS]
    remember("train_budget", "1 min", options)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        pick = st.segmented_control(
            "**How long to train**", options, key="train_budget", required=True
        )
        if pick == CUSTOM:
            remember("train_minutes", 10.0)
            st.number_input(
                "Minutes",
                min_value=0.1,
                max_value=MAX_SECONDS / 60,
                step=1.0,
                key="train_minutes",
                width=160,
            )
        elif pick == TRIALS:
            remember("train_trials", 20)
            st.number_input(
                "Trials",
                min_value=1,
                max_value=10_000,
                step=1,
                key="train_trials",
                width=160,
            )
    st.caption(REPEATABLE if pick == TRIALS else CLOCK)


def _budget() -> Budget:
    pick = chosen("train_budget") or "1 min"
    if pick == TRIALS:
        return Budget(trials=int(chosen("train_trials") or 20))
    if pick == CUSTOM:
        return Budget(seconds=float(round(float(chosen("train_minutes") or 10.0) * 60)))
    return Budget(seconds=PRESETS[pick])


def draw_advanced(schema: Schema, target: str) -> None:
    """What can be left alone."""
    with st.expander("Advanced", icon=":material/tune:", key="train_advanced"):
        left, right = st.columns(2)
        with left:
            _draw_families()
            names = [n for n in schema.names if n != target]
            remember("train_drop", [], names)
            st.multiselect(
                "Columns to leave out",
                names,
                key="train_drop",
                placeholder="None",
                help="Roles are set on the Data page; this is for one run only.",
            )
        with right, st.container(horizontal=True):
            _draw_choice("Validation", "train_folds", FOLDS, "How held-out scores are made.")
            _draw_choice(
                "Test rows", "train_test", TEST, "Kept apart, and scored once at the very end."
            )
            _draw_choice(
                "Columns", "train_columns", COLUMNS, "Noise and columns without use may leave."
            )
            _draw_choice("Features", "train_features", FEATURES, MADE)
        with right:
            if chosen("train_test") == OWN_TABLE:
                draw_test_table()
            draw_split_columns(schema, target)
        with left:
            draw_limits()
        with right, st.container(horizontal=True):
            remember("train_workers", 0)
            st.number_input(
                "Workers",
                min_value=0,
                max_value=MAX_WORKERS,
                step=1,
                key="train_workers",
                help="Models trained at the same time. 0: one a processor core.",
            )
            remember("train_seed", 0)
            st.number_input("Seed", min_value=0, max_value=2**31 - 1, step=1, key="train_seed")


def _draw_families() -> None:
    cards = {c.name: c.title for c in CATALOG if c.kind != "baseline"}
    remember("train_families", [], list(cards))
    st.multiselect(
        "Models to try",
        list(cards),
        format_func=cards.__getitem__,
        key="train_families",
        placeholder="All of them",
        help="The constant baseline is always there, to compare with.",
    )


def _draw_choice(label: str, key: str, options: dict[Any, str], help_text: str) -> None:
    was = chosen(key)
    if was is not None and was not in options:  # from a run that was started in a terminal
        options = {**options, was: f"{was:g}"}
    remember(key, next(iter(options)), list(options))
    st.selectbox(label, list(options), format_func=options.__getitem__, key=key, help=help_text)


def _request(summary: TargetSummary) -> TrainRequest:
    binary, classes = summary.task == "binary", summary.task != "regression"
    task: Any = summary.task
    share = chosen("train_test")
    own = share == OWN_TABLE
    options = RunOptions(
        budget=_budget(),
        drop=tuple(chosen("train_drop") or ()),
        weight=chosen("train_weight"),
        class_weight=(chosen("train_class_weight") or "off") if classes else "off",
        folds=int(chosen("train_folds") or 0),
        test_fraction=-1.0 if share is None or own else float(share),
        families=tuple(chosen("train_families") or ()),
        workers=int(chosen("train_workers") or 0),
        seed=int(chosen("train_seed") or 0),
        columns=chosen("train_columns") or "auto",
        features=chosen("train_features") or "full",
        group=chosen("train_group"),
        time=chosen("train_time"),
        copies=chosen("train_copies") or "keep",
        max_predict_ms=chosen("train_max_ms") or None,
        max_size_mb=chosen("train_max_mb") or None,
    )
    return TrainRequest(
        target=summary.target,
        options=options,
        task=task,
        positive=chosen("train_positive") if binary else None,
        metric=chosen("train_metric") or "auto",
        test=test_table() if own else None,
    )


def draw_start(info: TableInfo, schema: Schema, summary: TargetSummary, blocked: bool) -> None:
    """The sentence that says what will be run, and the button that runs it."""
    request = _request(summary)
    lacking = chosen("train_test") == OWN_TABLE and request.test is None
    with st.container(border=True, key="train_go"):
        st.markdown(sentence(info, schema, summary, request))
        error = form_state.take_error()
        if isinstance(error, AutoMLError):
            frame.show_error(error)
        st.button(
            "Start training",
            type="primary",
            icon=":material/play_arrow:",
            key="train_start",
            disabled=blocked or lacking,
            on_click=_start,
            args=(form_state.start_token(), info, schema, request),
        )
        if blocked:
            st.caption("Mend what is marked above first.")
        if lacking:
            st.caption("Upload the test table under Advanced first, or choose other test rows.")


def sentence(info: TableInfo, schema: Schema, summary: TargetSummary, request: TrainRequest) -> str:
    """What will be run, on what, with how many workers, as Markdown."""
    titles = [c.title for c in CATALOG if c.name in request.options.families]
    what = ", ".join(titles) if titles else "All model families"
    aside = [summary.target, request.options.weight, request.options.group]
    if request.options.time and schema.column(request.options.time).parse.kind != "datetime":
        aside.append(request.options.time)  # as runs/setup/run_data.py has it
    features = len(schema.features((*request.options.drop, *(name for name in aside if name))))
    workers = get_manager().workers()
    number = min(request.options.workers or workers.count, workers.count)
    known = workers.device_title or workers.device
    device = f"the {escape_markdown(device_words(known))}" if known else "this machine"
    budget = request.options.budget
    length = seconds(budget.seconds) if budget.seconds else count(budget.trials or 0, "trial")
    return (
        f"{what} will be tried for **{length}** on {device} with "
        f"**{count(number, 'worker')}**, to predict {code(summary.target)} from "
        f"{count(features, 'column')} of {code(info.name)} "
        f"({count(summary.rows, 'row')} with a target), judged by "
        f"**{metric_short(request.metric)}** on rows held out of training{limit_words(request)}."
    )


def _start(token: str, info: TableInfo, schema: Schema, request: TrainRequest) -> None:
    if not form_state.use_token(token):
        return  # the second click of a double click
    try:
        spec = build_spec(open_table(info.hash, workspace()), info, schema, request)
        session.set_run(get_manager().start(spec, schema))
    except AutoMLError as error:
        form_state.set_error(error)
