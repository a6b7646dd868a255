"""Figures of a regression: predicted against actual, and how far off, from records of numbers.

Knows nothing of how the numbers were made.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from automl_core.charts import theme
from automl_core.evaluation import ActualPredicted

MOST_TICKS = 7  # on each side of zero


def draw_actual_predicted(result: ActualPredicted, target: str, height: int = 360) -> go.Figure:
    """A point a row; on the line, the prediction is exact. Both axes have the same range.

    With `result.log_unit` both are on a log scale that has a zero and negative values.
    """
    actual, predicted = _scaled(result.actual, result), _scaled(result.predicted, result)
    low = min((*actual, *predicted), default=0.0)
    high = max((*actual, *predicted), default=1.0)
    margin = 0.03 * (high - low) or 1.0
    ends = [low - margin, high + margin]
    figure = go.Figure(
        [
            go.Scatter(
                x=actual,
                y=predicted,
                customdata=list(zip(result.actual, result.predicted, strict=True)),
                name="a row of the table",
                mode="markers",
                marker={"color": theme.VALID, "size": 5, "opacity": 0.6},
                hovertemplate="actual %{customdata[0]:,.6~g}<br>"
                "predicted %{customdata[1]:,.6~g}<extra></extra>",
            ),
            go.Scatter(
                x=ends,
                y=ends,
                name="exact",
                mode="lines",
                line={"color": theme.BASELINE, "dash": theme.BASELINE_DASH, "width": 1.5},
                hoverinfo="skip",
            ),
        ]
    )
    name = theme.plain(target, 40)
    theme.styled(figure, f"Actual {name}", f"Predicted {name}", height)
    ticks = _ticks((*result.actual, *result.predicted), result)
    figure.update_xaxes(range=ends, showgrid=True, tickangle=0, **ticks)
    figure.update_yaxes(range=ends, **ticks)
    return figure


def _scaled(values: Sequence[float], result: ActualPredicted) -> list[float]:
    """The values as they stand on the axes: sign(v) log10(1 + |v| / unit) on a log scale."""
    unit = result.log_unit
    if unit is None:
        return list(values)
    return [math.copysign(math.log10(1 + abs(v) / unit), v) for v in values]


def _ticks(values: Sequence[float], result: ActualPredicted) -> dict[str, Any]:
    """Ticks of the log scale: powers of ten, on the side of zero where there are values, and 0."""
    if result.log_unit is None:
        return {}
    first, last = math.ceil(math.log10(result.log_unit)), math.log10(max(map(abs, values)))
    step = max(1, math.ceil((last - first) / MOST_TICKS))
    powers = [10.0**n for n in range(first, math.floor(last) + 1, step)]
    shown = [-p for p in powers if -p >= min(values)] + [0.0]
    shown += [p for p in powers if p <= max(values)]
    return {"tickvals": _scaled(shown, result), "ticktext": [_short(v) for v in shown]}


def _short(value: float) -> str:
    """A power of ten on an axis: `100`, `10k`, `1M`."""
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


def draw_errors(result: ActualPredicted, height: int = 360) -> go.Figure:
    """The histogram of errors; left of zero the prediction is too low."""
    pairs = list(zip(result.edges, result.edges[1:], strict=False))
    figure = go.Figure(
        go.Bar(
            x=[(a + b) / 2 for a, b in pairs],
            y=list(result.counts),
            width=[b - a for a, b in pairs],
            marker={"color": theme.VALID, "line": {"width": 0}},
            customdata=[list(pair) for pair in pairs],
            hovertemplate=(
                "off by %{customdata[0]:,.4~g} to %{customdata[1]:,.4~g}<br>"
                "<b>%{y:,} rows</b><extra></extra>"
            ),
        )
    )
    figure.add_vline(0, line={"color": theme.BASELINE, "dash": theme.BASELINE_DASH, "width": 1.5})
    theme.styled(figure, "Predicted minus actual", "Rows", height)
    return figure
