"""The leaderboard as a table, for the live view and for the Models page.

Knows nothing about how trials are ranked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import streamlit as st

from automl_core.charts import metric_short
from automl_core.metrics import METRICS
from automl_core.runs.record import LeaderRow
from pages.components.shared.text import one_line

MOST = 1_000  # rows of a table that is sent again each second


def leaderboard_columns(rows: Sequence[LeaderRow]) -> dict[str, list[Any]]:
    """The table's columns: plain values, so that the browser can sort them."""
    return {
        "Rank": [r.rank for r in rows],
        "Model": [one_line(r.name) for r in rows],
        "Status": [r.status for r in rows],
        "Score": [r.score for r in rows],
        "Over constant": [r.delta for r in rows],
        "Train time": [r.train_seconds for r in rows],
        "Predict": [None if r.predict_ms_per_row is None else r.predict_ms_per_row for r in rows],
        "Size": [r.size_bytes for r in rows],
        "Family": [one_line(r.title) for r in rows],
    }


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
        "Rank": number("#", width=34, help="Place among the trials that have a score"),
        "Model": st.column_config.TextColumn(width=112),
        "Status": st.column_config.TextColumn(
            width=68, help="Pruned: stopped early, because it was clearly behind the others"
        ),
        "Score": number(
            metric_short(metric), format=f"%.{digits}f", width=60,
            help=f"{m.title} on rows held out of training; {direction}",
        ),
        "Over constant": number(
            "vs. const.", format=f"%+.{digits}f", width=70,
            help="How much better than always predicting the same; above 0 is better",
        ),
        "Train time": number("Train, s", format="%.1f", width=56, help="Seconds, all folds"),
        "Predict": number(
            "ms/row", format="%.3g", width=58, help="Milliseconds to predict a row, in batches"
        ),
        "Size": number("Size", format="bytes", width=58, help="Of the stored model"),
        "Family": st.column_config.TextColumn(),
    }  # fmt: skip


def show_leaderboard(
    rows: Sequence[LeaderRow], metric: str, key: str, height: int = 330, family: bool = True
) -> None:
    """The table as it is now; keeps its height while it grows, so that nothing below jumps."""
    columns = leaderboard_columns(rows[:MOST])
    with st.container(key=key):
        st.dataframe(
            columns,
            hide_index=True,
            height=height,
            placeholder="–",
            column_order=None if family else [c for c in columns if c != "Family"],
            column_config=column_config(rows, metric),
            alt=f"Leaderboard of {len(rows)} trials, best first",
        )
        if len(rows) > MOST:
            st.caption(f"The first {MOST:,} of {len(rows):,} trials.")


def pick_from_leaderboard(
    rows: Sequence[LeaderRow], metric: str, key: str, start: int = 0
) -> LeaderRow | None:
    """The table with exactly one row chosen: the one at `start` until another is."""
    if not rows:
        return None
    event: Any = st.dataframe(
        leaderboard_columns(rows[:MOST]),
        key=key,
        hide_index=True,
        placeholder="–",
        column_config=column_config(rows, metric),
        on_select="rerun",
        selection_mode="single-row-required",
        selection_default={"selection": {"rows": [min(start, MOST - 1)]}},
        alt=f"Leaderboard of {len(rows)} trials, best first; choose one",
    )
    chosen = event.selection.rows
    return rows[chosen[0]] if chosen and chosen[0] < len(rows) else rows[0]
