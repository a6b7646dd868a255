"""The effect of one column on what a model predicts, and of two columns as a map.

Takes the records of explain/effects.py: dates become dates, words their labels.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np

from automl_core.charts.drawing import Drawing, Trace, escape, number, rounded
from automl_core.charts.theme import BEST, BLUE, GREY, VALID, faded, layout
from automl_core.explain import Axis, Effect, PairEffect
from automl_core.words import percent

HEIGHT, MAP_HEIGHT = 380, 400
FLOOR = 0.2  # share of the height that the histogram has
LABEL = 18
UNLIKE = 0.7  # correlation of both methods below which they tell different stories
LEAST_INTERACTION = 0.01  # share of a joint effect
DAYS = 3 * 86_400.0  # a step between dates from which the time of day does not matter

Cell = float | str


@dataclass(frozen=True)
class EffectView:
    """The effect of a column on one output, in the data's units."""

    column: str
    predicted: str  # title of the vertical axis
    kind: str  # of the column: number, datetime, word
    log: bool  # its axis is a log one
    x: tuple[Cell, ...]
    dependence: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    local: tuple[float, ...]
    curves: tuple[tuple[float, ...], ...]
    bars_at: tuple[Cell, ...]  # where the data lies
    bars: tuple[float, ...]  # share of the data
    widths: tuple[float, ...]  # of the bars on a log axis, in its unit; (): all are alike
    sentence: str


@dataclass(frozen=True)
class PairView:
    """The effect of two columns on one output."""

    columns: tuple[str, str]
    predicted: str
    x: tuple[str, ...]
    y: tuple[str, ...]
    mean: tuple[tuple[float, ...], ...]  # by x and y
    beyond: tuple[tuple[float, ...], ...]  # what both have beyond the two alone
    sentence: str


def predicted_title(output: str, target: str) -> str:
    """The title of the axis of predictions: the probability of a class, or the target; escaped."""
    return f"Probability of “{escape(output)}”" if output else f"Predicted {escape(target)}"


def effect_view(effect: Effect, output: int, target: str) -> EffectView:
    """The effect on one of its outputs."""
    axis = effect.axis
    bars_at, bars = axis.points, axis.shares
    if axis.edges:
        bars_at = tuple((a + b) / 2 for a, b in pairwise(axis.edges))
        bars = axis.bars
    return EffectView(
        column=axis.title,
        predicted=predicted_title(effect.outputs[output], target),
        kind=axis.kind,
        log=axis.log,
        x=_cells(axis, axis.points),
        dependence=effect.dependence[output],
        low=effect.low[output],
        high=effect.high[output],
        local=effect.local[output],
        curves=effect.curves[output],
        bars_at=_cells(axis, bars_at),
        bars=bars,
        widths=tuple(b - a for a, b in pairwise(axis.edges)) if axis.log else (),
        sentence=effect_sentence(effect, output, target),
    )


def effect_sentence(effect: Effect, output: int, target: str) -> str:
    """A sentence: where the mean prediction is lowest and highest, and if both methods agree."""
    line, axis = np.array(effect.dependence[output]), effect.axis
    what = effect.outputs[output]
    name = f"the probability of {what!r}" if what else f"the predicted {target}"
    low, high = int(line.argmin()), int(line.argmax())
    if line[high] - line[low] < 1e-12:
        return f"{axis.title} changes nothing: {name} is {number(line[0])} on average everywhere."
    words = (
        f"On average {name} is lowest at {axis.title} = {point_words(axis, low)} "
        f"({number(line[low])}) and highest at {point_words(axis, high)} ({number(line[high])})."
    )
    local = np.array(effect.local[output])
    spread = float(line.std() * local.std())
    alike = float(np.cov(line, local, bias=True)[0, 1]) / spread if spread > 1e-18 else 0.0
    if alike < UNLIKE and len(line) > 2:
        words += (
            " Accumulated local effects differ: the column goes along with others, so trust them "
            "more."
        )
    return words


def point_words(axis: Axis, point: int) -> str:
    """A point of an axis in a sentence."""
    (cell,) = _cells(axis, axis.points[point : point + 1])
    return cell if isinstance(cell, str) else _short(cell)


