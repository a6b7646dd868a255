"""The outcome of a run in one sentence with its main numbers, and the next step.

Draws nothing while a run is active, except where it is queued.
"""

from __future__ import annotations

import streamlit as st

from automl_core.charts import metric_short, number
from automl_core.runs.record import ENSEMBLE, refit_words
from automl_core.types import RunStatus
from pages.components.shared import (
    RunView,
    code,
    count,
    draw_offers,
    escape_markdown,
    frame,
    offers,
    seconds,
)


def draw_outcome(view: RunView) -> None:
    """The headline of a run that waits or has ended."""
    match view.status:
        case RunStatus.WAITING:
            _waiting(view)
        case RunStatus.FINISHED | RunStatus.STOPPED:
            _ended_well(view) if view.best else _without_model(view)
        case RunStatus.FAILED:
            _failed(view, "The run failed.")
        case RunStatus.INTERRUPTED:
            _interrupted(view)


def _waiting(view: RunView) -> None:
    ahead = view.queue
    where = f"{count(ahead, 'run')} ahead of it" if ahead else "it is next"
    st.info(
        f"**This run is queued:** {where}. It starts by itself; this page may be closed.",
        icon=":material/hourglass_empty:",
    )


def _ended_well(view: RunView) -> None:
    best, solved = view.best, view.state.ensemble
    assert best is not None
    name = code(best.name)
    if best.trial == ENSEMBLE and solved is not None:
        name = f"The {name} of {count(len(solved.trials), 'trial')}"
    with st.container(border=True, key="live_outcome"):
        st.markdown(f"#### {name} is the best of {_models(view)}")
        st.markdown(_score_sentence(view, metric_short(view.spec.metric)))
        if words := _refit_words(view):
            st.caption(words)
        if view.status == RunStatus.STOPPED:
            st.caption("Stopped before the end of its budget; everything trained so far is kept.")
        elif view.state.reason:
            st.caption(escape_markdown(view.state.reason))
        model = draw_offers(offers(view.state, view.rows), "live_offers")
        if model is not None:
            frame.go_to("Models", model)
        _to_models()


def _score_sentence(view: RunView, short: str) -> str:
    best, end, started = view.best, view.state.finished, view.state.started
    assert best is not None
    over = ""
    if best.delta is not None:
        over = f" On held-out rows it is {number(best.delta)} better than the constant baseline."
    if end is None or end.test_score is None:
        shown = number(best.score) if best.score is not None else "–"
        return f"**{short} {shown}** on rows held out of training.{over}"
    rows = f"{started.rows_test:,} test rows" if started else "test rows"
    between = ""
    if end.test_low is not None and end.test_high is not None:
        between = f" (95 % interval {number(end.test_low)} to {number(end.test_high)})"
    return f"**{short} {number(end.test_score)}**{between} on {rows} that no model saw.{over}"


def _refit_words(view: RunView) -> str:
    end = view.state.finished
    if end is None or end.best is None:
        return ""
    return refit_words(view.state, end.best, end.refitted)


def _models(view: RunView) -> str:
    done = sum(t.usable for t in view.state.trials.values() if t.family != "constant")
    return f"{count(done, 'model')} in {seconds(int(view.elapsed))}"


def _to_models() -> None:
    if st.button("See the models", type="primary", icon=":material/leaderboard:", key="to_models"):
        frame.go_to("Models")


def _without_model(view: RunView) -> None:
    with st.container(border=True, key="live_outcome"):
        st.markdown("#### The run ended before a model was trained")
        st.markdown("Start it again with a larger budget, or with the quick families only.")
        if view.state.reason:
            st.caption(escape_markdown(view.state.reason))


def _failed(view: RunView, title: str) -> None:
    reason = escape_markdown(view.state.reason) or "The server's log has the details."
    st.error(f"**{title}** {reason}", icon=":material/error:")
    st.caption("The id of this run, for whoever looks into it:")
    st.code(view.run_id, language=None)


def _interrupted(view: RunView) -> None:
    kept = sum(t.usable for t in view.state.trials.values())
    have = f"{count(kept, 'finished model')} of it can be used." if kept else "It left no model."
    st.warning(
        f"**This run was interrupted:** the process that trained it is gone. {have}",
        icon=":material/power_off:",
    )
    st.caption("The id of this run, for whoever looks into it:")
    st.code(view.run_id, language=None)
    if view.best:
        _to_models()
