"""Two maps of a table: how columns belong together, and where their cells are missing.

Takes records of profile/; knows nothing of tables. Colours are see-through where there is
little, so that they sit on the light and the dark theme alike.
"""

from __future__ import annotations

from typing import Any

from automl_core.charts.drawing import Drawing, Trace, escape
from automl_core.charts.theme import BLUE, VERMILLION, faded, layout
from automl_core.profile import Associations, MissingMap, Pair
from automl_core.words import percent

LABEL = 18
CELL, EDGE = 22, 130  # pixels of a row, and of the axis with its labels
LEAST = 220
PALEST = 0.2  # share of missing cells that has the full colour, at least


def draw_associations(found: Associations) -> Drawing:
    """The matrix of all pairs; a pair that could not be measured is left empty."""
    signs = {(p.first, p.second): p for p in found.pairs}
    hover = [[_pair_words(signs, a, b) for b in found.names] for a in found.names]
    # the diagonal would only say that every column is itself
    z = [
        [None if i == j else value for j, value in enumerate(row)]
        for i, row in enumerate(found.strengths)
    ]
    trace = _map(z, hover, BLUE)
    shape = _shape(found.names)
    ticks = {"tickvals": list(range(len(found.names))), "tickangle": -45, "side": "bottom"}
    shape["xaxis"] |= {**ticks, "ticktext": [escape(n, LABEL) for n in found.names]}
    words = f"How strongly each two of {len(found.names)} columns belong together."
    return Drawing((trace,), shape, words)


def draw_missing(found: MissingMap) -> Drawing:
    """Columns down, the rows of the table in their order across; the colour is what is missing."""
    blocks = len(found.shares[0]) if found.shares else 0
    hover = [
        [
            f"<b>{escape(name, 60)}</b><br>{percent(share)} missing in rows "
            f"{100 * b / blocks:.0f} to {percent((b + 1) / blocks)} of the table"
            for b, share in enumerate(row)
        ]
        for name, row in zip(found.names, found.shares, strict=True)
    ]
    trace = _map([list(row) for row in found.shares], hover, VERMILLION)
    most = max((max(row) for row in found.shares), default=1.0)
    trace |= {"xgap": 0, "zmax": max(PALEST, most)}
    shape = _shape(found.names)
    ends = [0.03 * blocks, 0.97 * blocks - 1]  # the words would not fit at the very ends
    shape["xaxis"] |= {"tickvals": ends, "ticktext": ["first rows", "last rows"]}
    labels = [
        f"{escape(name, LABEL)} {percent(total)}" if total >= 0.005 else escape(name, LABEL)
        for name, total in zip(found.names, found.totals, strict=True)
    ]
    shape["yaxis"]["ticktext"] = [label + " " for label in labels]
    return Drawing((trace,), shape, f"Where cells of {len(found.names)} columns are missing.")


def _map(z: list[list[Any]], hover: list[list[str]], colour: str) -> Trace:
    return {
        "type": "heatmap",
        "z": z,
        "text": hover,
        "zmin": 0.0,
        "zmax": 1.0,
        "colorscale": [[0, faded(colour, 0.05)], [1, faded(colour, 1)]],
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "hoverongaps": False,
        "hovertemplate": "%{text}<extra></extra>",
    }


def _shape(names: tuple[str, ...]) -> dict[str, Any]:
    rows = len(names)
    shape = layout(height=max(LEAST, CELL * rows + EDGE))
    shape["margin"]["t"] = 8
    shape["yaxis"] |= {
        "tickvals": list(range(rows)),
        "ticktext": [escape(name, LABEL) + " " for name in names],
        "range": [rows - 0.5, -0.5],
        "showgrid": False,
    }
    shape["showlegend"] = False
    return shape


def _pair_words(pairs: dict[tuple[str, str], Pair], first: str, second: str) -> str:
    found = pairs.get((first, second)) or pairs.get((second, first))
    names = f"<b>{escape(first, 60)}</b> and <b>{escape(second, 60)}</b>"
    if found is None:
        return names
    sign = "−" if found.sign < 0 else ""
    return f"{names}<br>{found.measure} {sign}{found.strength:.2f}"
