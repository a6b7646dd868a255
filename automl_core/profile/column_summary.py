"""One small summary a column, for the table of columns on the Data page.

Numbers only; drawing them is left to others.
"""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from automl_core.table import Column, Schema, TypedColumn, sample_rows
from automl_core.table.parsing import BETWEEN, parse_column
from automl_core.words import percent

BINS = 12
TOP = 12
_LABEL = 40  # longest label, in characters


@dataclass(frozen=True)
class ColumnProfile:
    """A column in one line: `histogram[i]` rows fall under `labels[i]`."""

    name: str
    role: str
    reason: str
    missing_share: float  # 0 to 1
    distinct: int
    histogram: tuple[int, ...]  # numbers: equal bins; words: the most frequent, and the rest
    labels: tuple[str, ...]
    summary: str  # in words, with numbers


def profile_columns(
    table: pa.Table, schema: Schema, max_rows: int = 100_000
) -> tuple[ColumnProfile, ...]:
    """A profile of every column of the schema; histograms of `max_rows` rows at most."""
    positions = {name: i for i, name in enumerate(table.column_names)}
    sample = sample_rows(table, max_rows)
    return tuple(
        _profile(sample.column(positions[column.name]), column, schema.rows)
        for column in schema.columns
    )


def _profile(values: pa.ChunkedArray, column: Column, rows: int) -> ColumnProfile:
    typed = parse_column(values, column.name, column.parse)
    if typed.numbers is not None:
        histogram, labels, summary = _of_numbers(typed.numbers, column.parse.kind)
    elif column.parse.kind == "text":
        histogram, labels, summary = _of_text(typed)
    elif column.parse.kind == "list":
        histogram, labels, summary = _of_words(_items(typed))
    else:
        histogram, labels, summary = _of_words(typed)
    return ColumnProfile(
        name=column.name,
        role=column.role,
        reason=column.reason,
        missing_share=column.missing / max(1, rows),
        distinct=column.distinct,
        histogram=histogram,
        labels=labels,
        summary=summary,
    )


_Shape = tuple[tuple[int, ...], tuple[str, ...], str]


def _of_numbers(numbers: NDArray[np.float64], kind: str) -> _Shape:
    numbers = numbers[~np.isnan(numbers)]
    if not len(numbers):
        return (), (), "no value"
    if kind == "boolean":
        yes = int((numbers > 0).sum())
        share = yes / len(numbers)
        return (len(numbers) - yes, yes), ("no", "yes"), f"{percent(share)} yes"
    show = _date if kind == "datetime" else _number
    low, middle, high = (float(v) for v in np.quantile(numbers, (0, 0.5, 1)))
    if low == high:
        return (len(numbers),), (show(low),), f"always {show(low)}"
    summary = f"{show(low)} to {show(high)}, median {show(middle)}"
    distinct, counts = np.unique(numbers, return_counts=True)
    if len(distinct) <= BINS:
        return tuple(int(c) for c in counts), tuple(show(float(v)) for v in distinct), summary
    edges = np.linspace(low, high, BINS + 1)
    if not np.isfinite(edges).all() or (np.diff(edges) <= 0).any():
        return (len(numbers),), (f"{show(low)} to {show(high)}",), summary
    counts, _ = np.histogram(numbers, edges)
    labels = tuple(f"{show(float(a))} to {show(float(b))}" for a, b in itertools.pairwise(edges))
    return tuple(int(c) for c in counts), labels, summary


def _of_words(typed: TypedColumn) -> _Shape:
    assert typed.codes is not None
    present = typed.codes[typed.codes >= 0]
    if not len(present):
        return (), (), "no value"
    counts = np.bincount(present, minlength=len(typed.words))
    if len(counts) > TOP and counts.max() == 1:
        return (), (), f"no value twice, such as {_short(typed.words[0])}"
    order = np.argsort(-counts, kind="stable")
    top = order[:TOP] if len(order) <= TOP else order[: TOP - 1]
    histogram = [int(counts[i]) for i in top]
    labels = [_short(typed.words[i]) for i in top]
    if len(order) > len(top):
        histogram.append(int(counts.sum() - sum(histogram)))
        labels.append(f"{len(order) - len(top):,} others")
    share = histogram[0] / counts.sum()
    return tuple(histogram), tuple(labels), f"most often {labels[0]} ({percent(share)})"


def _items(typed: TypedColumn) -> TypedColumn:
    """The items of all lists below each other, as if each were a cell of its own."""
    assert typed.codes is not None
    lists = [word.split(BETWEEN) for word in typed.words]
    items = list(dict.fromkeys(item for items in lists for item in items))
    place = {item: i for i, item in enumerate(items)}
    counts = np.bincount(typed.codes[typed.codes >= 0], minlength=len(lists))
    codes = [
        np.repeat(np.array([place[item] for item in items], np.int32), count)
        for items, count in zip(lists, counts, strict=True)
    ]
    return TypedColumn(
        typed.name, codes=np.concatenate([*codes, np.zeros(0, np.int32)]), words=tuple(items)
    )


def _of_text(typed: TypedColumn) -> _Shape:
    assert typed.codes is not None
    present = typed.codes[typed.codes >= 0]
    if not len(present):
        return (), (), "no value"
    lengths = np.array([word.count(" ") + 1 if word else 0 for word in typed.words])[present]
    histogram, labels, _ = _of_numbers(lengths.astype(np.float64), "number")
    words = f"{int(lengths.min()):,} to {int(lengths.max()):,} words, median {np.median(lengths):g}"
    return histogram, tuple(f"{label} words" for label in labels), words


def _number(value: float) -> str:
    if value == np.trunc(value) and abs(value) < 1e15:
        return f"{int(value):,}" if abs(value) >= 10_000 else f"{int(value)}"
    return f"{value:.4g}"


def _date(seconds: float) -> str:
    moment = dt.datetime(1970, 1, 1) + dt.timedelta(seconds=seconds)
    return moment.strftime("%Y-%m-%d")


def _short(text: str) -> str:
    return text if len(text) <= _LABEL else text[: _LABEL - 1] + "…"
