"""A run while it happens: read on from its log each second, draw, stop.

Only reads the run's folder; it never asks the coordinator anything.
"""

from __future__ import annotations

import time

import streamlit as st

from automl_core.charts import (
    Loss,
    draw_curves,
    draw_importance,
    draw_scores,
    importance_bars,
    loss_curves,
    metric_short,
    score_history,
)
from automl_core.runs import queue_place, take_snapshot
from automl_core.runs.record import (
    RunFolder,
    build_leaderboard,
    load_name,
    ranking_words,
    waits_to_go_on,
)
from automl_core.types import RunStatus
from pages.components.shared import (
    ENSEMBLE_HELP,
    RunView,
    activity,
    code,
    count,
    describe_ensemble,
    draw_features,
    draw_numbers,
    draw_progress,
    draw_title,
    draw_troubles,
    draw_validation,
    ensemble_share,
    escape_markdown,
    frame,
    live_plot,
    session,
    show_leaderboard,
    visible_run,
)
from pages.components.train import form_request
from pages.components.train.model_choice import draw_model_choice
from pages.components.train.resume_buttons import draw_resume
from pages.components.train.run_outcome import draw_outcome
from pages.components.train.steering import draw_steering, draw_stop

EVERY_SECONDS = 1.0
IDLE_SECONDS = 2.0  # between two looks whether a run that is over goes on
CURVES = (
    "Trials that run, the best so far, and those that ended last. Colour is the family. Losses far "
    "above the rest leave the chart at the top, as where a network grows too sure of its answers "
    "while its score still rises; the log axis has them all. The star is the best point of the "
    "best trial. A line that ends before 100 % stopped early, as nothing was gained any more."
)
SYMBOLS = (
    "● finished, ✕ pruned, ◆ stopped, ◇ dropped, ○ still running. "
    "Colours as on the learning curves."
)
CLOCK = "Timed runs are not reproducible; runs of a number of trials are."
TRIALS = "With a number of trials the same seed gives the same leaderboard again."
ZOOM = "Drag over an area to zoom in, double-click to zoom out; the chart goes on meanwhile."
LEARNING = "The models learn now. You may close this page: the run goes on, and Runs lists it."
LEARNED = "This run has ended: first its result and the ways on, then how its models learned."
FIRST = "Validation loss"
LOSSES: dict[str, Loss] = {FIRST: "validation", "Training loss": "training"}


def take_view(run_id: str) -> RunView:
    """The run as it is now. Raises RunError where there is no such run."""
    return view_of(visible_run(run_id), run_id)


def view_of(folder: RunFolder, run_id: str) -> RunView:
    """The run in this folder as it is now. Raises RunError where it cannot be read."""
    taken = take_snapshot(folder.path)
    state, path = taken.state, taken.folder.path
    waits = not state.status.active and waits_to_go_on(path)
    place = queue_place(path) if waits or state.status == RunStatus.WAITING else None
    rows = build_leaderboard(state, taken.spec.metric)
    name = load_name(path)
    return RunView(run_id, taken.folder, taken.spec, state, rows, time.time(), place, name, waits)


def show_run(run_id: str) -> None:
    """The whole live view with its title, on a page that calls `live_plot.load()`.

    Raises RunError where there is no such run.
    """
    active = take_view(run_id).active
    frame.draw_title("Train", LEARNING if active else LEARNED)
    every = EVERY_SECONDS if active else None
    st.fragment(_live, run_every=every)(run_id, active)
    live_plot.scroll_to_top(run_id)
    if not active:
        st.fragment(_notice_resumption, run_every=IDLE_SECONDS)(run_id)


def _notice_resumption(run_id: str) -> None:
    """Draw the whole page again once the run goes on, in whichever process."""
    with frame.errors_shown():
        if take_view(run_id).active:
            activity.recent_runs.clear()  # the sidebar follows it from now on, too
            st.rerun()


def _live(run_id: str, was_active: bool) -> None:
    with frame.errors_shown():
        view = take_view(run_id)
        # Every part has a container of its own, drawn or empty: were one to appear between two
        # others, all below it would be mounted anew.
        with st.container(key="live_header"):
            _draw_header(view)
        with st.container(key="live_charts"):
            if view.state.started:  # a queued run has nothing to show
                draw_charts(view)
        with st.container(key="live_features"):
            draw_features(view.state, view.spec.metric)
        with st.container(key="live_notes"):
            draw_troubles(view)
        if was_active and not view.active:
            st.rerun()  # the whole page, once: its timer ends, the sidebar follows


