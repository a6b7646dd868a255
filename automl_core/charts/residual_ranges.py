"""Residuals by range of the prediction: the middle half, nine of ten, the mean, and zero.

Takes the records of evaluation/residual_ranges.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from automl_core.charts.drawing import Drawing, Trace, escape, number, rounded
from automl_core.charts.theme import BASELINE, BASELINE_DASH, BEST, VALID, faded, layout
from automl_core.evaluation import ResidualRange, plain_number, residual_sentence

LETTERS = 64  # of all labels together, so that they stand side by side


def draw_residual_ranges(
    ranges: Sequence[ResidualRange], target: str, height: int = 360
) -> Drawing:
    """A bar from the 5 to the 95 % point, a darker one of the middle half, and the mean."""
    places = list(range(len(ranges)))
    quantiles = [part.quantiles for part in ranges]
    traces = (
        _bars(places, [(q[0], q[4]) for q in quantiles], "nine of ten rows", 0.2),
        _bars(places, [(q[1], q[3]) for q in quantiles], "middle half", 0.45),
        _means(places, ranges),
    )
    name = escape(target, 40)
    shape = layout(f"Predicted {name}, from", "Predicted minus actual, same units", height)
    begins = [plain_number(part.low) for part in ranges]
    step = -(-len(ranges) * (max(map(len, begins), default=0) + 2) // LETTERS) or 1
    shape["xaxis"] |= {"tickvals": places[::step], "ticktext": begins[::step], "tickangle": 0}
    zero = {"color": BASELINE, "dash": BASELINE_DASH, "width": 1.5}
    ends = {"type": "line", "x0": 0, "x1": 1, "xref": "paper", "y0": 0, "y1": 0}
    shape |= {"barmode": "overlay", "shapes": [{**ends, "line": zero}]}
    return Drawing(traces, shape, residual_sentence(ranges))


def _bars(places: list[int], ends: list[tuple[float, float]], name: str, opacity: float) -> Trace:
    return {
        "type": "bar",
        "name": name,
        "x": places,
        "base": [rounded(low) for low, _ in ends],
        "y": [rounded(high - low) for low, high in ends],
        "width": 0.5,
        "marker": {"color": faded(VALID, opacity), "line": {"width": 0}},
        "hoverinfo": "skip",
    }


def _means(places: list[int], ranges: Sequence[ResidualRange]) -> Trace:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "mean (orange: off by more than chance)",
        "x": places,
        "y": [rounded(part.mean) for part in ranges],
        "marker": {"color": [BEST if part.is_off else VALID for part in ranges], "size": 9},
        "customdata": [
            [
                f"{plain_number(part.low)} to {plain_number(part.high)}",
                f"{part.rows:,}",
                f"{number(part.quantiles[0])} to {number(part.quantiles[4])}",
            ]
            for part in ranges
        ],
        "hovertemplate": "<b>predicted %{customdata[0]}</b>, %{customdata[1]} rows<br>"
        "mean %{y:,.4~g}<br>nine of ten rows %{customdata[2]}<extra></extra>",
    }
