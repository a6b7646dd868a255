"""Permutation importance as bars with their intervals, most important column on top.

Knows nothing about how importance is measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from automl_core.charts.drawing import Drawing, escape, number, rounded
from automl_core.charts.names import metric_short
from automl_core.charts.theme import GREY, VALID, layout
from automl_core.metrics import METRICS
from automl_core.runs.record import Importance

MOST = 12


@dataclass(frozen=True)
class ImportanceBars:
    """The most important columns, best first; `low`..`high` is a 95 % interval of the mean."""

    features: tuple[str, ...]
    mean: tuple[float, ...]  # loss of score when the column is shuffled
    low: tuple[float, ...]
    high: tuple[float, ...]
    others: int  # columns left out
    repeats: int
    final: bool


def importance_bars(event: Importance, most: int = MOST) -> ImportanceBars:
    """The `most` columns whose shuffling costs most."""
    order = sorted(range(len(event.features)), key=lambda i: (-event.mean[i], event.features[i]))
    shown = order[:most]
    return ImportanceBars(
        tuple(event.features[i] for i in shown),
        tuple(event.mean[i] for i in shown),
        tuple(event.low[i] for i in shown),
        tuple(event.high[i] for i in shown),
        len(order) - len(shown),
        event.repeats,
        event.final,
    )


def draw_importance(bars: ImportanceBars, metric: str) -> Drawing:
    """Bars by position, not by name: two columns may have the same shortened name."""
    places = list(range(len(bars.features)))
    trace: dict[str, Any] = {
        "type": "bar",
        "orientation": "h",
        "uid": "importance",
        "x": [rounded(v) for v in bars.mean],
        "y": places,
        "text": [escape(name, 60) for name in bars.features],
        "textposition": "none",
        "marker": {"color": VALID, "opacity": 0.85},
        "hovertemplate": "<b>%{text}</b><br>%{x:.4g}<extra></extra>",
    }
    if bars.repeats > 1:  # one shuffle tells nothing of its spread
        trace |= _intervals(bars)
    change = "Decrease" if METRICS[metric].higher_is_better else "Increase"
    shape = layout(f"{change} in {metric_short(metric)}", height=350)
    shape |= {"showlegend": False, "bargap": 0.35}
    shape["margin"]["t"] = 8
    shape["xaxis"] |= {"showgrid": True, "zeroline": True}
    shape["yaxis"] |= {
        "tickvals": places,
        "ticktext": [escape(name, 22) + " " for name in bars.features],
        "range": [len(places) - 0.5, -0.5],  # first on top
        "showgrid": False,
    }
    first = f" {escape(bars.features[0])} matters most." if bars.features else ""
    return Drawing((trace,), shape, f"Importance of {len(places)} columns.{first}")


def _intervals(bars: ImportanceBars) -> dict[str, Any]:
    return {
        "customdata": [
            f"{number(low)} to {number(high)}"
            for low, high in zip(bars.low, bars.high, strict=True)
        ],
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [rounded(h - m) for h, m in zip(bars.high, bars.mean, strict=True)],
            "arrayminus": [rounded(m - v) for m, v in zip(bars.mean, bars.low, strict=True)],
            "color": GREY,
            "thickness": 2,
            "width": 5,
        },
        "hovertemplate": "<b>%{text}</b><br>%{x:.4g}, 95 % interval %{customdata}<extra></extra>",
    }