def draw_effect(view: EffectView, curves: bool = True) -> Drawing:
    """The mean with its interval, both methods, single rows, and below them where the data lies."""
    if view.kind == "word":
        traces = _of_words(view)
    else:
        traces = [_curve(view, line) for line in view.curves] if curves else []
        traces += [_band(view), *_lines(view)]
    traces.append(_data(view))
    title = escape(view.column, 60)
    shape = layout(f"{title}, log scale" if view.log else title, view.predicted, HEIGHT)
    if view.log:
        shape["xaxis"] |= {"type": "log"}
    lines = [*view.dependence, *view.local, *view.low, *view.high]
    if curves and view.kind != "word":
        lines += [value for line in view.curves for value in line]
    low, high = min(lines), max(lines)
    room = (high - low) or abs(high) or 1.0
    shape["yaxis"] |= {"range": [low - (FLOOR + 0.08) * room, high + 0.05 * room]}
    most = max(view.bars, default=0.0) or 1.0
    shape["yaxis2"] = {
        "overlaying": "y", "side": "right", "range": [0, most / FLOOR * 1.3],
        "visible": False, "fixedrange": True,
    }  # fmt: skip
    if view.kind == "word":
        shape["xaxis"] |= {
            "tickvals": list(range(len(view.x))),
            "ticktext": [escape(str(label), LABEL) for label in view.x],
        }
    return Drawing(tuple(traces), shape, f"Effect of {escape(view.column)}. {view.sentence}")


def pair_view(pair: PairEffect, output: int, target: str) -> PairView:
    """The effect of two columns on one of its outputs."""
    mean = np.array(pair.dependence[output])
    high = np.unravel_index(mean.argmax(), mean.shape)
    low = np.unravel_index(mean.argmin(), mean.shape)
    what = pair.outputs[output]
    name = f"the probability of {what!r}" if what else f"the predicted {target}"

    def place(at: Any) -> str:
        return (
            f"{pair.x.column} = {point_words(pair.x, int(at[0]))} and "
            f"{pair.y.column} = {point_words(pair.y, int(at[1]))}"
        )

    sentence = (
        f"On average {name} is highest at {place(high)} ({number(float(mean[high]))}), lowest at "
        f"{place(low)} ({number(float(mean[low]))}). {interaction_words(pair)}"
    )
    return PairView(
        columns=(pair.x.column, pair.y.column),
        predicted=predicted_title(what, target),
        x=tuple(point_words(pair.x, i) for i in range(len(pair.x.points))),
        y=tuple(point_words(pair.y, i) for i in range(len(pair.y.points))),
        mean=pair.dependence[output],
        beyond=pair.local[output],
        sentence=sentence,
    )


def interacts(pair: PairEffect) -> bool:
    """True where the joint effect is more than the sum of the two, by a share worth saying."""
    return pair.strength**2 >= LEAST_INTERACTION


def interaction_words(pair: PairEffect) -> str:
    """A sentence: the share of the joint effect that is more than the sum of the two effects."""
    if not interacts(pair):
        return "The two effects only add up: there is no interaction."
    share = percent(pair.strength**2)
    return f"{share} of their joint effect is more than the two effects added up."


def draw_pair(view: PairView, beyond: bool = False) -> Drawing:
    """A map of the mean prediction; `beyond`: of what both have beyond the two alone."""
    values = np.array(view.beyond if beyond else view.mean).T
    most = float(np.abs(values).max()) or 1.0
    title = f"{view.predicted}: beyond both alone" if beyond else view.predicted
    scale: list[list[Any]] = [[0, faded(BLUE, 0.06)], [1, faded(BLUE, 1)]]
    if beyond:
        scale = [[0, faded(BLUE, 1)], [0.5, faded(GREY, 0.08)], [1, faded(BEST, 1)]]
    names = tuple(escape(name, 60) for name in view.columns)
    trace: Trace = {
        "type": "heatmap",
        "z": [[rounded(v) for v in row] for row in values.tolist()],
        "x": list(range(len(view.x))),
        "y": list(range(len(view.y))),
        "colorscale": scale,
        "xgap": 2,
        "ygap": 2,
        "colorbar": {"title": {"text": ""}, "thickness": 12, "outlinewidth": 0},
        "customdata": [[[escape(a), escape(b)] for a in view.x] for b in view.y],
        "hovertemplate": f"{names[0]} %{{customdata[0]}}<br>{names[1]} %{{customdata[1]}}<br>"
        "<b>%{z:.4~g}</b><extra></extra>",
    }
    if beyond:
        trace |= {"zmin": -most, "zmax": most}
    shape = layout(names[0], names[1], MAP_HEIGHT)
    for axis, labels in (("xaxis", view.x), ("yaxis", view.y)):
        ticks = [escape(label, LABEL) for label in labels]
        shape[axis] |= {"tickvals": list(range(len(labels))), "ticktext": ticks, "showgrid": False}
    shape["title"] = {"text": title, "font": {"size": 13}, "x": 0, "xanchor": "left"}
    return Drawing((trace,), shape, f"{title}. {view.sentence}")


