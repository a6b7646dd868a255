"""Importance of columns on unseen rows, as bars with their intervals, most important on top."""

from __future__ import annotations

from dataclasses import dataclass

from automl_core.charts.drawing import Drawing, escape, number, rounded
from automl_core.charts.names import metric_short
from automl_core.charts.theme import GREY, VALID, layout
from automl_core.explain import ColumnImportance, GroupImportance
from automl_core.metrics import METRICS
from automl_core.words import count

MOST = 15
ROW, EDGE, LEAST = 26, 70, 160  # pixels of a bar, of the axis, and of the whole


@dataclass(frozen=True)
class ColumnBars:
    """The most important groups of columns, best first."""

    groups: tuple[GroupImportance, ...]
    others: int  # groups left out
    axis: str  # what is measured, with its direction
    sentence: str  # what to see


def column_bars(found: ColumnImportance, most: int = MOST) -> ColumnBars:
    """The `most` groups whose shuffling costs most, and what they say."""
    change = "Decrease" if METRICS[found.metric].higher_is_better else "Increase"
    axis = f"{change} of {metric_short(found.metric)} when shuffled"
    shown = found.groups[:most]
    return ColumnBars(shown, len(found.groups) - len(shown), axis, importance_sentence(found))


def importance_sentence(found: ColumnImportance) -> str:
    """The column that matters most, and how many matter by no more than chance."""
    if not found.groups:
        return "Nothing is measured yet."
    first = found.groups[0]
    idle = sum(group.low <= 0 for group in found.groups)
    short = metric_short(found.metric)
    words = (
        f"{group_name(first)} matters most: without it {short} would be worse by "
        f"{number(first.mean)} (95 % interval {number(first.low)} to {number(first.high)})."
    )
    if first.low <= 0:
        words = "No column matters by more than chance on these rows."
    elif idle:
        verb = "matters" if idle == 1 else "matter"
        words += f" {count(idle, 'other')} {verb} by no more than chance: the interval has 0 in it."
    return words


def group_name(group: GroupImportance) -> str:
    """The columns that were shuffled together."""
    return " + ".join(group.columns)


def draw_column_importance(bars: ColumnBars) -> Drawing:
    """A bar a group with its interval; grey where that has 0 in it."""
    places = list(range(len(bars.groups)))
    names = [group_name(group) for group in bars.groups]
    trace = {
        "type": "bar",
        "orientation": "h",
        "x": [rounded(group.mean) for group in bars.groups],
        "y": places,
        "text": [escape(name, 80) for name in names],
        "textposition": "none",
        "marker": {"color": [VALID if group.low > 0 else GREY for group in bars.groups]},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [rounded(group.high - group.mean) for group in bars.groups],
            "arrayminus": [rounded(group.mean - group.low) for group in bars.groups],
            "color": GREY,
            "thickness": 2,
            "width": 5,
        },
        "customdata": [f"{number(g.low)} to {number(g.high)}" for g in bars.groups],
        "hovertemplate": "<b>%{text}</b><br>%{x:.4g}, 95 % interval %{customdata}<extra></extra>",
    }
    shape = layout(bars.axis, height=max(LEAST, EDGE + ROW * len(places)))
    shape |= {"showlegend": False, "bargap": 0.35}
    shape["margin"]["t"] = 8
    shape["xaxis"] |= {"showgrid": True, "zeroline": True}
    shape["yaxis"] |= {
        "tickvals": places,
        "ticktext": [escape(name, 26) + " " for name in names],
        "range": [len(places) - 0.5, -0.5],  # first on top
        "showgrid": False,
    }
    return Drawing((trace,), shape, f"Importance of columns. {bars.sentence}")
