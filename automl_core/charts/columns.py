"""The distribution of a target: its classes by size, or a histogram. Numbers first.

Knows nothing of pages; takes the summary that table/inference/target.py makes.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import plotly.graph_objects as go

from automl_core.charts import theme
from automl_core.table.inference import TargetSummary

MAX_CLASSES = 12
BAR_HEIGHT = 26  # pixels


@dataclass(frozen=True)
class ClassBars:
    """The classes by size, the smaller ones of many put together."""

    labels: tuple[str, ...]
    counts: tuple[int, ...]
    shares: tuple[float, ...]  # of the rows with a target
    highlight: int | None  # place of the positive class
    others: int  # classes in the last bar, 0 where every class has a bar of its own


def class_bars(summary: TargetSummary, positive: str | None = None) -> ClassBars:
    """Bars of a classification target, largest first, at most MAX_CLASSES of them."""
    labels, counts = list(summary.labels), list(summary.counts)
    total = sum(counts) or 1
    others = 0
    if len(labels) > MAX_CLASSES:
        others = len(labels) - (MAX_CLASSES - 1)
        rest = sum(counts[MAX_CLASSES - 1 :])
        labels = [*labels[: MAX_CLASSES - 1], f"{others} others"]
        counts = [*counts[: MAX_CLASSES - 1], rest]
    shares = tuple(count / total for count in counts)
    highlight = labels.index(positive) if positive in labels else None
    return ClassBars(tuple(labels), tuple(counts), shares, highlight, others)


def target_figure(summary: TargetSummary, positive: str | None = None) -> go.Figure:
    """The target's distribution: bars of classes, or a histogram for a regression."""
    if summary.labels:
        return draw_classes(class_bars(summary, positive))
    return draw_histogram(summary.histogram_edges, summary.histogram, summary.target)


def draw_classes(bars: ClassBars) -> go.Figure:
    """Horizontal bars with count and share; the positive class in full colour."""
    quiet = theme.faded(theme.BLUE, 0.45 if bars.highlight is not None else 0.85)
    colours = [theme.BLUE if i == bars.highlight else quiet for i in range(len(bars.labels))]
    figure = go.Figure(
        go.Bar(
            x=list(bars.counts),
            y=list(range(len(bars.labels))),
            orientation="h",
            marker={"color": colours, "line": {"width": 0}},
            text=[
                f"{count:,} ({100 * share:.1f} %)"
                for count, share in zip(bars.counts, bars.shares, strict=True)
            ],
            textposition="auto",
            cliponaxis=False,
            hovertext=[theme.plain(label) for label in bars.labels],
            hovertemplate="%{hovertext}: %{x:,} rows<extra></extra>",
        )
    )
    theme.styled(figure, height=56 + BAR_HEIGHT * len(bars.labels))
    figure.update_xaxes(title_text="rows", showgrid=True, gridcolor=theme.GRID)
    figure.update_yaxes(
        showgrid=False,
        autorange="reversed",
        tickmode="array",
        tickvals=list(range(len(bars.labels))),
        ticktext=[theme.plain(label, 24) for label in bars.labels],
    )
    figure.update_layout(margin_t=8, showlegend=False)
    return figure


def draw_histogram(
    edges: tuple[float, ...], counts: tuple[int, ...], target: str, height: int = 220
) -> go.Figure:
    """Bars between the edges; `edges` has one entry more than `counts`."""
    centres = [(low + high) / 2 for low, high in pairwise(edges)]
    figure = go.Figure(
        go.Bar(
            x=centres,
            y=list(counts),
            width=[high - low for low, high in pairwise(edges)],
            marker={"color": theme.faded(theme.BLUE, 0.85), "line": {"width": 0}},
            customdata=[[low, high] for low, high in pairwise(edges)],
            hovertemplate=(
                "%{customdata[0]:,.4g} to %{customdata[1]:,.4g}: %{y:,} rows<extra></extra>"
            ),
        )
    )
    theme.styled(figure, theme.plain(target, 40), "rows", height)
    figure.update_layout(margin_t=8, bargap=0.02, showlegend=False)
    return figure
