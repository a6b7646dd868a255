"""The distribution of the target: bars of classes, or a histogram of values.

Knows nothing about how a target is described (table/inference/target.py), only the description.
"""

from __future__ import annotations

from itertools import pairwise

from automl_core.charts.drawing import Drawing, Trace, escape, number
from automl_core.charts.theme import VALID, layout
from automl_core.table.inference import TargetSummary
from automl_core.words import percent

MOST_CLASSES = 10
HEIGHT = 270
ROOM = 1.35  # of the longest bar, for the text behind it


def draw_target(summary: TargetSummary) -> Drawing:
    """Classes by size with their shares; for numbers, rows by value."""
    if summary.task == "regression":
        return _histogram(summary)
    return _classes(summary)


def _classes(summary: TargetSummary) -> Drawing:
    shown = list(zip(summary.names, summary.counts, strict=True))
    shown.sort(key=lambda pair: -pair[1])
    more = len(shown) - MOST_CLASSES
    shown = shown[:MOST_CLASSES]
    total = max(1, sum(summary.counts))
    places = list(range(len(shown)))
    trace: Trace = {
        "type": "bar",
        "orientation": "h",
        "y": places,
        "x": [n for _, n in shown],
        "text": [f"{n:,} ({percent(n / total)})" for _, n in shown],
        "textposition": "outside",  # inside, it shrinks to the bar and turns
        "cliponaxis": False,
        "customdata": [escape(label, 80) for label, _ in shown],
        "marker": {"color": VALID},
        "hovertemplate": "<b>%{customdata}</b>: %{text}<extra></extra>",
    }
    title = "Rows" if more <= 0 else f"Rows, {MOST_CLASSES} largest classes ({more:,} not shown)"
    shape = layout(title, height=HEIGHT)
    shape["margin"]["t"] = 8
    shape["xaxis"]["range"] = [0, ROOM * max((n for _, n in shown), default=1)]
    shape["yaxis"] |= {
        "tickvals": places,
        "ticktext": [escape(label, 24) + " " for label, _ in shown],
        "range": [len(places) - 0.5, -0.5],
        "showgrid": False,
    }
    shape |= {"showlegend": False, "bargap": 0.3}
    return Drawing((trace,), shape, f"Rows of each of the {len(summary.labels)} classes.")


def _histogram(summary: TargetSummary) -> Drawing:
    edges = summary.histogram_edges
    middle = [(a + b) / 2 for a, b in pairwise(edges)]
    trace: Trace = {
        "type": "bar",
        "x": middle,
        "y": list(summary.histogram),
        "width": [b - a for a, b in pairwise(edges)],
        "customdata": [f"{number(a)} to {number(b)}" for a, b in pairwise(edges)],
        "marker": {"color": VALID, "line": {"width": 0}},
        "hovertemplate": "%{customdata}: %{y:,} rows<extra></extra>",
    }
    shape = layout(escape(summary.target), "Rows", height=HEIGHT)
    shape["margin"]["t"] = 8
    shape |= {"showlegend": False, "bargap": 0.05}
    return Drawing((trace,), shape, f"Rows by value of {escape(summary.target)}.")
