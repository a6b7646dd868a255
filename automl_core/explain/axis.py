"""The values of one column that an effect is looked at: where the data lies.

Numbers and dates by their quantiles, words by how often they occur.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from automl_core.explain.date_parts import LABELS, DatePart, part_of, with_part
from automl_core.explain.sample import Rows, Sample
from automl_core.table import TypedColumn

POINTS, PAIR_POINTS = 16, 5  # values of a column alone, and in a pair
TAIL = 0.01  # of the rows, at each end, that reach beyond the first and the last point
BARS = 24  # of the histogram
LEAST_ROWS = 20  # with a value: an effect of fewer would say nothing
FAR_APART = 100.0  # times as large as the first point is the last one of a log axis

AxisKind = Literal["number", "datetime", "word"]


@dataclass(frozen=True)
class Axis:
    """The points of a column; words are numbered from 0, the most frequent first."""

    column: str
    kind: AxisKind
    points: tuple[float, ...]  # ascending; dates as seconds since 1970
    labels: tuple[str, ...]  # a word a point; () for numbers and dates
    shares: tuple[float, ...]  # share of the known values that are nearest to each point
    edges: tuple[float, ...]  # of a histogram of numbers and dates; () for words
    bars: tuple[float, ...]  # share of the known values between two edges
    missing: float  # share of the rows without a value
    beyond: float  # share of the known values that are other words, or outside the edges
    part: DatePart | None = None  # of dates, whose labels are the points; None: the whole value
    log: bool = False  # the data is better seen on a log axis; the edges are even on that

    @property
    def title(self) -> str:
        """The column, and where it is a part of its dates which one."""
        return self.column if self.part is None else f"{self.column} ({self.part})"


@dataclass(frozen=True, eq=False)
class Steps:
    """For each row the two neighbouring points that its value lies between."""

    rows: Rows  # (m,) positions of the rows that lie between two points
    step: Rows  # (m,) between the points step and step + 1


def axis_of(sample: Sample, name: str, most: int = POINTS) -> Axis | None:
    """The axis of a column, at most `most` points; None where it has no two values, or is a text.

    It is the axis of all rows of the sample, whichever of them an effect is computed on.
    """
    column, kind = sample.typed.columns[name], sample.kinds[name]
    gaps = column.gaps
    if kind in ("text", "list") or (~gaps).sum() < LEAST_ROWS:
        return None
    missing = float(gaps.mean())
    if column.numbers is None:
        return _of_words(name, column, missing, most)
    known = np.sort(column.numbers[~gaps])
    if kind == "boolean":
        return _of_flags(name, known, missing)
    return _of_numbers(name, "datetime" if kind == "datetime" else "number", known, missing, most)


def part_axes(sample: Sample, name: str) -> list[Axis]:
    """The month, weekday and hour of dates, as far as they differ; [] for other columns."""
    dates = sample.typed.columns[name].numbers
    if sample.kinds[name] != "datetime" or dates is None:
        return []
    found = []
    for part, labels in LABELS.items():
        values = part_of(dates, part)
        counts = np.bincount(values[values >= 0], minlength=len(labels))
        if counts.sum() >= LEAST_ROWS and (counts > 0).sum() > 1:
            occur = np.flatnonzero(counts)
            shares = (counts[occur] / counts.sum()).tolist()
            words = tuple(labels[i] for i in occur.tolist())
            missing = float((values < 0).mean())
            found.append(replace(_words(name, words, shares, missing), part=part))
    return found


def _of_words(name: str, column: TypedColumn, missing: float, most: int) -> Axis | None:
    assert column.codes is not None
    counts = np.bincount(column.codes[column.codes >= 0], minlength=len(column.words))
    order = np.argsort(-counts, kind="stable")[:most]
    order = order[counts[order] > 0]
    if len(order) < 2:
        return None
    shares = counts[order] / counts.sum()
    labels = tuple(column.words[i] for i in order.tolist())
    return _words(name, labels, shares.tolist(), missing)


def _of_flags(name: str, known: NDArray[np.float64], missing: float) -> Axis | None:
    if known[0] == known[-1]:
        return None
    yes = float(known.mean())
    return _words(name, ("no", "yes"), [1 - yes, yes], missing)


def _words(name: str, labels: tuple[str, ...], shares: list[float], missing: float) -> Axis:
    points = tuple(float(i) for i in range(len(labels)))
    beyond = max(0.0, 1 - sum(shares))
    return Axis(name, "word", points, labels, tuple(shares), (), (), missing, beyond)


def _of_numbers(
    name: str, kind: AxisKind, known: NDArray[np.float64], missing: float, most: int
) -> Axis | None:
    points = np.unique(known)
    if len(points) > most:
        places = np.linspace(TAIL, 1 - TAIL, most) * (len(known) - 1)
        points = np.unique(known[places.round().astype(np.int64)])
    if len(points) < 2:
        return None
    middles = (points[1:] + points[:-1]) / 2
    shares = np.bincount(np.searchsorted(middles, known), minlength=len(points)) / len(known)
    log = kind == "number" and _spreads_over_magnitudes(points, known)
    edges = (np.geomspace if log else np.linspace)(points[0], points[-1], BARS + 1)
    bars = np.histogram(known, edges)[0] / len(known)
    return Axis(
        name, kind, tuple(points.tolist()), (), tuple(shares.tolist()), tuple(edges.tolist()),
        tuple(bars.tolist()), missing, float(max(0.0, 1 - bars.sum())), log=log,
    )  # fmt: skip


def _spreads_over_magnitudes(points: NDArray[np.float64], known: NDArray[np.float64]) -> bool:
    """All values are above 0, the ends far apart, and half of the data lies nearer to the middle
    of a log axis than to that of a plain one."""
    low, high = float(points[0]), float(points[-1])
    if not (known[0] > 0 and high >= FAR_APART * low):
        return False
    middle = float(np.clip(known[len(known) // 2], low, high))
    on_log = (math.log(middle) - math.log(low)) / (math.log(high) - math.log(low))
    return bool(abs(on_log - 0.5) < abs((middle - low) / (high - low) - 0.5))


def column_at(sample: Sample, axis: Axis, points: Rows) -> TypedColumn:
    """The column with the value of a point in each row; `points` (n,) number the axis's."""
    own = sample.typed.columns[axis.column]
    if own.numbers is not None and axis.part is not None:
        values = np.array([LABELS[axis.part].index(label) for label in axis.labels], np.int64)
        return TypedColumn(own.name, numbers=with_part(own.numbers, axis.part, values[points]))
    if own.numbers is not None:
        return TypedColumn(own.name, numbers=np.array(axis.points)[points])
    codes = np.array([own.words.index(label) for label in axis.labels], np.int32)
    return TypedColumn(own.name, None, codes[points], own.words, own.signals, own.vectors)


