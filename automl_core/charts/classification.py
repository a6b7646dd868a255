"""Figures of a classifier: confusion matrix and ROC curves, from records of numbers.

Knows nothing of how the numbers were made.
"""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from automl_core.charts import theme
from automl_core.charts.drawing import PERCENT_AXIS, percents
from automl_core.evaluation import Confusion, RocCurve
from automl_core.words import percent, score_text

WHITE_FROM = 0.7
"""From this share on a cell is dark enough for white figures on both themes."""

INK, INK_ON_DARK = "#26241F", "#ECEAE4"  # of figures in pale cells

MAX_FIGURES = 12  # classes up to which every cell shows its share
MAX_COUNTS = 6  # and up to which it shows its count, too
MAX_LABEL = 24


def class_name(label: str) -> str:
    """A class label as Plotly shows it: without markup, shortened."""
    return theme.plain(label, MAX_LABEL) or "(empty)"


def _axis_names(labels: Sequence[str]) -> list[str]:
    """Names that are unique, because two equal ones would share a row of the matrix."""
    names: list[str] = []
    for label in labels:
        name, number = class_name(label), 2
        while name in names:
            name, number = f"{class_name(label)} ({number})", number + 1
        names.append(name)
    return names


def draw_confusion(confusion: Confusion, height: int = 360, dark: bool = False) -> go.Figure:
    """Actual classes down, predicted across; the colour is the share of the actual class.

    `dark`: the page is; only the figures in pale cells depend on it.
    """
    names = _axis_names(confusion.labels)
    totals = [max(1, sum(row)) for row in confusion.counts]
    shares = [[n / total for n in row] for row, total in zip(confusion.counts, totals, strict=True)]
    figure = go.Figure(
        go.Heatmap(
            x=names,
            y=names,
            z=[percents(row) for row in shares],
            zmin=0,
            zmax=100,
            customdata=[list(row) for row in confusion.counts],
            # see-through where nothing is, so that it sits on the light and the dark theme
            colorscale=[[0, theme.faded(theme.BLUE, 0.04)], [1, theme.faded(theme.BLUE, 1)]],
            showscale=False,
            xgap=2,
            ygap=2,
            hovertemplate=(
                "actual %{y}<br>predicted %{x}<br><b>%{customdata:,} rows</b>, "
                "%{z:.1f} % of this actual class<extra></extra>"
            ),
        )
    )
    if len(names) <= MAX_FIGURES:
        _write_cells(figure, confusion, names, shares, INK_ON_DARK if dark else INK)
    theme.styled(figure, "Predicted", "Actual", height)
    figure.update_layout(showlegend=False, margin={"t": 8})
    figure.update_xaxes(type="category", showgrid=False)
    figure.update_yaxes(type="category", showgrid=False, autorange="reversed")
    return figure


def _write_cells(
    figure: go.Figure,
    confusion: Confusion,
    names: list[str],
    shares: list[list[float]],
    ink: str,
) -> None:
    """Counts and shares of the actual class: white on dark cells, `ink` on pale ones."""
    few = len(names) <= MAX_COUNTS
    cells = [
        (names[j], names[i], _cell_text(count, shares[i][j], few), shares[i][j])
        for i, row in enumerate(confusion.counts)
        for j, count in enumerate(row)
    ]
    for colour, on_dark in ((ink, False), ("#FFFFFF", True)):
        chosen = [cell for cell in cells if (cell[3] >= WHITE_FROM) == on_dark]
        figure.add_trace(
            go.Scatter(
                x=[cell[0] for cell in chosen],
                y=[cell[1] for cell in chosen],
                text=[cell[2] for cell in chosen],
                mode="text",
                textfont={"size": 15 if len(names) <= 4 else 11, "color": colour},
                hoverinfo="skip",
            )
        )


def _cell_text(count: int, share: float, with_count: bool) -> str:
    """`433<br>87 %`, or the share alone."""
    if with_count:
        return f"{count:,}<br>{percent(share)}"
    return percent(share) if count else ""


def draw_roc(curves: Sequence[RocCurve], height: int = 360) -> go.Figure:
    """One line a class, its area in the legend, and the line of guessing."""
    figure = go.Figure()
    for number, curve in enumerate(curves):
        alone = len(curves) == 1
        name = class_name(curve.label)
        figure.add_trace(
            go.Scatter(
                x=percents(curve.false_rate),
                y=percents(curve.true_rate),
                name=f"{name}, AUC {score_text(curve.area)}",
                mode="lines",
                line={
                    "color": theme.VALID if alone else theme.SERIES[number % len(theme.SERIES)],
                    "dash": theme.DASHES[number % len(theme.DASHES)],
                    "width": 2.5 if alone else 1.8,
                },
                hovertemplate=(
                    f"<b>{name}</b><br>finds %{{y:.1f}} % of them<br>"
                    "at a false positive rate of %{x:.1f} %<extra></extra>"
                ),
            )
        )
    figure.add_trace(
        go.Scatter(
            x=[0, 100],
            y=[0, 100],
            name="random",
            mode="lines",
            line={"color": theme.BASELINE, "dash": theme.BASELINE_DASH, "width": 1.5},
            hoverinfo="skip",
        )
    )
    theme.styled(figure, "False positive rate", "True positive rate", height)
    figure.update_layout(margin={"r": 24})  # room for the last tick's text
    fifths = {"dtick": 20, "tick0": 0} | PERCENT_AXIS
    figure.update_xaxes(range=[-1, 101], tickangle=0, **fifths)
    figure.update_yaxes(range=[-1, 102], **fifths)
    return figure
