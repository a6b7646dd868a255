"""Make it light: accuracy against size and time, and the best model within a limit to take away.

Nothing is computed here: a job averages, times and trains, and the tab shows what it has so far.
"""

from __future__ import annotations

import math
from functools import partial

import streamlit as st

from automl_core.charts import Cost, draw_trade_off, light_trade_off
from automl_core.errors import AutoMLError
from automl_core.runs import (
    LightJob,
    LightLimits,
    LightModel,
    LightModels,
    Version,
    best_within,
    get_manager,
    light_bundle,
    light_words,
    load_light_models,
)
from automl_core.runs.record import LeaderRow, best_model
from automl_core.words import megabytes
from pages.components.shared import OpenRun, draw_chart, frame, score_digits, text

POLL_SECONDS = 1.0
COSTS: dict[str, Cost] = {"Time of one row": "time", "Size": "size"}
STEPS = 40  # of a slider, from the lightest to the heaviest model
INTRO = (
    "Averages of fewer models, single ones, and a student: one small network that learns what the "
    "run's model predicts. Of the run's model, its best network and the student also files for "
    "ONNX Runtime, exact and rounded to float16 and int8; of TabM fewer members. Each is measured "
    "here; points arrive while you watch, for two or three minutes."
)
HOW = (
    "Scores are of rows that no part of a model had seen; lines are 95 % intervals, filled points "
    "are tied with the run's model. The student is compared on the test rows, and stands as far "
    "from the run's model as it was there. A rounded file has a score of its own; an exact one "
    "says what its model says. Times are those of this machine, one row by itself, reading the row "
    "apart; of an ONNX file those of ONNX Runtime, and its size is that of `model.onnx`."
)


def draw_light(run: OpenRun, row: LeaderRow) -> None:
    """The lighter models of the run, or the button that looks for them."""
    del row  # the same for all models: they are lighter than the run's own
    final = best_model(run.state, run.spec.metric)
    if run.state.status.active or final is None:
        st.caption("Once the run has ended, lighter models can be made of what it trained.")
        return
    job = get_manager().jobs.light_job(run.folder)
    if job is not None and not job.done.done():
        _draw_running(run, job)
        return
    if job is not None and (error := job.done.exception()) is not None:
        if not isinstance(error, AutoMLError):
            raise error
        frame.show_error(error)
    found = load_light_models(run.folder, final.number)
    if found is None:
        _draw_start(run, "Look for lighter models")
        return
    _draw_choice(run, found)
    _draw_models(found, f"light_{run.name}")
    if not found.done:
        _draw_start(run, "Look again")


def _draw_start(run: OpenRun, label: str) -> None:
    get_manager().jobs.explainer()  # it is ready by the time that the button is pressed
    if st.button(label, icon=":material/weight:", key="light_start", type="primary"):
        get_manager().jobs.lighten(run.folder)
        st.rerun()
    st.caption(INTRO)


def _draw_running(run: OpenRun, job: LightJob) -> None:
    """What is known so far, drawn again each second."""

    @st.fragment(run_every=POLL_SECONDS)
    def running() -> None:
        if job.done.done():
            st.rerun()
        with st.container(horizontal=True, vertical_alignment="center"):
            st.status(f"{text.escape_markdown(job.step)} …", state="running", type="compact")
            if st.button("Stop, and keep what is known", key="light_stop"):
                job.cancel()
        if job.latest is not None and job.latest.models:
            _draw_models(job.latest, f"light_running_{run.name}")

    running()


