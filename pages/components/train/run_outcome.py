"""The outcome of a run: the result with its verdict, the models it offers, and the next step.

Draws nothing while a run is active, except where it is queued.
"""

from __future__ import annotations

import streamlit as st

from automl_core.charts import metric_short
from automl_core.runs.record import (
    ENSEMBLE,
    LeaderRow,
    count_models,
    offered_models,
    refit_words,
    result_of,
)
from automl_core.types import RunStatus
from pages.components.shared import (
    RunView,
    code,
    count,
    draw_next_steps,
    draw_offers,
    draw_result,
    draw_score_now,
    escape_markdown,
    frame,
    score,
    seconds,
)


def draw_outcome(view: RunView) -> None:
    """The headline of a run that waits or has ended."""
    match view.status:
        case RunStatus.WAITING:
            _waiting(view)
        case RunStatus.FINISHED | RunStatus.STOPPED:
            _ended_well(view, view.best) if view.best else _without_model(view)
        case RunStatus.FAILED:
            _failed(view, "The run failed.")
        case RunStatus.INTERRUPTED:
            _interrupted(view)


def _waiting(view: RunView) -> None:
    where = "" if view.place is None else f" {view.place.words}."
    st.info(
        f"**This run is queued:**{where} It starts by itself; this page may be closed.",
        icon=":material/hourglass_empty:",
    )


def _ended_well(view: RunView, best: LeaderRow) -> None:
    result = result_of(view.spec, view.state)
    with st.container(border=True, key="live_outcome"):
        if result is not None:
            draw_result(view.folder, view.spec, view.state, result)
        draw_score_now(view.folder, view.state, "score_now")
        st.caption(_model_words(view, best))
        draw_next_steps(view.spec.table)
        model = draw_offers(offered_models(view.state, view.rows), "live_offers")
        if model is not None:
            frame.go_to("Models", model)


def _model_words(view: RunView, best: LeaderRow) -> str:
    """The model, how it was found, and how the run ended."""
    name, solved, end = code(best.name), view.state.ensemble, view.state.finished
    if best.trial == ENSEMBLE and solved is not None:
        name = f"{name} of {count(len(solved.trials), 'trial')}"
        if len(solved.trials) == 1:
            name = f"{code(view.state.trials[solved.trials[0]].name)} alone"
    words = [f"Model: {name}, from {_models(view)}"]
    if best.score is not None:
        words[0] += f"; {metric_short(best.metric)} {score(best.score)} in validation"
        if end is not None and end.test_score is not None:
            words[0] += ", on rows that it was chosen by: trust the score on test rows"
    words[0] += "."
    if end is not None and end.best is not None:
        words.append(refit_words(view.state, end.best, end.refitted))
    if view.status == RunStatus.STOPPED:
        words.append("Stopped before the end of its budget; everything trained so far is kept.")
    elif view.state.reason:
        words.append(escape_markdown(view.state.reason))
    return " ".join(part for part in words if part)


def _models(view: RunView) -> str:
    return f"{count(count_models(view.rows), 'model')} trained in {seconds(int(view.worked))}"


def _to_models() -> None:
    if st.button("View the models", type="primary", icon=":material/leaderboard:", key="to_models"):
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
    kept = count_models(view.rows)
    have = f"{count(kept, 'finished model')} of it can be used." if kept else "It left no model."
    st.warning(
        f"**This run was interrupted:** the process that trained it is gone. {have}",
        icon=":material/power_off:",
    )
    st.caption("The id of this run, for whoever looks into it:")
    st.code(view.run_id, language=None)
    if view.best:
        _to_models()
