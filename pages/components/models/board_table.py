"""The board as a table: what its columns hold, and what they are called.

Plain values, so that the browser can sort them; draws nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from automl_core.charts import metric_short, number
from automl_core.evaluation import BADGE_RULES, relative_gain
from automl_core.metrics import METRICS
from automl_core.runs import BoardRow
from automl_core.runs.record import OUTSIDE_FAMILY, LeaderRow
from pages.components.shared import DEVICE, column_config, leaderboard_columns

INTERVAL, BEHIND, BADGES, CURVE, GAP = "Interval", "Behind", "Badges", "Curve", "Gap"
COLUMNS = {
    "Rank": "Place",
    "Model": "Model",
    BADGES: "Badges",
    "Score": "Score",
    INTERVAL: "Interval of the score",
    BEHIND: "Behind the reference",
    "Over baseline": "Over the baseline",
    CURVE: "Learning curve",
    GAP: "Gap to training",
    "Train time": "Training time",
    "Predict": "Prediction time",
    "Size": "Size",
    "Status": "Status",
    "Family": "Family",
    DEVICE: DEVICE,
}
"""By column, what it is called where columns are chosen."""
ALWAYS = ("Rank", "Model", "Score")
AT_FIRST = tuple(name for name in COLUMNS if name not in ("Family", DEVICE, *ALWAYS))
MOST_LINES = 1_000
LEAST_SHOWN = 1e-4  # of a number without an exponent
COLOURS = {
    "Recommended": "orange",
    "Best": "green",
    "Fastest": "blue",
    "Smallest": "violet",
    "Tied": "gray",
}


@dataclass(frozen=True)
class BoardTable:
    """What `st.dataframe` takes."""

    values: dict[str, list[Any]]
    config: dict[str, Any]


def board_table(lines: Sequence[BoardRow], metric: str, is_over: bool) -> BoardTable:
    """All columns of the board by `metric`, in the order of the lines."""
    lines = lines[:MOST_LINES]
    base = next((line.score for line in lines if line.row.family == "constant"), None)
    rows = [_scored(line, metric, base) for line in lines]
    if any(row.metric != metric and row.score is not None for row in rows):
        places = {line.row.trial: 1 + i for i, line in enumerate(lines) if line.score is not None}
        rows = [replace(row, rank=places.get(row.trial)) for row in rows]
    values = leaderboard_columns(rows, is_over)
    outside = [row.family == OUTSIDE_FAMILY for row in rows]
    words = zip(outside, values["Status"], strict=True)
    values["Status"] = ["From outside" if is_out else status for is_out, status in words]
    times = zip(outside, values["Train time"], strict=True)
    values["Train time"] = [None if is_out else seconds for is_out, seconds in times]
    values |= {
        BADGES: [list(line.badges) for line in lines],
        INTERVAL: [_interval(line) for line in lines],
        BEHIND: [_behind(line) for line in lines],
        CURVE: [_curve(line) for line in lines],
        GAP: [_gap(line) for line in lines],
    }
    return BoardTable({name: values[name] for name in COLUMNS}, _config(rows, metric))


def _scored(line: BoardRow, metric: str, base: float | None) -> LeaderRow:
    """The row with its score by the board's metric."""
    if line.row.metric == metric and line.compared is None:
        return line.row
    gain = None
    if line.score is not None and base is not None:
        gain = relative_gain(metric, line.score, base)
    return replace(line.row, score=line.score, gain=gain)


def _interval(line: BoardRow) -> str | None:
    found = line.compared
    if found is None or found.low is None or found.high is None:
        return None
    return f"{number(found.low)} to {number(found.high)}"


def _behind(line: BoardRow) -> str | None:
    found = line.compared
    if found is None:
        return None
    if found.behind == 0 and not found.behind_high:
        return "reference"
    return signed_interval(found.behind, found.behind_low, found.behind_high)


def with_interval(value: float, low: float | None, high: float | None) -> str:
    """A score with its interval: `0.9123 (0.89 to 0.93)`."""
    said = number(value)
    return said if low is None or high is None else f"{said} ({number(low)} to {number(high)})"


def signed_interval(value: float, low: float | None, high: float | None) -> str:
    """A difference with its sign, and its interval: `+0.0012 (−0.0029 to +0.0053)`.

    What is nothing beside an end of the interval has its four decimals, and no exponent.
    """
    if low is None or high is None:
        return _signed(value)
    widest = max(map(abs, (value, low, high)))
    shown = [
        round(one, 4) if abs(one) < LEAST_SHOWN <= widest else one for one in (value, low, high)
    ]
    middle, *ends = map(_signed, shown)
    return f"{middle} ({' to '.join(ends)})"


def _signed(value: float) -> str:
    return f"{'−' if value < 0 else '+'}{number(abs(value))}"


def _curve(line: BoardRow) -> list[float] | None:
    known = line.curve is not None and line.curve.validation
    return list(line.curve.validation) if known and line.curve is not None else None


def _gap(line: BoardRow) -> float | None:
    return None if line.curve is None or line.curve.gap is None else 100 * line.curve.gap


def _config(rows: Sequence[LeaderRow], metric: str) -> dict[str, Any]:
    m = METRICS[metric]
    words = st.column_config.TextColumn
    rules = "; ".join(f"{name}: {rule}" for name, rule in BADGE_RULES.items())
    return column_config(rows, metric) | {
        BADGES: st.column_config.MultiselectColumn(
            options=list(BADGE_RULES), color=[COLOURS[name] for name in BADGE_RULES],
            width=150, help=rules,
        ),
        INTERVAL: words(
            f"{metric_short(metric)}, 95 %", width=118,
            help=f"95 % interval of {m.title}, by a bootstrap of the rows that all compared models "
            "have predicted",
        ),
        BEHIND: words(
            "Behind", width=168,
            help="By how much it is worse than the reference, with the 95 % interval of the "
            "difference on the same resampled rows; below 0: better. By the run's metric the "
            "reference is the recommended model, by another one the best",
        ),
        CURVE: st.column_config.LineChartColumn(
            width=86, help="Loss on validation rows while it was trained, the mean of its folds; "
            "lower is better",
        ),
        GAP: st.column_config.NumberColumn(
            "Gap", format="%+.0f %%", width=56,
            help="By how much the loss on training rows is lower than that on validation rows, "
            "where that is least: a large gap means that it knows its training rows by heart",
        ),
    }  # fmt: skip
