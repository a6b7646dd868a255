"""The error in each slice of a column, as points with intervals beside that of all rows.

Takes the records of evaluation/slices.py; knows nothing of tables.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from automl_core.charts.drawing import Drawing, Trace, escape, number, rounded
from automl_core.charts.theme import BASELINE, BASELINE_DASH, BEST, GREY, VALID, layout
from automl_core.evaluation import Slice
from automl_core.words import count

LABEL = 26
USUAL, WORST = "with its 95 % interval", "among the worst of all columns"
FEW = "too few rows to say"
ROW, EDGE = 30, 90  # pixels of a row, and of the axis with its title


def draw_slices(
    slices: Sequence[Slice],
    overall: float,
    title: str,
    worse: Collection[Slice],
    named: str = WORST,
    what: str = "a slice",
) -> Drawing:
    """A point a slice, in the order given; those in `worse` in the colour of note.

    `named` says what these are, `what` what a point is; `title` is the measure with its unit;
    `overall` its mean over all rows, a dotted line. Slices without an interval are too small:
    hollow and grey.
    """
    shown = [part for part in slices if part.mean is not None]
    traces: list[Trace] = [_overall(overall, len(shown))]
    kinds = (
        (USUAL, VALID, False),
        (WORST, BEST, False),
        (FEW, GREY, True),
    )
    for name, colour, hollow in kinds:
        places = [i for i, part in enumerate(shown) if _kind(part, worse) == name]
        if places:
            words = {WORST: named, USUAL: f"{what}, {USUAL}"}.get(name, name)
            traces.append(_points(shown, places, words, (colour, hollow)))
    title = escape(title, 100)  # it may name a column
    shape = layout(title, height=EDGE + ROW * max(2, len(shown)))
    shape["xaxis"] |= {"showgrid": True, "rangemode": "tozero"}
    shape["yaxis"] |= {
        "tickvals": list(range(len(shown))),
        "ticktext": [escape(part.label, LABEL) + " " for part in shown],
        "range": [len(shown) - 0.5, -0.5],  # the first on top
        "showgrid": False,
    }
    words = "; ".join(f"{escape(p.label)}: {number(p.mean or 0.0)}" for p in shown[:6])
    name = escape(shown[0].column) if shown else ""
    every = f"all rows: {number(overall)}"
    return Drawing(tuple(traces), shape, f"{title} by {name}. {words}; {every}.")


def _kind(part: Slice, worse: Collection[Slice]) -> str:
    if part.low is None:
        return FEW
    marked = part in worse
    return WORST if marked else USUAL


def _overall(overall: float, rows: int) -> Trace:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "all rows",
        "x": [rounded(overall)] * 2,
        "y": [-0.5, rows - 0.5],
        "line": {"color": BASELINE, "dash": BASELINE_DASH, "width": 1.5},
        "hoverinfo": "skip",
    }


def _points(shown: Sequence[Slice], places: list[int], name: str, look: tuple[str, bool]) -> Trace:
    colour, hollow = look
    parts = [shown[i] for i in places]
    ends = [
        (p.mean or 0.0, p.low, p.high) if p.low is not None and p.high is not None else None
        for p in parts
    ]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [rounded(part.mean or 0.0) for part in parts],
        "y": places,
        "marker": {"color": colour, "size": 9, "symbol": "circle-open" if hollow else "circle"},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [rounded(e[2] - e[0]) if e else 0.0 for e in ends],
            "arrayminus": [rounded(e[0] - e[1]) if e else 0.0 for e in ends],
            "color": colour,
            "thickness": 1.5,
            "width": 4,
        },
        "customdata": [
            [
                escape(part.label, 60),
                count(part.rows, "row"),
                f", 95 % interval {number(e[1])} to {number(e[2])}" if e else "",
            ]
            for part, e in zip(parts, ends, strict=True)
        ],
        "hovertemplate": "<b>%{customdata[0]}</b>, %{customdata[1]}<br>"
        "%{x:,.4~g}%{customdata[2]}<extra></extra>",
    }
