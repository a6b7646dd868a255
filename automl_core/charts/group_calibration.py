"""Calibration by group: the curve of a few groups, and the error of each with its interval.

Takes the records of evaluation/group_calibration.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from automl_core.charts.drawing import PERCENT_AXIS, Drawing, Trace, escape, number, rounded
from automl_core.charts.theme import (
    BASELINE,
    BASELINE_DASH,
    BEST,
    DASHES,
    SERIES,
    VALID,
    layout,
)
from automl_core.evaluation import GroupCalibration
from automl_core.words import count

CURVES = 4  # groups that are drawn over each other
ROW, EDGE = 30, 90  # pixels of a row, and of the axis with its title
SYMBOLS = ("circle", "square", "diamond", "triangle-up")


def curves_shown(found: GroupCalibration, wanted: Sequence[str] = ()) -> tuple[str, ...]:
    """The groups whose curves are drawn: those wanted, else the least and the most off first."""
    labels = [group.label for group in found.groups]
    if wanted:
        return tuple(label for label in labels if label in wanted)[:CURVES]
    ordered = sorted(found.groups, key=lambda group: group.error)
    ends = [g.label for pair in zip(ordered[::-1], ordered, strict=True) for g in pair]
    chosen = list(dict.fromkeys(ends))[:CURVES]
    return tuple(label for label in labels if label in chosen)


def draw_group_calibration(
    found: GroupCalibration, what: str, wanted: Sequence[str] = ()
) -> Drawing:
    """A line a group, at most CURVES, with intervals; on the dotted line nothing is off.

    `what` is the outcome, or the target with its unit.
    """
    chosen = curves_shown(found, wanted)
    groups = [group for group in found.groups if group.label in chosen]
    scale = 100 if found.share else 1
    ends = [v for g in groups for v in (*g.predicted, *g.actual)] or [0.0, 1.0]
    low, high = (0.0, 1.0) if found.share else (min(ends), max(ends))
    traces: list[Trace] = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": "as predicted",
            "x": [rounded(scale * low), rounded(scale * high)],
            "y": [rounded(scale * low), rounded(scale * high)],
            "line": {"color": BASELINE, "dash": BASELINE_DASH, "width": 1.5},
            "hoverinfo": "skip",
        }
    ]
    for i, group in enumerate(groups):
        pairs = list(zip(group.actual, group.low, group.high, strict=True))
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": escape(group.label),
                "x": [rounded(scale * v) for v in group.predicted],
                "y": [rounded(scale * v) for v in group.actual],
                "line": {"color": SERIES[i], "dash": DASHES[i], "width": 2},
                "marker": {"color": SERIES[i], "size": 8, "symbol": SYMBOLS[i]},
                "error_y": {
                    "type": "data",
                    "symmetric": False,
                    "array": [rounded(scale * (h - a)) for a, _, h in pairs],
                    "arrayminus": [rounded(scale * (a - v)) for a, v, _ in pairs],
                    "color": SERIES[i],
                    "thickness": 1.2,
                    "width": 3,
                },
                "hovertemplate": f"<b>{escape(group.label, 60)}</b><br>predicted %{{x:,.4~g}}"
                "<br>actual %{y:,.4~g}<extra></extra>",
            }
        )
    name = escape(what, 40)
    titles = (f"Predicted {name}", f"Actual {name}")
    if found.share:
        titles = (f"Predicted probability of “{name}”", f"Share that is “{name}”")
    shape = layout(*titles, height=360)
    shape["showlegend"] = True
    if found.share:
        right = max((v for g in groups for v in g.predicted), default=1.0)
        top = max((v for g in groups for v in g.high), default=1.0)
        shape["xaxis"] |= {"range": [0, rounded(100 * min(1.0, 1.05 * right))]} | PERCENT_AXIS
        shape["yaxis"] |= {"range": [0, rounded(100 * min(1.0, 1.05 * top))]} | PERCENT_AXIS
    drawn = ", ".join(escape(label) for label in chosen)
    alt = f"Calibration by group, drawn for {drawn}. {escape(found.sentence, 400)}"
    return Drawing(tuple(traces), shape, alt)


def draw_group_errors(found: GroupCalibration, unit: str) -> Drawing:
    """A point a group, its expected calibration error with the 95 % interval.

    Groups that are off by more than chance stand in the colour of note.
    """
    scale = 100 if found.share else 1
    groups = found.groups
    traces: list[Trace] = []
    for name, colour, off in (
        ("may be chance", VALID, False),
        ("off by more than chance", BEST, True),
    ):
        places = [i for i, group in enumerate(groups) if (group.label in found.off) == off]
        if not places:
            continue
        mine = [groups[i] for i in places]
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": name,
                "x": [rounded(scale * g.error) for g in mine],
                "y": places,
                "marker": {"color": colour, "size": 9},
                "error_x": {
                    "type": "data",
                    "symmetric": False,
                    "array": [rounded(scale * (g.error_high - g.error)) for g in mine],
                    "arrayminus": [rounded(scale * (g.error - g.error_low)) for g in mine],
                    "color": colour,
                    "thickness": 1.5,
                    "width": 4,
                },
                "customdata": [[escape(g.label, 60), count(g.rows, "row")] for g in mine],
                "hovertemplate": "<b>%{customdata[0]}</b>, %{customdata[1]}<br>"
                "off by %{x:,.3~g}<extra></extra>",
            }
        )
    in_what = "percentage points" if found.share else escape(unit, 40)
    shape = layout(
        f"Expected calibration error, {in_what}", height=EDGE + ROW * max(2, len(groups))
    )
    shape["showlegend"] = True
    shape["xaxis"] |= {"showgrid": True, "rangemode": "tozero"}
    shape["yaxis"] |= {
        "tickvals": list(range(len(groups))),
        "ticktext": [escape(group.label, 26) + " " for group in groups],
        "range": [len(groups) - 0.5, -0.5],
        "showgrid": False,
    }
    words = "; ".join(f"{escape(g.label)}: {number(scale * g.error)}" for g in groups[:8])
    return Drawing(tuple(traces), shape, f"Expected calibration error by group. {words}.")
