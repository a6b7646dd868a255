"""Costs of columns: a point a set of columns, its price against its score, and the front.

Takes the records of evaluation/column_costs.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from automl_core.charts.drawing import Drawing, Trace, escape, number, rounded
from automl_core.charts.theme import BASELINE, BASELINE_DASH, BEST, GREY, VALID, layout
from automl_core.evaluation import ColumnFrontier, PricedSet
from automl_core.metrics import METRICS
from automl_core.words import count

LISTED = 8  # columns of a set that are named
USUAL, TIED, CHEAPEST = "worse beyond chance", "not told apart from all", "cheapest of these"


def draw_column_costs(found: ColumnFrontier, unit: str = "", height: int = 360) -> Drawing:
    """Points with 95 % intervals, the front as steps, all columns as a dotted line.

    `unit` is what a price is in, as the user calls it. A number of columns stands at each point.
    """
    metric = METRICS[found.metric]
    better = "higher" if metric.higher_is_better else "lower"
    traces = [_every(found), *_front(found)]
    for name, colour, symbol in (
        (USUAL, GREY, "circle-open"),
        (TIED, VALID, "circle"),
        (CHEAPEST, BEST, "diamond"),
    ):
        sets = [item for item in found.sets if _kind(found, item) == name]
        if sets:
            traces.append(_points(sets, name, (colour, symbol)))
    what = f"Price of the columns{f', {escape(unit, 40)}' if unit else ''}"
    shape = layout(what, f"{metric.title}, {better} is better", height)
    shape["showlegend"] = True
    shape["xaxis"] |= {"showgrid": True, "rangemode": "tozero"}
    words = "; ".join(
        f"{count(len(s.columns), 'column')}, price {number(s.price)}: {number(s.compared.score)}"
        for s in found.sets[:12]
    )
    alt = f"Score against the price of columns. {escape(found.sentence, 500)} {words}."
    return Drawing(tuple(traces), shape, alt)


def _kind(found: ColumnFrontier, item: PricedSet) -> str:
    if found.cheapest is not None and item.columns == found.cheapest.columns:
        return CHEAPEST
    return TIED if item.compared.tied else USUAL


def _every(found: ColumnFrontier) -> Trace:
    """The score of all columns across the chart."""
    last = max(item.price for item in found.sets)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "all columns",
        "x": [0.0, rounded(last)],
        "y": [rounded(found.every.compared.score)] * 2,
        "line": {"color": BASELINE, "dash": BASELINE_DASH, "width": 1.5},
        "hoverinfo": "skip",
    }


def _front(found: ColumnFrontier) -> list[Trace]:
    front = [item for item in found.sets if item.on_front]
    if len(front) < 2:
        return []
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "name": "front: none cheaper and better",
            "x": [rounded(item.price) for item in front],
            "y": [rounded(item.compared.score) for item in front],
            "line": {"color": GREY, "width": 1.5, "dash": "dash", "shape": "hv"},
            "hoverinfo": "skip",
        }
    ]


def _points(sets: Sequence[PricedSet], name: str, look: tuple[str, str]) -> Trace:
    colour, symbol = look
    scores = [item.compared for item in sets]
    return {
        "type": "scatter",
        "mode": "markers+text",
        "name": name,
        "x": [rounded(item.price) for item in sets],
        "y": [rounded(s.score) for s in scores],
        "text": [str(len(item.columns)) for item in sets],
        "textposition": "bottom right",
        "textfont": {"size": 11},
        "marker": {"color": colour, "size": 10, "symbol": symbol, "line": {"width": 1.5}},
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [0.0 if s.high is None else rounded(s.high - s.score) for s in scores],
            "arrayminus": [0.0 if s.low is None else rounded(s.score - s.low) for s in scores],
            "color": colour,
            "thickness": 1.5,
            "width": 4,
        },
        "customdata": [[count(len(s.columns), "column"), _named(s)] for s in sets],
        "hovertemplate": "<b>%{customdata[0]}</b>, price %{x:,.4~g}<br>%{y:.4~g}<br>"
        "%{customdata[1]}<extra></extra>",
    }


def _named(item: PricedSet) -> str:
    names = ", ".join(escape(name, 24) for name in item.columns[:LISTED])
    more = len(item.columns) - LISTED
    return f"{names} and {more} more" if more > 0 else names
