"""The distribution of one column, coloured by the target's classes or beside its median.

Takes the record that profile/by_target.py makes; knows nothing of tables.
"""

from __future__ import annotations

from collections.abc import Sequence

from automl_core.charts.drawing import Drawing, Trace, escape, number, rounded
from automl_core.charts.theme import GREY, SERIES, VALID, faded, layout
from automl_core.profile import Distribution
from automl_core.words import percent

HEIGHT = 330
LABEL = 18  # letters of a label on the axis
LETTERS = 100  # of all labels together, so that they stand side by side
RANGE_LETTERS = 60  # of those of ranges, of which some can go: they stand in narrow windows too
MOST_LABELS = 12


def draw_spread(spread: Distribution, target: str | None) -> Drawing:
    """Rows by value: stacked by class, or with the target's median and middle half above."""
    places = list(range(len(spread.labels)))
    names = [escape(label, 60) for label in spread.labels]
    traces = [_bars(spread, c, places, names) for c in range(len(spread.counts))]
    shape = layout(escape(spread.column, 60), "Rows", height=HEIGHT)
    at, texts = _ticks(spread.labels)
    shape["xaxis"] |= {"tickvals": at, "ticktext": texts, "tickangle": 0}
    shape |= {"barmode": "stack", "bargap": 0.06, "showlegend": len(traces) > 1}
    words = f"Rows by value of {escape(spread.column)}"
    if any(spread.quartiles):
        traces += _middle(spread, places, names)
        shape["yaxis2"] = {
            **shape["yaxis"],
            "title": {"text": escape(target or "", 40), "standoff": 8},
            "overlaying": "y",
            "side": "right",
            "showgrid": False,
        }
        shape["showlegend"] = True
        words += ", with the median of the target"
    elif spread.classes:
        words += ", by class of the target"
    return Drawing(tuple(traces), shape, words + ".")


def _ticks(labels: Sequence[str]) -> tuple[list[int], list[str]]:
    """Places and texts on the axis: of ranges where they begin, of few values each one."""
    ranges = sum(" to " in label for label in labels) > len(labels) / 2
    if ranges:
        begins = [label.partition(" to ")[0] for label in labels]
        step = -(-len(labels) * (max(map(len, begins)) + 2) // RANGE_LETTERS)
        return list(range(0, len(labels), step)), [escape(b, LABEL) for b in begins[::step]]
    step = -(-len(labels) // MOST_LABELS) or 1
    shown = labels[::step]
    longest = min(LABEL, LETTERS // max(1, len(shown)))
    return list(range(0, len(labels), step)), [escape(label, longest) for label in shown]


def _bars(spread: Distribution, number_of: int, places: list[int], names: list[str]) -> Trace:
    """One class in every part; the only bars there are where the target has no classes."""
    counts = spread.counts[number_of]
    sums = [sum(column) for column in zip(*spread.counts, strict=True)]
    several = len(spread.counts) > 1
    trace: Trace = {
        "type": "bar",
        "x": places,
        "y": list(counts),
        "customdata": [
            [name, percent(n / max(1, total))]
            for name, n, total in zip(names, counts, sums, strict=True)
        ],
        "marker": {"line": {"width": 0}},
        "hovertemplate": "<b>%{customdata[0]}</b><br>%{y:,} rows<extra></extra>",
    }
    if several:
        label = escape(spread.classes[number_of], 40)
        others = number_of == len(spread.classes) - 1 and number_of >= len(SERIES) - 1
        trace["name"] = label
        trace["marker"]["color"] = GREY if others else SERIES[number_of % len(SERIES)]
        trace["hovertemplate"] = (
            f"<b>%{{customdata[0]}}</b><br>{label}: %{{y:,}} rows, "
            "%{customdata[1]} of these<extra></extra>"
        )
    else:
        quiet = any(spread.quartiles)
        trace["name"] = "rows"
        trace["marker"]["color"] = faded(GREY, 0.5) if quiet else VALID
    return trace


def _middle(spread: Distribution, places: list[int], names: list[str]) -> list[Trace]:
    """The target's median in each part, and where the middle half of its rows lies."""
    known = [i for i, q in enumerate(spread.quartiles) if q is not None]
    points = [q for q in spread.quartiles if q is not None]
    return [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": "median of the target, and its middle half",
            "x": [places[i] for i in known],
            "y": [rounded(q[1]) for q in points],
            "yaxis": "y2",
            "error_y": {
                "type": "data",
                "symmetric": False,
                "array": [rounded(q[2] - q[1]) for q in points],
                "arrayminus": [rounded(q[1] - q[0]) for q in points],
                "thickness": 1,
                "width": 2,
            },
            "line": {"color": VALID, "width": 2},
            "marker": {"size": 5},
            "customdata": [
                [names[i], number(q[1]), f"{number(q[0])} to {number(q[2])}"]
                for i, q in zip(known, points, strict=True)
            ],
            "hovertemplate": (
                "<b>%{customdata[0]}</b><br>median %{customdata[1]}<br>"
                "middle half %{customdata[2]}<extra></extra>"
            ),
        }
    ]
