"""The runs of the workspace as a table with one row chosen: searched, and table by table.

Knows nothing of what can be done with a run.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import streamlit as st

from automl_core.charts import metric_short
from automl_core.metrics import METRICS
from automl_core.runs import RunSummary
from automl_core.types import RunStatus
from pages.components.shared import WHY_TWO_SCORES, count, one_line, score, seconds

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
    """The table's columns: plain values, so that the browser can sort and search them.

    Where a run has a name, the names take the place of the best models.
    """
    columns: dict[str, list[Any]] = {
        "Status": [SIGNS.get(r.status, r.status) for r in runs],
        "Name": [one_line(r.name) for r in runs],
        "Table": [one_line(r.table) or r.id for r in runs],
        "Target": [one_line(r.target) for r in runs],
        "Best model": [one_line(r.best) for r in runs],
        "Metric": [metric_short(r.metric) if r.metric in METRICS else r.metric for r in runs],
        "Test score": [score(r.test_score) for r in runs],
        "In validation": [score(r.score) for r in runs],
        "Models": [r.models for r in runs],
        "Took": [seconds(int(r.seconds)) for r in runs],
        "Started": [datetime.fromtimestamp(r.created, UTC) for r in runs],
    }
    columns.pop("Best model" if any(columns["Name"]) else "Name")
    return columns


def matching(runs: Sequence[RunSummary], words: str) -> tuple[RunSummary, ...]:
    """The runs that have each of the words in their name, table, target or id, as they come."""
    wanted = words.casefold().split()
    return tuple(
        run
        for run in runs
        if all(w in f"{run.name}\n{run.table}\n{run.target}\n{run.id}".casefold() for w in wanted)
    )


def by_table(runs: Sequence[RunSummary]) -> tuple[RunSummary, ...]:
    """The runs on one table beside each other, the table whose run comes first before the rest."""
    groups: dict[str, list[RunSummary]] = {}
    for run in runs:
        groups.setdefault(run.table, []).append(run)
    return tuple(run for group in groups.values() for run in group)


def draw_search(runs: Sequence[RunSummary]) -> tuple[RunSummary, ...]:
    """The runs that are searched for, in the order of the table; a field where there are several.

    All of them, newest first, where nothing is asked for; () where none is like that.
    """
    if len(runs) < 2:
        return tuple(runs)
    tables, grouped = len({run.table for run in runs}), False
    with st.container(horizontal=True, vertical_alignment="bottom", key="runs_find"):
        words = st.text_input(
            "Search", placeholder="Name, table or target", key="runs_search", width=320
        )
        if 1 < tables < len(runs):
            grouped = st.toggle("Group by table", value=True, key="runs_grouped")
    found = matching(runs, words)
    what = count(len(runs), "run")
    st.caption(
        (f"{len(found):,} of {what}" if words.strip() else what)
        + (f", on {count(tables, 'table')}" if tables > 1 else "")
    )
    return by_table(found) if grouped else found


def pick_from_runs(runs: Sequence[RunSummary], start: int) -> RunSummary:
    """The table with exactly one row chosen: the one at `start` until another is.

    Runs in another order are another table: its choice starts afresh.
    """
    text = st.column_config.TextColumn
    order = sha256("\n".join(run.id for run in runs).encode()).hexdigest()[:12]
    with st.container(key="runs_table"):
        event: Any = st.dataframe(
            runs_columns(runs),
            key=f"runs_table_rows_{order}",
            hide_index=True,
            column_config={
                "Status": text(width=95),
                "Name": text(width=100),
                "Table": text(width=130),
                "Target": text(width=90),
                "Best model": text(width=100),
                "Metric": text(width=60),
                "Test score": text(
                    width=75, help=f"On rows that no model had seen. {WHY_TWO_SCORES}"
                ),
                "In validation": text(
                    width=85, help=f"On rows held out of training. {WHY_TWO_SCORES}"
                ),
                "Models": st.column_config.NumberColumn(width=55),
                "Took": text(width=75, help="Without pauses"),
                "Started": st.column_config.DatetimeColumn(format="distance", width=105),
            },
            on_select="rerun",
            selection_mode="single-row-required",
            selection_default={"selection": {"rows": [start]}},
            alt=f"Table of {count(len(runs), 'run')}; choose one",
        )
    chosen = event.selection.rows
    return runs[chosen[0]] if chosen and chosen[0] < len(runs) else runs[0]
