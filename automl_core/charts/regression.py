"""Figures of a regression: predicted against actual, and how far off, from records of numbers.

Knows nothing of how the numbers were made.
"""

from __future__ import annotations

import plotly.graph_objects as go

from automl_core.charts import theme
from automl_core.evaluation import ActualPredicted


def draw_actual_predicted(result: ActualPredicted, target: str, height: int = 360) -> go.Figure:
    """A point a row; on the line, the prediction is exact. Both axes have the same range."""
    low = min((*result.actual, *result.predicted), default=0.0)
    high = max((*result.actual, *result.predicted), default=1.0)
    margin = 0.03 * (high - low) or 1.0
    ends = [low - margin, high + margin]
    figure = go.Figure(
        [
            go.Scatter(
                x=list(result.actual),
                y=list(result.predicted),
                name="a row of the table",
                mode="markers",
                marker={"color": theme.VALID, "size": 5, "opacity": 0.6},
                hovertemplate="actual %{x:,.6~g}<br>predicted %{y:,.6~g}<extra></extra>",
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
    theme.styled(figure, f"actual {name}", f"predicted {name}", height)
    figure.update_xaxes(range=ends, showgrid=True)
    figure.update_yaxes(range=ends)
    return figure


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
    theme.styled(figure, "predicted minus actual", "rows", height)
    return figure
