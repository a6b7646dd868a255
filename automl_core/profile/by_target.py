"""The distribution of one column, and the target in each part of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from automl_core.profile.sample import Sample, grouped_codes
from automl_core.table import TypedColumn

BINS, GROUPS, CLASSES = 24, 16, 6
TAIL = 0.005  # of the rows on each side that long tails are cut to
CUT = 0.5  # share of the whole range that is left then, at most, for the cut to be made

RowIndex = NDArray[np.int64]


@dataclass(frozen=True)
class Distribution:
    """Rows of a column by its values: `counts[c][i]` of class c fall under `labels[i]`.

    Without a target, or with one of numbers, there is one row of counts and no class; with
    numbers `quartiles[i]` are the target's 25, 50 and 75 % points in each part.
    """

    column: str
    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    classes: tuple[str, ...]
    quartiles: tuple[tuple[float, float, float] | None, ...]
    missing: int  # rows without a value
    rows: int  # that were looked at


def distribution(sample: Sample, column: str, target: str | None, classes: bool) -> Distribution:
    """The column by the target; `classes`: the target has classes, not numbers."""
    part, labels = parts_of(sample.column(column), sample.kind(column))
    known = part >= 0
    counts: tuple[tuple[int, ...], ...] = (_counted(part[known], len(labels)),)
    names: tuple[str, ...] = ()
    quartiles: tuple[tuple[float, float, float] | None, ...] = ()
    if target is not None and target != column:
        cells = sample.column(target)
        if classes:
            of_class, names = _classes(cells, sample.kind(target))
            counts = tuple(
                _counted(part[known & (of_class == c)], len(labels)) for c in range(len(names))
            )
        elif cells.numbers is not None:
            quartiles = _quartiles(part, cells.numbers, len(labels))
    missing = int((~known).sum())
    return Distribution(column, labels, counts, names, quartiles, missing, len(part))


def parts_of(cells: TypedColumn, kind: str) -> tuple[RowIndex, tuple[str, ...]]:
    """(n,) part of each row, -1 where missing, and the parts' labels in order.

    Words: the most frequent ones. Numbers: their values where few, else equal bins of round
    width, without the last half percent of long tails, which falls into open bins at the ends.
    """
    if kind in ("text", "list"):
        assert cells.codes is not None
        sign = " " if kind == "text" else "\x1f"
        lengths = np.array([w.count(sign) + 1 if w else 0 for w in cells.words] + [np.nan])
        part, labels = _of_numbers(lengths[cells.codes], "number")
        return part, tuple(f"{label} {'words' if kind == 'text' else 'items'}" for label in labels)
    if cells.numbers is None:
        return grouped_codes(cells, GROUPS)
    return _of_numbers(cells.numbers, kind)


def _of_numbers(numbers: NDArray[np.float64], kind: str) -> tuple[RowIndex, tuple[str, ...]]:
    known = ~np.isnan(numbers)
    part = np.full(len(numbers), -1, np.int64)
    present = numbers[known]
    if not len(present):
        return part, ()
    distinct = np.unique(present)
    if len(distinct) <= GROUPS:
        part[known] = np.searchsorted(distinct, present)
        return part, tuple(value_words(float(value), kind) for value in distinct)
    low, high = float(distinct[0]), float(distinct[-1])
    inner = np.quantile(present, (TAIL, 1 - TAIL))
    cut = inner[1] > inner[0] and inner[1] - inner[0] < CUT * (high - low)
    ends = (float(inner[0]), float(inner[1])) if cut else (low, high)
    edges = round_edges(*ends) if kind == "number" else np.linspace(*ends, BINS + 1)
    single = kind == "number" and edges[1] - edges[0] <= 1 and bool((present % 1 == 0).all())
    if single:  # no empty bins between whole numbers, and each has its own
        edges = np.arange(np.floor(ends[0]), np.floor(ends[1]) + 2)
    last = len(edges) - 2
    part[known] = np.clip(np.searchsorted(edges, present, side="right") - 1, 0, last)
    names = [value_words(float(edge), kind) for edge in edges]
    labels = names[:-1] if single else [f"{a} to {b}" for a, b in pairwise(names)]
    if low < edges[0]:
        labels[0] = f"below {names[1]}"
    if high > edges[-1] or (single and high == edges[-1]):
        labels[-1] = f"{names[-2]} and more"
    return part, tuple(labels)


def round_edges(low: float, high: float) -> NDArray[np.float64]:
    """Edges of 12 to 26 bins around low to high whose width is 1, 2 or 5 times a power of ten."""
    width = (high - low) / BINS
    power = 10.0 ** np.floor(np.log10(width))
    step = power * next(m for m in (1, 2, 5, 10) if m * power >= 0.999 * width)
    first, count = np.floor(low / step), np.ceil(high / step) - np.floor(low / step)
    edges = (first + np.arange(int(count) + 1)) * step
    good = np.isfinite(edges).all() and len(edges) > 1 and (np.diff(edges) > 0).all()
    return edges if good else np.array([low, high])


def _classes(cells: TypedColumn, kind: str) -> tuple[RowIndex, tuple[str, ...]]:
    """(n,) class of each row, -1 where it has none, and the classes' names."""
    if cells.numbers is None:
        return grouped_codes(cells, CLASSES)
    known = ~np.isnan(cells.numbers)
    values, place = np.unique(cells.numbers[known], return_inverse=True)
    words = tuple(value_words(float(v), kind) for v in values)
    codes = np.full(len(cells), -1, np.int32)
    codes[known] = place
    return grouped_codes(TypedColumn(cells.name, codes=codes, words=words), CLASSES)


def _counted(part: RowIndex, size: int) -> tuple[int, ...]:
    return tuple(int(n) for n in np.bincount(part, minlength=size))


def _quartiles(
    part: RowIndex, values: NDArray[np.float64], size: int
) -> tuple[tuple[float, float, float] | None, ...]:
    """The target's quartiles in each part; None where it has no value there."""
    known = (part >= 0) & ~np.isnan(values)
    order = np.argsort(part[known], kind="stable")
    sorted_values = values[known][order]
    ends = np.cumsum(np.bincount(part[known], minlength=size))
    found: list[tuple[float, float, float] | None] = []
    for start, end in pairwise([0, *ends.tolist()]):
        if start == end:
            found.append(None)
            continue
        low, middle, high = np.quantile(sorted_values[start:end], (0.25, 0.5, 0.75))
        found.append((float(low), float(middle), float(high)))
    return tuple(found)


def value_words(value: float, kind: str) -> str:
    """A number as its kind of column shows it: yes or no, a day, four digits or whole."""
    if kind == "boolean":
        return "yes" if value else "no"
    if kind == "datetime":
        return (dt.datetime(1970, 1, 1) + dt.timedelta(seconds=value)).strftime("%Y-%m-%d")
    if 10_000 <= abs(value) < 1e15:  # no exponent
        return f"{value:,.0f}"
    if value == np.trunc(value) and abs(value) < 1e15:
        return f"{int(value)}"  # years have no comma
    return f"{value:,.4g}"
