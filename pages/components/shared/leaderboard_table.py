"""The leaderboard as a table, for the live view and for the Models page.

Knows nothing about how trials are ranked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import streamlit as st

from automl_core.charts import metric_short
from automl_core.metrics import METRICS, Metric
from automl_core.runs.record import LeaderRow, count_models, status_words
from automl_core.words import megabytes
from pages.components.shared.text import one_line

DEVICE = "Trained on"
MOST = 1_000  # rows of a table that is sent again each second


def leaderboard_columns(rows: Sequence[LeaderRow], is_over: bool = True) -> dict[str, list[Any]]:
    """The table's columns: plain values, so that the browser can sort them."""
    return {
        "Rank": [r.rank for r in rows],
        "Model": [one_line(r.name) for r in rows],
        "Status": [status_words(r, is_over) for r in rows],
        "Score": [r.score for r in rows],
        "Over baseline": [None if r.gain is None else 100 * r.gain for r in rows],
        "Train time": [r.train_seconds for r in rows],
        "Predict": [
            None if r.predict_ms_per_row is None else round(r.predict_ms_per_row, 4) for r in rows
        ],
        "Size": [megabytes(r.size_bytes) for r in rows],
        "Family": [one_line(r.title) for r in rows],
        DEVICE: [one_line(", ".join(r.devices)) or None for r in rows],
    }


def tells_devices(rows: Iterable[LeaderRow]) -> bool:
    """True where the models were trained on more than the processor of one machine."""
    return len({device for row in rows for device in row.devices}) > 1


def score_digits(scores: Iterable[float | None]) -> int:
    """Digits after the point, the same for a whole column."""
    largest = max((abs(score) for score in scores if score is not None), default=0.0)
    return 4 if largest < 10 else 2 if largest < 1000 else 0


def column_config(rows: Sequence[LeaderRow], metric: str) -> dict[str, Any]:
    """Titles with units and directions."""
    digits = score_digits([r.score for r in rows])
    m = METRICS[metric]
    direction = "higher is better" if m.higher_is_better else "lower is better"
    number = st.column_config.NumberColumn
    return {
        "Rank": number("#", width=30, help="Place among the models scored on all held-out rows"),
        "Model": st.column_config.TextColumn(width=98),
        "Status": st.column_config.TextColumn(
            width=92,
            help="Recommended: what the run ended with. Pruned: stopped early, as it was clearly "
            "behind the others",
        ),
        "Score": number(
            metric_short(metric), format=f"%,.{digits}f", width=56,
            help=f"{m.title} on rows held out of training; {direction}",
        ),
        "Over baseline": number(
            "vs. baseline", format="%+.0f %%", width=76,
            help=_baseline_help(m),
        ),
        "Train time": number("Train, s", format="%.1f", width=50, help="Seconds, all folds"),
        "Predict": number(
            "ms/row", format="%.3g", width=54, help="Milliseconds to predict a row, in batches"
        ),
        "Size": number("MB", format="%g", width=62, help="Size of the stored model"),
        "Family": st.column_config.TextColumn(),
        DEVICE: st.column_config.TextColumn(width=110, help="What its folds were trained on"),
    }  # fmt: skip


def _baseline_help(metric: Metric) -> str:
    if metric.name == "r2":
        return "Share of the variation that the model explains beyond the baseline, the mean"
    word = "higher" if metric.higher_is_better else "lower"
    return (
        f"By how much of the baseline's score it is better, which means {word}; the baseline gives "
        "every row the same answer. Below 0: worse"
    )


def leaderboard_alt(rows: Sequence[LeaderRow]) -> str:
    """What the table is, in words."""
    models = count_models(rows)
    return f"Leaderboard of {models} model{'' if models == 1 else 's'}, best first"


def show_leaderboard(
    rows: Sequence[LeaderRow], metric: str, key: str, height: int, is_over: bool
) -> None:
    """The table as it is now; keeps its height while it grows, so that nothing below jumps."""
    columns = leaderboard_columns(rows[:MOST], is_over)
    hidden = {"Family"}  # the names begin with it
    if not tells_devices(rows):
        hidden.add(DEVICE)
    with st.container(key=key):
        st.dataframe(
            columns,
            hide_index=True,
            height=height,
            placeholder="–",
            column_order=[c for c in columns if c not in hidden],
            column_config=column_config(rows, metric),
            alt=leaderboard_alt(rows),
        )
        if len(rows) > MOST:
            st.caption(f"The first {MOST:,} of {len(rows):,} rows.")
