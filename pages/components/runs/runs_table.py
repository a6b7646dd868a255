"""The runs of the workspace as a table with one row chosen.

Knows nothing of what can be done with a run.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from automl_core.charts import metric_short
from automl_core.metrics import METRICS
from automl_core.runs import RunSummary
from automl_core.types import RunStatus
from pages.components.shared import one_line, score, seconds

# State by sign and word: a cell of a table has no icons.
SIGNS = {
    RunStatus.WAITING: "… waiting",
    RunStatus.RUNNING: "► running",
    RunStatus.PAUSED: "‖ paused",
    RunStatus.STOPPING: "► stopping",
    RunStatus.FINISHED: "✓ finished",
    RunStatus.STOPPED: "■ stopped",
    RunStatus.FAILED: "✕ failed",
    RunStatus.INTERRUPTED: "✕ interrupted",
    RunStatus.DAMAGED: "✕ damaged",
}


def runs_columns(runs: Sequence[RunSummary]) -> dict[str, list[Any]]:
    """The table's columns: plain values, so that the browser can sort and search them."""
    return {
        "Status": [SIGNS.get(r.status, r.status) for r in runs],
        "Table": [one_line(r.name) or r.id for r in runs],
        "Target": [one_line(r.target) for r in runs],
        "Best model": [one_line(r.best) for r in runs],
        "Metric": [metric_short(r.metric) if r.metric in METRICS else r.metric for r in runs],
        "Test score": [score(r.test_score) for r in runs],
        "In validation": [score(r.score) for r in runs],
        "Trials": [r.trials for r in runs],
        "Took": [seconds(int(r.seconds)) for r in runs],
        "Started": [datetime.fromtimestamp(r.created, UTC) for r in runs],
    }


def pick_from_runs(runs: Sequence[RunSummary], start: int) -> RunSummary:
    """The table with exactly one row chosen: the one at `start` until another is."""
    text = st.column_config.TextColumn
    with st.container(key="runs_table"):
        event: Any = st.dataframe(
            runs_columns(runs),
            key="runs_table_rows",
            hide_index=True,
            column_config={
                "Status": text(width=95),
                "Table": text(width=130),
                "Target": text(width=90),
                "Best model": text(width=100),
                "Metric": text(width=60),
                "Test score": text(width=75, help="On rows that no model had seen"),
                "In validation": text(width=85, help="On rows held out of training"),
                "Trials": st.column_config.NumberColumn(width=50),
                "Took": text(width=75, help="On the run's clock"),
                "Started": st.column_config.DatetimeColumn(format="distance", width=105),
            },
            on_select="rerun",
            selection_mode="single-row-required",
            selection_default={"selection": {"rows": [start]}},
            alt=f"Table of {len(runs)} runs, newest first; choose one",
        )
    chosen = event.selection.rows
    return runs[chosen[0]] if chosen and chosen[0] < len(runs) else runs[0]
