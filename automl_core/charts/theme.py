"""Colours with fixed meanings, and the few layout rules that all figures share.

Figures carry no background and no font colour of their own, so that they sit on the light and
on the dark theme alike. Knows nothing of what is drawn.

Palette: Okabe & Ito, "Color Universal Design" (2008). The first four of SERIES keep a contrast
of 3:1 against both backgrounds; further lines differ in their dashes too.
"""

from __future__ import annotations

import html
import textwrap
from typing import Any

import plotly.graph_objects as go

from automl_core.models import CATALOG

BLUE, VERMILLION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
GREY = "#7F848C"

TRAIN = "#7C8FA6"  # training loss: grey-blue, dashed
VALID = BLUE  # validation: blue, solid
BEST = VERMILLION  # the best so far
BASELINE = GREY  # the constant model: grey, dotted
TRAIN_DASH, VALID_DASH, BASELINE_DASH = "dash", "solid", "dot"

SERIES = (BLUE, GREEN, PURPLE, "#A6761D", "#5C7A99", "#8A7DB8")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
GRID = "rgba(128, 128, 128, 0.18)"

FAMILY_COLOURS = {
    "mlp": BLUE,
    "resnet": GREEN,
    "linear": PURPLE,
    "hist_boosting": "#A6761D",
    "extra_trees": "#5C7A99",
    "student": "#2F7D4F",
    "constant": BASELINE,
}
"""One colour a family, on every chart and page; vermillion is kept for the best."""

OTHER_COLOURS = (
    "#8055B5", "#2093AE", "#B0508F", "#6B8E23", "#A35E6B", "#5B8C5A", "#B58900", "#8C6BB1",
)  # fmt: skip
"""Of families that are not listed above, in the catalog's order."""

TITLE_LETTERS = 40  # of an axis title, on a line


def family_colour(family: str) -> str:
    """The colour of a model family; one without a colour above gets one of its own."""
    if family in FAMILY_COLOURS:
        return FAMILY_COLOURS[family]
    others = [model_spec.name for model_spec in CATALOG if model_spec.name not in FAMILY_COLOURS]
    place = others.index(family) if family in others else len(others)
    return OTHER_COLOURS[place % len(OTHER_COLOURS)]


def faded(colour: str, opacity: float) -> str:
    """A hex colour as rgba with this opacity, 0 to 1."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {opacity:g})"


def axis(title: str = "", log: bool = False, grid: bool = True) -> dict[str, Any]:
    """One axis: its title with the unit, a light grid, no zero line."""
    return {
        "title": {"text": _wrapped(title), "standoff": 8},
        "type": "log" if log else None,
        "showgrid": grid,
        "gridcolor": GRID,
        "zeroline": False,
        "automargin": True,
        "separatethousands": True,
    }


def _wrapped(title: str) -> str:
    """The title on lines of a length that fits beside a chart: Plotly would cut it."""
    return "<br>".join(textwrap.wrap(title, TITLE_LETTERS, break_long_words=False)) or title


def layout(x_title: str = "", y_title: str = "", height: int = 320) -> dict[str, Any]:
    """Layout of a figure as plain data: transparent, legend on top, narrow margins.

    Also fits `Plotly.react` in the live component; add `uirevision` there to keep the zoom.
    """
    return {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 36, "b": 8},
        "paper_bgcolor": "rgba(0, 0, 0, 0)",
        "plot_bgcolor": "rgba(0, 0, 0, 0)",
        "legend": {
            "orientation": "h",
            "yanchor": "bottom",
            "y": 1.0,
            "xanchor": "left",
            "x": 0.0,
            "title": {"text": ""},
        },
        "hovermode": "closest",
        "bargap": 0.12,
        "xaxis": axis(x_title, grid=False),
        "yaxis": axis(y_title),
    }


def styled(figure: go.Figure, x_title: str = "", y_title: str = "", height: int = 320) -> go.Figure:
    """`figure` with the shared layout applied; returns the same figure."""
    figure.update_layout(layout(x_title, y_title, height))
    return figure


def plain(text: str, limit: int = 60) -> str:
    """Text from a file for a label: one line, shortened, without Plotly's HTML subset."""
    flat = " ".join(text.split())
    short = flat if len(flat) <= limit else flat[: limit - 1] + "…"
    return html.escape(short, quote=False)
