"""Costs of models against their scores: a point a model, and the front that none is beyond.

Takes the lines of a run's board, or its lighter models; knows nothing of how they were compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from automl_core.charts.drawing import Drawing, Trace, escape, number, rounded
from automl_core.charts.names import family_title, metric_short
from automl_core.charts.theme import BEST, GREY, family_colour, layout
from automl_core.metrics import METRICS, loss_of
from automl_core.runs import BoardRow, LightModel, LightModels
from automl_core.words import count

Cost = Literal["time", "size"]
AXES = {"time": "Prediction time, ms a row", "size": "Size of the stored model, MB"}
CHEAPER = {"time": "faster", "size": "smaller"}
FEW = 5  # models from which on the worst tenth may lie outside
WIDE = 20.0  # times that the costs differ, from which on their axis is logarithmic


@dataclass(frozen=True)
class TradePoint:
    """One model."""

    trial: int
    name: str
    family: str
    cost: float  # > 0: ms a row, or MB
    score: float
    low: float | None  # its 95 % interval
    high: float | None
    tied: bool  # with the reference
    on_front: bool = False  # no model is both cheaper and better


@dataclass(frozen=True)
class TradeOff:
    """The models of a run, cheapest first, and what to see."""

    metric: str
    cost: Cost
    points: tuple[TradePoint, ...]
    chosen: int | None  # the trial that is marked
    sentence: str


def trade_off(
    rows: Sequence[BoardRow], metric: str, cost: Cost, chosen: int | None = None
) -> TradeOff:
    """The models with a score and a known cost above 0, without the constant."""
    costs = [_cost(line, cost) for line in rows]
    points = [
        _point(line, value)
        for line, value in zip(rows, costs, strict=True)
        if line.score is not None and value is not None and line.row.family != "constant"
    ]
    return trade_off_of(points, metric, cost, chosen)


def light_trade_off(found: LightModels, cost: Cost, chosen: int | None = None) -> TradeOff:
    """The lighter models of a run; a point's trial is the model's place among them."""
    points = [_light_point(place, model, cost) for place, model in enumerate(found.models)]
    return trade_off_of(points, found.metric, cost, chosen)


def trade_off_of(
    points: Sequence[TradePoint], metric: str, cost: Cost, chosen: int | None
) -> TradeOff:
    """These models, cheapest first, with those marked that none is both cheaper and better than."""
    marked, least = [], float("inf")
    for point in sorted(points, key=lambda p: (p.cost, loss_of(metric, p.score))):
        loss = loss_of(metric, point.score)
        marked.append(replace(point, on_front=loss < least))
        least = min(least, loss)
    return TradeOff(metric, cost, tuple(marked), chosen, _sentence(marked, metric, cost))


def _cost(line: BoardRow, cost: Cost) -> float | None:
    row = line.row
    value = row.predict_ms_per_row if cost == "time" else row.size_bytes
    if value is None or not value > 0:
        return None
    return float(value) if cost == "time" else value / 1e6


def _light_point(place: int, model: LightModel, cost: Cost) -> TradePoint:
    compared, costs = model.compared, model.costs
    return TradePoint(
        place, model.name, model.family,
        costs.row_ms if cost == "time" else costs.size_bytes / 1e6,
        compared.score, compared.low, compared.high, compared.tied,
    )  # fmt: skip


def _point(line: BoardRow, cost: float) -> TradePoint:
    low = high = None
    if line.compared is not None:
        low, high = line.compared.low, line.compared.high
    assert line.score is not None
    return TradePoint(
        line.row.trial, line.row.name, line.row.family, cost, line.score, low, high,
        "Tied" in line.badges,
    )  # fmt: skip


def _sentence(points: Sequence[TradePoint], metric: str, cost: Cost) -> str:
    if len(points) < 2:
        return "There are no two models to compare."
    best = min(points, key=lambda p: loss_of(metric, p.score))
    words = (
        f"{sum(p.on_front for p in points)} of {count(len(points), 'model')} lie on the front: "
        f"no other one is both better and {CHEAPER[cost]}."
    )
    tied = [p for p in points if p.tied and p.cost < best.cost]
    if best.tied and tied:
        times = best.cost / tied[0].cost
        return (
            f"{words} {tied[0].name} is {number_of_times(times)} {CHEAPER[cost]} than {best.name}, "
            "the best, and statistically as good."
        )
    return f"{words} Best is {best.name}."


def number_of_times(times: float) -> str:
    """`1.4 times`, `12 times`."""
    return f"{times:.1f} times" if times < 10 else f"{times:,.0f} times"


def draw_trade_off(found: TradeOff) -> Drawing:
    """Points in the colour of their family, filled where tied; the front as a line of steps.

    Each point carries its trial's number as the first of its `customdata`.
    """
    families = sorted({point.family for point in found.points})
    traces = [*_front(found), *_mark(found)]
    traces += [_points(found, family) for family in families]
    higher = METRICS[found.metric].higher_is_better
    title = f"{metric_short(found.metric)} ({'higher' if higher else 'lower'} is better)"
    shape = layout(AXES[found.cost], title, height=380)
    shape["showlegend"] = True
    shape["xaxis"]["showgrid"] = True
    costs = [point.cost for point in found.points]
    if costs and max(costs) > WIDE * min(costs):
        shape["xaxis"] |= {"type": "log", "dtick": "D2", "tickformat": ",~g"}  # 1, 2, 5
    if window := _window(found, higher):
        shape["yaxis"]["range"] = window
    alt = f"{title} against {AXES[found.cost].lower()}. {escape(found.sentence, 400)}"
    return Drawing(tuple(traces), shape, alt)


def _front(found: TradeOff) -> list[Trace]:
    front = [point for point in found.points if point.on_front]
    if len(front) < 2:
        return []
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "uid": "front",
            "name": "front",
            "x": [rounded(point.cost) for point in front],
            "y": [rounded(point.score) for point in front],
            "line": {"color": GREY, "width": 1.5, "dash": "dash", "shape": "hv"},
            "hoverinfo": "skip",
        }
    ]


def _mark(found: TradeOff) -> list[Trace]:
    """A ring around the model that is shown on the page."""
    chosen = [point for point in found.points if point.trial == found.chosen]
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "uid": "chosen",
            "name": "shown above",
            "x": [rounded(point.cost)],
            "y": [rounded(point.score)],
            "marker": {
                "size": 19, "symbol": "circle-open", "color": BEST, "line": {"width": 2.5},
            },
            "hoverinfo": "skip",
        }
        for point in chosen
    ]  # fmt: skip


def _points(found: TradeOff, family: str) -> Trace:
    mine = [point for point in found.points if point.family == family]
    colour = family_colour(family)
    return {
        "type": "scatter",
        "mode": "markers",
        "uid": f"trade-{family}",
        "name": escape(family_title(family)),
        "x": [rounded(p.cost) for p in mine],
        "y": [rounded(p.score) for p in mine],
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [0.0 if p.high is None else rounded(p.high - p.score) for p in mine],
            "arrayminus": [0.0 if p.low is None else rounded(p.score - p.low) for p in mine],
            "thickness": 1,
            "width": 0,
            "color": colour,
        },
        "marker": {
            "size": 10,
            "color": colour,
            "symbol": ["circle" if p.tied else "circle-open" for p in mine],
            "line": {"width": 1.5, "color": colour},
        },
        "customdata": [
            [
                p.trial,
                escape(p.name, 60),
                "" if p.low is None or p.high is None
                else f", 95 % interval {number(p.low)} to {number(p.high)}",
                "<br>tied with the reference" if p.tied else "",
            ]
            for p in mine
        ],
        "hovertemplate": "<b>%{customdata[1]}</b><br>%{y:,.5~g}%{customdata[2]}<br>"
        + ("%{x:,.3~g} ms a row" if found.cost == "time" else "%{x:,.3~g} MB")
        + "%{customdata[3]}<extra></extra>",
    }  # fmt: skip


def _window(found: TradeOff, higher: bool) -> list[float]:
    """A range that leaves out the worst tenth of many models; [] where all are to be seen."""
    if len(found.points) < FEW:
        return []
    scores = np.array([point.score for point in found.points])
    worst = float(np.quantile(scores, 0.1 if higher else 0.9))
    ends = [
        value
        for point in found.points
        if (point.score >= worst if higher else point.score <= worst)
        for value in (point.score, point.low, point.high)
        if value is not None
    ]
    edge = 0.06 * (max(ends) - min(ends)) or 0.01 * abs(max(ends)) or 1.0
    return [rounded(min(ends) - edge), rounded(max(ends) + edge)]
