"""Cards of the sample tables: look at one, or watch a 30-second run on it."""

from __future__ import annotations

import streamlit as st

from automl_core.errors import AutoMLError
from automl_core.runs.record import Budget, RunOptions, TrainRequest
from automl_core.runs.setup import build_spec
from automl_core.table.sample_data import SAMPLES, Sample
from pages.components.shared import (
    activity,
    code,
    count,
    escape_markdown,
    frame,
    session,
    suspects,
    table_facts,
    table_input,
    workspace,
)

TASKS = {
    "binary": ("Binary", ":material/call_split:"),
    "multiclass": ("Multiclass", ":material/category:"),
    "regression": ("Regression", ":material/show_chart:"),
}
DEMO_SECONDS = 30.0


def draw_samples() -> None:
    """One card a sample, equally high; the first one has the page's primary button."""
    with st.grid(columns=min(4, len(SAMPLES)), min_column_width=200, key="samples"):
        for place, sample in enumerate(SAMPLES):
            with st.container(border=True, height="stretch", gap="small", key=sample.name):
                _draw(sample, primary=place == 0)


def _draw(sample: Sample, primary: bool) -> None:
    task, icon = TASKS[sample.task]
    st.markdown(f"**{escape_markdown(sample.title)}**")
    with st.container(horizontal=True, gap="xsmall"):
        st.badge(task, icon=icon, color="blue")
        if sample.generated:
            st.badge("Generated", icon=":material/auto_awesome:", color="gray")
    st.caption(escape_markdown(sample.description))
    with st.container(vertical_alignment="bottom", height="stretch", gap="xsmall"):
        st.caption(f"{count(sample.rows, 'row')}, predict {code(sample.target)}")
        if st.button(
            "Live demo (30 s)",
            type="primary" if primary else "secondary",
            icon=":material/play_arrow:",
            key=f"demo_{sample.name}",
            width="stretch",
        ):
            _start_demo(sample)
        if st.button(
            "Explore data", type="tertiary", key=f"explore_{sample.name}", width="stretch"
        ):
            table_input.open_sample(sample)
            frame.go_to("Data")


def _start_demo(sample: Sample) -> None:
    try:
        with st.spinner("Preparing the table …"):
            table_input.open_sample(sample)
            run = start_demo(sample)
    except AutoMLError as error:
        frame.show_error(error)
        return
    session.set_run(run)
    frame.go_to("Train")


def start_demo(sample: Sample) -> str:
    """Start a short run on the sample, which is the current table; the run's id.

    Columns that give the target away are left out: the demo should show honest scores.
    """
    info, schema = session.current_table(), session.current_schema()
    assert info is not None and schema is not None
    table = session.current_data()
    found = table_facts.findings(info.hash, schema, sample.target)
    leaks = tuple(name for f in found if f.kind == "leak" for name in suspects(f, sample.target))
    if leaks:
        names = ", ".join(code(name) for name in leaks)
        st.toast(f"Left out of the demo, as it gives the target away: {names}", duration="long")
    request = TrainRequest(sample.target, RunOptions(Budget(seconds=DEMO_SECONDS), drop=leaks))
    spec = build_spec(table, info, schema, request, workspace())
    return activity.start_run(spec, schema)