def _draw_header(view: RunView) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        draw_title(view)
        _draw_buttons(view)
    with st.container():
        draw_validation(view.state, CLOCK if view.spec.options.budget.seconds else TRIALS)
    with st.container():
        draw_outcome(view)
        draw_resume(view)
    with st.container():
        if view.active and not view.waits and view.state.started:
            with st.container(horizontal=True, vertical_alignment="center"):
                draw_progress(view)
                draw_steering(view)
                draw_model_choice(view)
    with st.container():
        # before and afterwards the outcome says it
        if view.active and not view.waits and view.state.started:
            draw_numbers(view)


def _draw_buttons(view: RunView) -> None:
    if view.active:
        draw_stop(view)
    # No callback: that would run the fragment alone again, which still shows this run.
    if st.button("New run", icon=":material/add:", key="new_run"):
        session.current_table()  # the run's, where this session knows none yet: the form's next
        session.set_run(None)
        form_request.prefill(view.spec, session.current_schema())
        st.rerun()


def draw_charts(view: RunView) -> None:
    """Learning curves, scores, leaderboard and importance."""
    upper, lower = st.columns([3, 2]), st.columns([3, 2])
    with upper[0].container(border=True, height="stretch", key="live_curves"):
        _draw_curves(view)
    with upper[1].container(border=True, height="stretch", key="live_scores"):
        _draw_scores(view)
    with lower[0].container(border=True, height="stretch", key="live_board"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown("**Leaderboard**", width="content")
            st.caption(describe_ensemble(view), text_alignment="right", help=ENSEMBLE_HELP)
        show_leaderboard(view.rows, view.spec.metric, "live_leaderboard", 392, not view.active)
        st.caption(escape_markdown(ranking_words(view.spec, view.state, view.rows)))
    with lower[1].container(border=True, height="stretch", key="live_importance"):
        _draw_importance(view)


def _draw_scores(view: RunView) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("**Score of each trial**", width="stretch", help=f"{SYMBOLS}\n\n{ZOOM}")
        whole = st.toggle("From the baseline", key="scores_baseline")
    history = score_history(view.state, view.spec.metric, view.clock)
    live_plot.live_plot(draw_scores(history, whole), "plot_scores", f"{view.run_id} {whole}")


def _draw_curves(view: RunView) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("**Learning curves**", width="stretch", help=f"{CURVES}\n\n{ZOOM}")
        views = LOSSES | {metric_short(view.spec.metric): "score"}
        if st.session_state.get("curve_loss") not in (None, *views):
            del st.session_state["curve_loss"]  # the metric of a run with another one
        loss = st.segmented_control(
            "Loss",
            list(views),
            default=FIRST,
            required=True,
            key="curve_loss",
            label_visibility="collapsed",
        )
        logarithmic = st.toggle("Log axis", key="curve_log")
    usable = [r for r in view.rows if r.usable and r.family != "constant"]
    ranking = tuple(r.trial for r in sorted(usable, key=lambda r: r.rank is None))
    chosen = views[loss or FIRST]
    curves = loss_curves(view.state, ranking, view.spec.metric, chosen)
    # Another loss or scale is another picture: a zoom into the one means nothing on the other.
    revision = f"{view.run_id} {chosen} {logarithmic}"
    live_plot.live_plot(draw_curves(curves, logarithmic), "plot_curves", revision)


def _draw_importance(view: RunView) -> None:
    event = view.state.importance
    st.markdown("**Feature importance**")
    if event is None or event.trial not in view.state.trials:
        st.caption(
            "Columns by importance, as soon as a first model leads."
            if view.active
            else "This run ended before importance was measured."
        )
        return
    bars = importance_bars(event)
    live_plot.live_plot(draw_importance(bars, view.spec.metric), "plot_importance", view.run_id)
    more = f", {count(bars.others, 'more column')} not shown" if bars.others else ""
    wait = "; intervals shrink with each repeat" if view.active and not bars.final else ""
    name = code(view.state.trials[event.trial].name) + ensemble_share(view.state, event.trial)
    st.caption(f"{name}, {count(bars.repeats, 'repeat')}{wait}{more}")
