"""Contributions to one prediction as steps from the average prediction to this one.

Takes the contributions as they were computed; knows no model and no table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from automl_core.charts.drawing import Drawing, Trace, escape, number, rounded
from automl_core.charts.theme import BASELINE, BASELINE_DASH, BLUE, SERIES, layout
from automl_core.explain import Contributions
from automl_core.words import count, percent

MOST = 10  # columns with a bar of their own
LABEL = 26
RAISES, LOWERS = BLUE, SERIES[3]
ROW, EDGE = 30, 96  # pixels of a bar, and of the axis with its title
NORMAL = 1.96  # half a 95 % interval, in standard errors


@dataclass(frozen=True)
class ContributionBars:
    """Steps from `base` to `prediction`, the largest first, on the scale of the prediction."""

    labels: tuple[str, ...]  # "age = 37"
    starts: tuple[float, ...]
    values: tuple[float, ...]
    halves: tuple[float, ...]  # half a 95 % interval of each; 0 where exact
    base: float
    prediction: float
    alone: int  # bars of one column each; one more stands for all others together


def contribution_bars(
    found: Contributions, words: Mapping[str, str], most: int = MOST
) -> ContributionBars:
    """The `most` columns that contribute most; `words` are the values of the columns."""
    order = sorted(range(len(found.values)), key=lambda i: -abs(found.values[i]))
    singles = [i for i in order if len(found.players[i]) == 1]
    shown = singles if len(singles) == len(order) <= most + 1 else singles[:most]
    rest = [i for i in order if i not in shown]
    labels = [f"{name} = {words.get(name, '')}" for i in shown for name in found.players[i]]
    values = [found.values[i] for i in shown]
    errors = [found.errors[i] for i in shown]
    if rest:
        others = sum(len(found.players[i]) for i in rest)
        labels.append(count(others, "other column"))
        values.append(float(sum(found.values[i] for i in rest)))
        errors.append(float(np.sqrt(sum(found.errors[i] ** 2 for i in rest))))
    ends = found.base + np.cumsum(values)
    starts = [found.base, *ends[:-1].tolist()] if values else []
    halves = tuple(NORMAL * error for error in errors)
    return ContributionBars(
        tuple(labels), tuple(starts), tuple(values), halves,
        found.base, found.prediction, len(shown),
    )  # fmt: skip


def contribution_sentence(bars: ContributionBars, what: str, share: bool) -> str:
    """One sentence on the chart, plain text; `what` names the prediction, `share`: in percent."""
    first = f"{what} is {_value(bars.prediction, share)}; on average it is "
    first += f"{_value(bars.base, share)}."
    told = [
        f"{label} {'raises' if value > 0 else 'lowers'} it by {_step(abs(value), share)}"
        for label, value in list(zip(bars.labels, bars.values, strict=True))[: bars.alone]
        if abs(value) > 0
    ]
    if not told:
        return f"{first} No column makes a difference."
    return f"{first} {', '.join(told[:3])}."


def draw_contributions(bars: ContributionBars, what: str, share: bool) -> Drawing:
    """A bar a step, with its interval at the end; dotted lines at both ends of the way."""
    scale = 100.0 if share else 1.0
    places = list(range(len(bars.labels)))
    shape = layout(escape(f"{what}, %" if share else what, 100), height=EDGE + ROW * len(places))
    shape |= {"showlegend": False, "bargap": 0.3}
    shape["margin"]["t"] = 24
    shape["xaxis"] |= {"showgrid": True}
    shape["yaxis"] |= {
        "tickvals": places,
        "ticktext": [  # the value is here, as it would hide a short bar and its interval
            f"{escape(label, LABEL)}  <b>{_signed(value, share)}</b> "
            for label, value in zip(bars.labels, bars.values, strict=True)
        ],
        "range": [len(places) - 0.5, -0.5],  # the first on top
        "showgrid": False,
    }
    ends = [(bars.base, "average"), (bars.prediction, "this row")]
    ends = ends[:1] if bars.base == bars.prediction else ends
    shape["shapes"] = [
        {
            "type": "line", "yref": "paper", "y0": 0, "y1": 1,
            "x0": rounded(end * scale), "x1": rounded(end * scale),
            "line": {"color": BASELINE, "dash": BASELINE_DASH, "width": 1.5},
        }
        for end, _ in ends
    ]  # fmt: skip
    shape["annotations"] = [
        {
            "x": rounded(end * scale), "y": 1, "yref": "paper", "yanchor": "bottom",
            "xanchor": "right" if (end == min(bars.base, bars.prediction)) else "left",
            "text": name, "showarrow": False, "font": {"color": BASELINE},
        }
        for end, name in ends
    ]  # fmt: skip
    trace = _bars(bars, scale, share)
    return Drawing((trace,), shape, escape(contribution_sentence(bars, what, share), 600))


def _bars(bars: ContributionBars, scale: float, share: bool) -> Trace:
    trace: Trace = {
        "type": "bar",
        "orientation": "h",
        "base": [rounded(v * scale) for v in bars.starts],
        "x": [rounded(v * scale) for v in bars.values],
        "y": list(range(len(bars.labels))),
        "text": [_signed(v, share) for v in bars.values],
        "textposition": "none",
        "customdata": [
            [escape(label, 60), f" ± {_step(half, share)}" if half > 0 else ""]
            for label, half in zip(bars.labels, bars.halves, strict=True)
        ],
        "marker": {"color": [RAISES if v >= 0 else LOWERS for v in bars.values]},
        "hovertemplate": "<b>%{customdata[0]}</b><br>%{text}%{customdata[1]}<extra></extra>",
    }
    if any(bars.halves):
        trace["error_x"] = {
            "type": "data",
            "array": [rounded(half * scale) for half in bars.halves],
            "thickness": 1.5,
            "width": 3,
            "color": BASELINE,
        }
    return trace


def _value(value: float, share: bool) -> str:
    return percent(value) if share else number(value)


def _step(size: float, share: bool) -> str:
    return f"{100 * size:.1f} points" if share else number(size)


def _signed(value: float, share: bool) -> str:
    size = f"{100 * abs(value):.1f}" if share else number(abs(value))
    if not float(size.replace(",", "")):
        return size  # a zero has no sign
    return f"{'+' if value >= 0 else '−'}{size}"
