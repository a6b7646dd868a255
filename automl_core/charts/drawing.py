"""The parts of a chart: plain traces and a plain layout, for the live view and for Plotly alike.

Knows nothing about runs, colours of families or what the numbers mean.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

Trace = dict[str, Any]
PERCENT_AXIS = {"ticksuffix": " %"}
MAX_POINTS = 300  # a trace on a screen of 1,000 pixels shows no more


@dataclass(frozen=True)
class Drawing:
    """Plotly traces and layout as lists, dicts and scalars: what JSON can carry."""

    traces: tuple[Trace, ...]
    layout: dict[str, Any]
    alt: str  # what the chart shows, in words, for those who cannot see it

    def figure(self) -> Any:
        """The same drawing as a `plotly.graph_objects.Figure`."""
        import plotly.graph_objects as go  # 0.3 s, and the live view does without it

        return go.Figure(data=list(self.traces), layout=self.layout)


def drawing_of(figure: Any, alt: str) -> Drawing:
    """A Plotly figure as a drawing, without the template that Plotly gives each figure."""
    plain = json.loads(figure.to_json())
    shape = plain.get("layout", {})
    shape.pop("template", None)
    return Drawing(tuple(plain["data"]), shape, alt)


def plotly_script() -> str:
    """The library that draws figures in a browser, 5 MB of JavaScript."""
    from plotly.offline import get_plotlyjs

    script: str = get_plotlyjs()
    return script


def escape(text: str, most: int = 32) -> str:
    """Text from a file, safe as Plotly text (which reads a few HTML tags), cut to `most` signs."""
    line = " ".join(text.split())
    line = line if len(line) <= most else line[: most - 1] + "…"
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def number(value: float) -> str:
    """Four significant digits, never an exponent between 0.0001 and 10^12: 0.9274, 48,231."""
    size = abs(value)
    if not math.isfinite(value):
        return "–"
    if 1000 <= size < 1e12:
        return f"{value:,.0f}"
    if size >= 1e12 or 0 < size < 1e-4:
        return f"{value:.3g}"
    return f"{value:.4f}" if size < 1 else f"{value:.{3 - int(math.log10(max(size, 1)))}f}"


def rounded(value: float) -> float:
    """Five significant digits: finer than a pixel, and half the bytes to send each second."""
    return float(f"{value:.5g}")


def percents(shares: Iterable[float]) -> list[float]:
    """Shares from 0 to 1 as percent, for an axis with `PERCENT_AXIS`; Plotly's own `%` is joined
    to its number."""
    return [rounded(100 * share) for share in shares]


def thin(count: int, most: int = MAX_POINTS) -> list[int]:
    """At most `most` of the positions 0..count-1, evenly spaced, first and last included."""
    if count <= most:
        return list(range(count))
    return [int(i) for i in np.linspace(0, count - 1, most).round()]
