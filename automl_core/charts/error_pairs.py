"""Two models row by row: what each gives the actual class, or how far off each value is.

A point a row; on the diagonal both do the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.charts.drawing import Drawing, Trace, escape, rounded
from automl_core.charts.theme import BASELINE, BASELINE_DASH, VALID, faded, layout
from automl_core.words import count

Floats = NDArray[np.float64]
MOST = 800  # points
NAME = 24
CLASSES, VALUES = "Probability of the actual class", "Predicted minus actual"


@dataclass(frozen=True)
class ErrorPairs:
    """A sample of the rows, and what to see in all of them."""

    names: tuple[str, str]
    title: str  # CLASSES or VALUES
    first: tuple[float, ...]
    second: tuple[float, ...]
    rows: int
    sentence: str


def error_pairs(
    names: tuple[str, str], y: NDArray[Any], first: Floats, second: Floats
) -> ErrorPairs:
    """Of predictions (n, classes) or (n,) for rows y (n,), n > 0; at most MOST rows are kept."""
    n = len(y)
    if first.ndim == 2:
        one, two = (part[np.arange(n), y.astype(np.int64)] for part in (first, second))
        title = CLASSES
    else:
        one, two, title = first - y, second - y, VALUES
    rows = np.arange(n)
    if n > MOST:
        rows = np.sort(np.random.default_rng(0).permutation(n)[:MOST])
    return ErrorPairs(
        names,
        title,
        tuple(rounded(float(v)) for v in one[rows]),
        tuple(rounded(float(v)) for v in two[rows]),
        n,
        _sentence(one, two, title),
    )


def _sentence(one: Floats, two: Floats, title: str) -> str:
    """A sentence: if both err on the same rows; an average of them gains where they do not."""
    spread = min(float(one.std()), float(two.std()))
    if not spread > 0:
        return "One of them does the same for every row."
    alike = float(np.corrcoef(one, two)[0, 1])
    what = "what they give the actual class" if title == CLASSES else "their errors"
    if alike > 0.9:
        how = "they err on the same rows, and an average of them would gain little"
    elif alike > 0.6:
        how = "they often err on the same rows"
    else:
        how = "they err on different rows, so that an average of them may gain"
    return f"Correlation of {what}: {alike:.2f}; {how}."


def draw_error_pairs(found: ErrorPairs) -> Drawing:
    """Axes of one scale, with the diagonal."""
    both = [*found.first, *found.second]
    low, high = (0.0, 1.0) if found.title == CLASSES else (min(both), max(both))
    edge = 0.03 * (high - low) or 1.0
    ends = [rounded(low - edge), rounded(high + edge)]
    diagonal: Trace = {
        "type": "scatter", "mode": "lines", "x": ends, "y": ends, "hoverinfo": "skip",
        "line": {"color": BASELINE, "dash": BASELINE_DASH, "width": 1.5},
    }  # fmt: skip
    points: Trace = {
        "type": "scatter",
        "mode": "markers",
        "x": list(found.first),
        "y": list(found.second),
        "marker": {"size": 6, "color": faded(VALID, 0.45)},
        "hovertemplate": f"{escape(found.names[0], NAME)}: %{{x:,.4~g}}<br>"
        f"{escape(found.names[1], NAME)}: %{{y:,.4~g}}<extra></extra>",
    }
    across, up = (f"{found.title}, {escape(name, NAME)}" for name in found.names)
    shape = layout(across, up, height=360)
    shape["showlegend"] = False
    shape["margin"]["t"] = 8
    shape["xaxis"] |= {"range": ends, "showgrid": True}
    shape["yaxis"]["range"] = ends
    rows = count(found.rows, "row")
    if found.rows > len(found.first):
        rows = f"{len(found.first):,} of {found.rows:,} rows"
    first, second = (escape(name, NAME) for name in found.names)
    alt = f"{found.title}: {first} against {second}, {rows}. {found.sentence}"
    return Drawing((diagonal, points), shape, alt)