def steps_of(sample: Sample, axis: Axis) -> Steps:
    """Rows whose value lies on the axis; a word is between its neighbours, by turns."""
    own = sample.typed.columns[axis.column]
    last = len(axis.points) - 2
    if axis.kind != "word":
        assert own.numbers is not None
        points = np.array(axis.points)
        rows = np.flatnonzero((own.numbers >= points[0]) & (own.numbers <= points[-1]))
        step = np.searchsorted(points, own.numbers[rows], side="left") - 1
        return Steps(rows.astype(np.int64), np.clip(step, 0, last).astype(np.int64))
    place = _places(own, axis)
    rows = np.flatnonzero(place >= 0)
    step = place[rows] - (np.arange(len(rows)) % 2)
    return Steps(rows.astype(np.int64), np.clip(step, 0, last).astype(np.int64))


def _places(own: TypedColumn, axis: Axis) -> Rows:
    """(n,) the point that is each row's word; -1: none is."""
    if own.numbers is not None and axis.part is not None:
        known = [LABELS[axis.part].index(label) for label in axis.labels]
        place = np.full(len(LABELS[axis.part]) + 1, -1, np.int64)
        place[known] = np.arange(len(known))
        return place[part_of(own.numbers, axis.part)]
    if own.numbers is not None:
        return np.where(np.isnan(own.numbers), -1, own.numbers).astype(np.int64)
    assert own.codes is not None
    place = np.full(len(own.words) + 1, -1, np.int64)  # the last is where code -1 looks
    for i, label in enumerate(axis.labels):
        place[own.words.index(label)] = i
    return place[own.codes]
