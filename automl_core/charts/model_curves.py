"""Models in one picture: their ROC curves, and how many rows are within an error.

Colours are by place, not by family: two models of one family must be told apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl_core.charts.drawing import (
    PERCENT_AXIS,
    Drawing,
    Trace,
    escape,
    number,
    percents,
    rounded,
    thin,
)
from automl_core.charts.theme import BASELINE, BASELINE_DASH, DASHES, SERIES, layout
from automl_core.evaluation import RocCurve
from automl_core.words import score_text

Floats = NDArray[np.float64]
LEGEND = 30
MOST_SEEN = 0.98  # quantile of the errors at which the chart ends


@dataclass(frozen=True)
class ErrorCurve:
    """The share of rows with an error up to a value, of one model."""

    name: str
    error: tuple[float, ...]  # ascending
    share: tuple[float, ...]  # of the rows, 0 to 1
    median: float


def error_curve(name: str, errors: Floats) -> ErrorCurve:
    """Of the errors (n,) of a model, n > 0, not weighted."""
    ordered = np.sort(errors)
    places = thin(len(ordered))
    return ErrorCurve(
        name,
        tuple(rounded(float(ordered[i])) for i in places),
        tuple(rounded((i + 1) / len(ordered)) for i in places),
        float(np.median(ordered)),
    )


def error_sentence(curves: Sequence[ErrorCurve]) -> str:
    """A sentence that names the model with the least median error."""
    least = min(curves, key=lambda curve: curve.median)
    others = ", ".join(f"{c.name} {number(c.median)}" for c in curves if c is not least)
    return (
        f"Further up and to the left is better. Half of the rows are within {number(least.median)} "
        f"with {least.name}; with the others: {others}."
    )


def draw_error_curves(curves: Sequence[ErrorCurve], title: str) -> Drawing:
    """A line a model; `title` is the error with its unit."""
    traces: list[Trace] = [
        _line(place, curve.name, curve.error, percents(curve.share))
        | {
            "hovertemplate": f"<b>{escape(curve.name, 60)}</b><br>%{{y:.0f}} % of the rows within "
            "%{x:,.4~g}<extra></extra>"
        }
        for place, curve in enumerate(curves)
    ]
    shape = layout(title, "Share of rows", height=360)
    shape["showlegend"] = True
    ends = [curve.error[_place(curve)] for curve in curves]
    shape["xaxis"] |= {"range": [0, 1.02 * max(ends) or 1.0], "showgrid": True}
    shape["yaxis"] |= {"range": [0, 102]} | PERCENT_AXIS
    return Drawing(tuple(traces), shape, f"{title} by model. {error_sentence(curves)}")


def _place(curve: ErrorCurve) -> int:
    return min(len(curve.error) - 1, int(np.searchsorted(curve.share, MOST_SEEN)))


def draw_model_rocs(curves: Sequence[RocCurve]) -> Drawing:
    """ROC curves, each named by its model, with its area in the legend."""
    traces: list[Trace] = [
        _line(place, curve.label, percents(curve.false_rate), percents(curve.true_rate))
        | {
            "name": f"{escape(curve.label, LEGEND)}, AUC {score_text(curve.area)}",
            "hovertemplate": f"<b>{escape(curve.label, 60)}</b><br>finds %{{y:.1f}} % of them<br>"
            "at a false positive rate of %{x:.1f} %<extra></extra>",
        }
        for place, curve in enumerate(curves)
    ]
    guess = {"color": BASELINE, "dash": BASELINE_DASH, "width": 1.5}
    traces.append(
        {
            "type": "scatter", "mode": "lines", "name": "random", "x": [0, 100], "y": [0, 100],
            "line": guess, "hoverinfo": "skip",
        }
    )  # fmt: skip
    shape = layout("False positive rate", "True positive rate", height=360)
    shape["showlegend"] = True
    shape["xaxis"] |= {"range": [-1, 101]} | PERCENT_AXIS
    shape["yaxis"] |= {"range": [-1, 102]} | PERCENT_AXIS
    return Drawing(tuple(traces), shape, f"ROC curves. {roc_sentence(curves)}")


def roc_sentence(curves: Sequence[RocCurve]) -> str:
    """A sentence that names the model with the largest area."""
    best = max(curves, key=lambda curve: curve.area)
    area = score_text(best.area)
    return f"Further up and to the left is better. {best.label} has the largest area: {area}."


def _line(place: int, name: str, x: Sequence[float], y: Sequence[float]) -> Trace:
    return {
        "type": "scatter",
        "mode": "lines",
        "uid": f"model-{place}",
        "name": escape(name, LEGEND),
        "x": [rounded(value) for value in x],
        "y": [rounded(value) for value in y],
        "line": {
            "color": SERIES[place % len(SERIES)], "dash": DASHES[place % len(DASHES)], "width": 2,
        },
    }  # fmt: skip
