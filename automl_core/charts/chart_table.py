"""The numbers of a chart as a table: a row for each point that is drawn.

Read from the drawing itself, so that table and chart cannot say different things.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import pyarrow as pa

from automl_core.charts.drawing import Drawing, Trace

Cell = str | float | None
SERIES, FROM, LOW, HIGH, VALUE, DETAILS = "series", "from", "low", "high", "value", "details"

_SHOWN = re.compile(r"%\{customdata\[(\d+)\]")
_TAG = re.compile(r"<[^<>]*>")  # of the markup that Plotly reads; text from files is escaped


def chart_table(drawing: Drawing) -> pa.Table:
    """The points of all traces, in the order in which they are drawn.

    Columns: the trace, the values on both axes, named by the axes; where a bar begins; the ends of
    the interval; the value of a map's cell; and what is told of a point when it is pointed at.
    Those without a value are left out.
    """
    shown = [trace for trace in drawing.traces if _tells(trace)]
    across = _axis_of(drawing.layout, "x", shown)
    down = _axis_of(drawing.layout, "y", shown)
    points = [point for trace in shown for point in _points(trace, across, down)]
    names = (SERIES, across.title, down.title, FROM, LOW, HIGH, VALUE, DETAILS)
    columns = [[point[place] for point in points] for place in range(len(names))]
    kept = [i for i, column in enumerate(columns) if any(cell is not None for cell in column)]
    return pa.Table.from_arrays([_array(columns[i]) for i in kept], [names[i] for i in kept])


def _tells(trace: Trace) -> bool:
    """False of what only guides the eye: it has no name, and nothing to say when pointed at."""
    return bool(trace.get("name")) or trace.get("hoverinfo") != "skip"


@dataclass(frozen=True)
class _Axis:
    """One axis: its title, and the names of places on it where it has names."""

    title: str
    names: dict[float, str] | None

    def read(self, value: Any) -> Cell:
        """A value as it stands on the axis; None of a place between names."""
        if self.names is None or value is None or isinstance(value, str):
            return _plain(value)
        return self.names.get(float(value))


def _axis_of(layout: dict[str, Any], letter: str, traces: Sequence[Trace]) -> _Axis:
    axis = layout.get(f"{letter}axis") or {}
    title = axis.get("title") or {}
    words = _text(title.get("text") if isinstance(title, dict) else title)
    suffix = str(axis.get("ticksuffix") or "").strip()
    if suffix and suffix not in words:
        words = f"{words}, {suffix}" if words else suffix
    ticks = axis.get("tickvals")
    if ticks is None:
        return _Axis(words or letter, None)
    names = {float(t): _text(s) for t, s in zip(ticks, axis.get("ticktext") or (), strict=False)}
    values = [v for trace in traces for v in _places(trace, letter) if not isinstance(v, str)]
    if 2 * sum(value in names for value in values) >= len(values):
        return _Axis(words or letter, names)
    # A scale of its own, or one that names some of its places only: the details say the rest.
    return _Axis(f"{words or letter}: place on the axis", None)


def _places(trace: Trace, letter: str) -> Sequence[Any]:
    """The values of a trace on an axis; of a map that gives none, the numbers of its cells."""
    given = trace.get(letter)
    if given is not None or "z" not in trace:
        return given if given is not None else ()
    lines = trace["z"]
    return range(len(lines) if letter == "y" else max(map(len, lines), default=0))


def _points(trace: Trace, across: _Axis, down: _Axis) -> Iterator[tuple[Cell, ...]]:
    name = _text(trace.get("name")) or None
    xs, ys = _places(trace, "x"), _places(trace, "y")
    if "z" in trace:
        for i, line in enumerate(trace["z"]):
            for j, value in enumerate(line):
                cell = (across.read(xs[j]), down.read(ys[i]))
                yield (name, *cell, None, None, None, value, _details(trace, i, j))
        return
    lies = trace.get("type") == "bar" and trace.get("orientation") == "h"
    for i, (wide, high) in enumerate(zip_longest(xs, ys)):
        start = _at(trace.get("base"), i)
        if start is None:
            x, y = wide, high
        else:  # such a bar ends where its length does
            x = _without_noise(start + wide) if lies else wide
            y = high if lies else _without_noise(start + high)
        ends = _ends(trace, x, y, i)
        yield (name, across.read(x), down.read(y), start, *ends, None, _details(trace, i))


def _ends(trace: Trace, x: Any, y: Any, place: int) -> tuple[float | None, float | None]:
    """The ends of the interval that is drawn around a point; None where there is none."""
    for error, middle in ((trace.get("error_x"), x), (trace.get("error_y"), y)):
        above = _at((error or {}).get("array"), place)
        if not error or above is None:
            continue
        given = error.get("arrayminus")
        below = above if given is None else _at(given, place)
        if above or below:
            return _without_noise(middle - (below or 0.0)), _without_noise(middle + above)
    return None, None


def _without_noise(value: float) -> float:
    """0.15, not the 0.15000000000000002 that a difference gives."""
    return float(f"{value:.10g}")


def _at(values: Any, place: int) -> Any:
    """One of a list of values, the value itself where there is no list."""
    if isinstance(values, (list, tuple)):
        return values[place] if place < len(values) else None
    return values


def _details(trace: Trace, *place: int) -> str | None:
    """Texts of a point beyond its place: those at it, and those shown by a pointer."""
    pointed = _SHOWN.findall(str(trace.get("hovertemplate") or ""))
    told: list[str] = []
    for values in (trace.get("customdata"), trace.get("text")):
        found = values
        for index in place:
            found = _at(found, index) if isinstance(found, (list, tuple)) else None
        parts = [found]
        if isinstance(found, (list, tuple)):  # some parts may be for the page alone
            parts = [found[int(i)] for i in pointed if int(i) < len(found)]
        told += [_text(part).lstrip(", ") for part in parts]
    return "; ".join(dict.fromkeys(words for words in told if words)) or None


def _text(words: object) -> str:
    """Words of a chart without their markup, on one line."""
    if words is None:
        return ""
    return " ".join(html.unescape(_TAG.sub(" ", str(words))).split())


def _plain(value: Any) -> Cell:
    return _text(value) if isinstance(value, str) else value


def _array(cells: Sequence[Cell]) -> pa.Array:
    """Numbers as float64, anything else as text."""
    if all(cell is None or isinstance(cell, (int, float)) for cell in cells):
        return pa.array([None if c is None else float(c) for c in cells], pa.float64())
    return pa.array([None if c is None else str(c) for c in cells], pa.string())
