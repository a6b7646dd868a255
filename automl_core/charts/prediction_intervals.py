"""Measured coverage of prediction intervals by range of the prediction.

Takes the record of evaluation/prediction_intervals.py.
"""

from __future__ import annotations

from automl_core.charts.drawing import Drawing, escape, number, rounded
from automl_core.charts.theme import BASELINE, BASELINE_DASH, VALID, layout
from automl_core.evaluation import PredictionIntervals, plain_number
from automl_core.words import percent

LETTERS = 64  # of all labels together, so that they stand side by side
ROOM = 0.03  # share of rows that the axis reaches beyond what is drawn


def draw_coverage(found: PredictionIntervals, target: str, height: int = 360) -> Drawing:
    """A point a range with its 95 % interval, and a line at the level that was asked for."""
    parts = found.by_range
    places = list(range(len(parts)))
    names = [f"{plain_number(part.low)} to {plain_number(part.high)}" for part in parts]
    points = {
        "type": "scatter",
        "mode": "markers",
        "name": "measured, with its 95 % interval",
        "x": places,
        "y": [rounded(100 * part.covered) for part in parts],
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [rounded(100 * (p.covered_high - p.covered)) for p in parts],
            "arrayminus": [rounded(100 * (p.covered - p.covered_low)) for p in parts],
            "color": VALID,
            "thickness": 1.5,
            "width": 4,
        },
        "marker": {"color": VALID, "size": 9},
        "customdata": [
            [name, f"{part.rows:,}", number(part.width)]
            for name, part in zip(names, parts, strict=True)
        ],
        "hovertemplate": "<b>predicted %{customdata[0]}</b>, %{customdata[1]} rows<br>"
        "%{y:.1f} % inside<br>width %{customdata[2]}<extra></extra>",
    }
    level = {
        "type": "scatter",
        "mode": "lines",
        "name": f"wanted: {percent(found.level)}",
        "x": [-0.5, len(parts) - 0.5],
        "y": [100 * found.level] * 2,
        "line": {"color": BASELINE, "dash": BASELINE_DASH, "width": 1.5},
        "hoverinfo": "skip",
    }
    shape = layout(f"Predicted {escape(target, 40)}, from", "Actual values inside, %", height)
    begins = [plain_number(part.low) for part in parts]
    step = -(-len(parts) * (max(map(len, begins), default=0) + 2) // LETTERS) or 1
    shape["xaxis"] |= {"tickvals": places[::step], "ticktext": begins[::step], "tickangle": 0}
    low = min((part.covered_low for part in parts), default=0.0)
    shape["yaxis"] |= {"range": [100 * (min(low, found.level) - ROOM), 100 * (1 + ROOM)]}
    words = f"{percent(found.covered)} of the actual values lie inside their interval; " + (
        f"by range of the prediction {100 * min(p.covered for p in parts):.0f} to "
        f"{percent(max(p.covered for p in parts))}."
        if parts
        else "there is no range."
    )
    return Drawing((level, points), shape, words)