def _cells(axis: Axis, points: tuple[float, ...]) -> tuple[Cell, ...]:
    if axis.kind == "word":
        return tuple(axis.labels[int(point)] for point in points)
    if axis.kind == "datetime":
        whole = len(axis.points) < 2 or min(np.diff(axis.points)) >= DAYS / 6
        return tuple(_moment(point, whole) for point in points)
    return tuple(rounded(point) for point in points)


def _moment(seconds: float, whole: bool) -> str:
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    except OverflowError:
        return "–"
    return moment.strftime("%Y-%m-%d" if whole else "%Y-%m-%d %H:%M")


def _short(value: float) -> str:
    """The number as a table would have it: 45, 0.25, 1,250."""
    return f"{value:,.0f}" if float(value).is_integer() else number(value)


def _lines(view: EffectView) -> list[Trace]:
    return [
        _line(view, view.dependence, "mean of all rows (partial dependence)", VALID, "solid"),
        _line(view, view.local, "accumulated local effects", BEST, "dash"),
    ]


def _line(view: EffectView, values: tuple[float, ...], name: str, colour: str, dash: str) -> Trace:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": list(view.x),
        "y": [rounded(value) for value in values],
        "line": {"color": colour, "dash": dash, "width": 2.5},
        "hovertemplate": "%{x}: %{y:.4~g}<extra></extra>",
    }


def _curve(view: EffectView, values: tuple[float, ...]) -> Trace:
    line = _line(view, values, "single rows", GREY, "solid")
    return line | {
        "line": {"color": faded(GREY, 0.3), "width": 1},
        "hoverinfo": "skip",
        "hovertemplate": None,
        "legendgroup": "rows",
        "showlegend": values is view.curves[0],
    }


def _band(view: EffectView) -> Trace:
    around = [*view.high, *reversed(view.low)]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "95 % interval of the mean",
        "x": [*view.x, *reversed(view.x)],
        "y": [rounded(value) for value in around],
        "fill": "toself",
        "fillcolor": faded(VALID, 0.18),
        "line": {"width": 0},
        "hoverinfo": "skip",
    }


def _of_words(view: EffectView) -> list[Trace]:
    places = list(range(len(view.x)))
    mean: Trace = {
        "type": "scatter",
        "mode": "markers",
        "name": "mean of all rows (partial dependence)",
        "x": places,
        "y": [rounded(value) for value in view.dependence],
        "marker": {"color": VALID, "size": 10},
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [rounded(h - m) for h, m in zip(view.high, view.dependence, strict=True)],
            "arrayminus": [rounded(m - v) for m, v in zip(view.dependence, view.low, strict=True)],
            "thickness": 1.5,
            "width": 4,
        },
        "customdata": [escape(str(label), 60) for label in view.x],
        "hovertemplate": "<b>%{customdata}</b>: %{y:.4~g}<extra></extra>",
    }
    local = mean | {
        "name": "accumulated local effects",
        "y": [rounded(value) for value in view.local],
        "marker": {"color": BEST, "size": 9, "symbol": "diamond-open"},
        "error_y": None,
    }
    return [mean, local]


def _data(view: EffectView) -> Trace:
    at: list[Any] = list(view.bars_at)
    if view.kind == "word":
        at = list(range(len(view.bars)))
    trace: Trace = {
        "type": "bar",
        "name": "where the data lies",
        "x": at,
        "y": [rounded(value) for value in view.bars],
        "yaxis": "y2",
        "marker": {"color": faded(GREY, 0.35), "line": {"width": 0}},
        "customdata": [percent(value) for value in view.bars],
        "hovertemplate": "%{customdata} of the rows<extra></extra>",
    }
    return trace | ({"width": list(view.widths)} if view.widths else {})
