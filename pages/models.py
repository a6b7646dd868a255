"""Models: the result of a run, one of its models with its charts, and below all of them."""

from __future__ import annotations

import streamlit as st

from automl_core.metrics import METRICS
from automl_core.models import model_spec
from automl_core.runs.record import (
    OUTSIDE_FAMILY,
    LeaderRow,
    count_models,
    offered_models,
    result_of,
)
from automl_core.types import RunStatus, TrialStatus
from pages.components.models import (
    draw_download,
    draw_group_check,
    draw_how_built,
    draw_how_good,
    draw_label_check,
    draw_light,
    draw_numbers,
    draw_other_formats,
    draw_outside_row,
    draw_report_button,
    draw_share,
    draw_what_it_learned,
    draw_where_it_errs,
    pick_from_board,
)
from pages.components.shared import (
    A_ROW,
    TASK_WORDS,
    OpenRun,
    any_models,
    choose_row,
    draw_features,
    draw_offers,
    draw_result,
    draw_score_now,
    draw_state,
    draw_validation,
    frame,
    live_plot,
    pick_run,
    text,
)

ENSEMBLE_SUMMARY = "Averages what several trials predict, each by its weight."


def show_run(run: OpenRun) -> None:
    """Target, table, metric and status of the run, on one line."""
    spec, state = run.spec, run.state
    metric = METRICS[spec.metric]
    task = TASK_WORDS[spec.task]
    with st.container(horizontal=True, vertical_alignment="center", key="models_summary"):
        draw_state(state.status)
        st.caption(
            f"{text.code(spec.table.name)} to predict {text.code(spec.target)} · Task: {task} · "
            f"Metric: {metric.title} · {spec.rows_words} · "
            f"{text.count(count_models(run.rows), 'model')}"
        )
        if state.status.active:
            st.page_link(
                "pages/train.py",
                label="Watch it live",
                icon=":material/model_training:",
                query_params={"run": run.id},
            )
    draw_validation(state)
    if state.reason and state.status != RunStatus.FINISHED:
        st.caption(text.escape_markdown(state.reason))
    if not state.status.active and (result := result_of(spec, state)) is not None:
        with st.container(border=True, key="models_result"):
            draw_result(run.folder, spec, state, result)
            draw_score_now(run.folder, state, "models_score_now")


def pick(run: OpenRun) -> LeaderRow | None:
    """The models of the run, of which one is chosen; it is shown above them."""
    if not run.rows:
        return None
    st.header("All models", anchor=False)
    st.caption("Choose one to see it above.")
    model = draw_offers(offered_models(run.state, run.rows), "models_offers")
    if model is not None:
        choose_row(model)
    row = pick_from_board(run, "models_leaderboard")
    return row


def draw_run_features(run: OpenRun, row: LeaderRow) -> None:
    """The columns that the models of the run see."""
    del row  # the same for all models
    if run.state.features is None:
        st.caption("Columns were not chosen in this run: its models see all of them.")
    draw_features(run.state, run.spec.metric)


def show_no_model(run: OpenRun) -> None:
    """A run whose leaderboard is empty."""
    active = run.state.status.active
    frame.nothing_here(
        "The first model of this run is still training." if active else "This run left no model.",
        ":material/hourglass_empty:" if active else ":material/leaderboard:",
        "Watch it live" if active else "Start another run",
        "Train",
        "models_to_train",
    )


def show_model(run: OpenRun, row: LeaderRow) -> None:
    """One row of the board."""
    if row.family == OUTSIDE_FAMILY:
        draw_outside_row(run, row)
        return
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"
    ):
        st.subheader(text.escape_markdown(f"{row.name}: {row.title}"), anchor=False)
        if row.usable:
            with st.container(horizontal=True, width="content", vertical_alignment="center"):
                if st.button("Try a row", icon=":material/online_prediction:", key="models_try"):
                    frame.go_to("Predict", row.name, A_ROW)
                draw_share(run, row)
                draw_download(run, row)
                draw_report_button(run, row, "models_report")
                with st.popover("More formats", icon=":material/more_horiz:", key="models_formats"):
                    draw_other_formats(run, row)
    ensemble = row.family == "ensemble"
    st.caption(ENSEMBLE_SUMMARY if ensemble else model_spec(row.family).summary)
    if row.status == TrialStatus.FAILED:
        st.error(
            f"This trial failed: {text.escape_markdown(row.message or 'no reason given')}",
            icon=":material/error:",
        )
        return
    if not row.usable:
        st.info("This trial has no score yet.", icon=":material/hourglass_empty:")
        return
    draw_numbers(run, row)
    good, errs, fair, labels, learned, light, built, features = st.tabs(
        [
            "How good it is",
            "Where it errs",
            "Fairness",
            "Labels and rows",
            "What it learned",
            "Make it light",
            "How it was built",
            "Features of the run",
        ],
        key="models_tab",
        on_change="rerun",
    )
    for tab, draw in (
        (good, draw_how_good),
        (errs, draw_where_it_errs),
        (fair, draw_group_check),
        (labels, draw_label_check),
        (learned, draw_what_it_learned),
        (light, draw_light),
        (built, draw_how_built),
        (features, draw_run_features),
    ):
        if tab.open:  # the others cost nothing until they are opened
            with tab, frame.errors_shown():
                draw(run, row)


with frame.open_page("Models"):
    if not any_models():
        frame.nothing_here(
            "No run has left a model yet. Start one: the first models are there in seconds.",
            ":material/leaderboard:",
            "Choose a table",
            "Home",
            "models_empty",
        )
    elif (run := pick_run("models_run")) is not None:
        show_run(run)
        chosen = st.container(key="models_chosen")  # filled last: the list below says with what
        row = pick(run)
        with chosen:
            if row is None:
                show_no_model(run)
            else:
                show_model(run, row)
                live_plot.scroll_to_top(f"{run.name}_{row.name}")