def _draw_choice(run: OpenRun, found: LightModels) -> None:
    """Two limits, and the best model within them with what it means."""
    own = best_model(run.state, run.spec.metric)
    assert own is not None
    with st.container(border=True, key="light_choice"):
        st.markdown("**The best model that keeps within your limits**")
        left, right = st.columns(2)
        with left:
            most_ms = _slider(
                "Milliseconds for one row, at most",
                [model.costs.row_ms for model in found.models],
                f"light_ms_{run.name}",
            )
        with right:
            most_bytes = _slider(
                "Megabytes, at most",
                [model.costs.size_bytes / 1e6 for model in found.models],
                f"light_mb_{run.name}",
            )
        onnx = any(model.is_onnx for model in found.models) and st.toggle(
            "Files for ONNX Runtime, too",
            value=True,
            key=f"light_onnx_{run.name}",
            help="They come with a scorer and run without Torchlight, which does not load them.",
        )
        chosen = best_within(found, LightLimits(most_ms, round(most_bytes * 1e6), onnx))
        if chosen is None:
            st.warning(
                "No model keeps within both limits. Move one of them to the right.",
                icon=":material/block:",
            )
            return
        st.markdown(text.escape_markdown(light_words(found, chosen)))
        st.download_button(
            f"Download {text.escape_markdown(chosen.name)}",
            data=partial(light_bundle, run.folder, own, chosen, get_manager().jobs.predict_cells),
            file_name=f"{chosen.name}-{run.name}.zip",
            mime="application/zip",
            type="primary",
            icon=":material/download:",
            on_click="ignore",
            key="light_download",
        )


def _slider(label: str, values: list[float], key: str) -> float:
    """A limit between the least and the most of the values, in steps of equal ratio."""
    low, high = min(values), max(values)
    if not 0 < low < high:
        st.caption(f"{label}: all models cost the same.")
        return math.inf if high <= 0 else high
    ratio = (high / low) ** (1 / STEPS)
    steps = [_rounded_up(low * ratio**step) for step in range(STEPS + 1)]
    options = sorted(set(steps))
    return float(st.select_slider(label, options, value=options[-1], key=key))


def _rounded_up(value: float) -> float:
    """Up to two digits, so that a limit never excludes the model that it stands for."""
    place = 10.0 ** (math.floor(math.log10(value)) - 1)
    return float(f"{math.ceil(value / place - 1e-9) * place:.2g}")


def _draw_models(found: LightModels, key: str) -> None:
    """The chart and the table of all models."""
    with st.container(border=True, key="light_models"):
        title = st.segmented_control(
            "Cost",
            list(COSTS),
            default="Time of one row",
            required=True,
            key=f"{key}_cost",
            label_visibility="collapsed",
        )
        cost = COSTS[title or "Time of one row"]
        points = light_trade_off(found, cost)
        st.markdown(text.escape_markdown(points.sentence))
        if len(points.points) > 1:
            drawing = draw_trade_off(points)
            draw_chart(drawing.figure(), f"{key}_{cost}", drawing.alt)
        _draw_table(found.models)
        st.caption(HOW)


def _draw_table(models: tuple[LightModel, ...]) -> None:
    digits = score_digits([model.compared.score for model in models])
    st.dataframe(
        {
            "Model": [model.name for model in models],
            "Made of": [_made_of(model) for model in models],
            "Score": [model.compared.score for model in models],
            "Tied": [model.compared.tied for model in models],
            "One row": [model.costs.row_ms for model in models],
            "Each of many": [model.costs.ms_per_row for model in models],
            "Size": [megabytes(model.costs.size_bytes) for model in models],
        },
        hide_index=True,
        column_config={
            "Score": st.column_config.NumberColumn(format=f"%,.{digits}f"),
            "Tied": st.column_config.CheckboxColumn(
                help="The difference to the run's model may be chance."
            ),
            "One row": st.column_config.NumberColumn(
                format="%.3g ms", help="Time of one row by itself."
            ),
            "Each of many": st.column_config.NumberColumn(
                format="%.3g ms", help="Time a row where many are predicted together."
            ),
            "Size": st.column_config.NumberColumn(format="%g MB", help="Of the model's files."),
        },
        alt="The lighter models: score, time and size of each",
    )


def _made_of(model: LightModel) -> str:
    if model.version is not None:
        return _version_words(model.version)
    match model.kind:
        case "student":
            return "one network"
        case "trial":
            return "one trial"
        case _:
            return text.count(len(model.trials), "trial")


def _version_words(version: Version) -> str:
    match version.form:
        case "members":
            return f"{version.of}, {text.count(version.members, 'member')} of it"
        case "onnx":
            return f"{version.of} as an ONNX file"
        case rounded:
            return f"{version.of} as an ONNX file, rounded to {rounded}"
