"""Rows that a file may fail on: gaps everywhere, infinities, words never seen, thresholds.

Made of the model itself and of rows like those that it learned from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from automl_core.export import Predictor
from automl_core.features import Encoder
from automl_core.models import (
    BoostedTrees,
    Forest,
    LogTargetModel,
    Model,
    ObliviousTrees,
    Trees,
)
from automl_core.table import Column, TypedColumn, TypedTable
from automl_core.table.parsing import parse_column

Numbers = NDArray[np.float64]

ROWS = 400
ODD_NUMBERS = (np.nan, np.inf, -np.inf, 0.0, -0.0, 1e308, -1e308, 5e-324, 1e18, -62_135_596_800.0)
LONG = 20_000  # characters of a very long cell
ODD_WORDS = (
    None, "", " ", "never seen before", "nan", "null", "-", "0", "1e5", "a\nb\t c", "x" * LONG,
    "long words " * (LONG // 11), "日本語のテキスト", "ÉCLAIR É e\u0301", "\U0001f600 \u202e",
    "\u200b",
)  # fmt: skip
MOST_THRESHOLDS = 100  # of a column and an encoder
HALVINGS = 36  # until two neighbouring numbers are left
SHARE = 0.5  # of cells that are odd, in rows where not all are


def hostile_rows(predictor: Predictor, usual: TypedTable) -> TypedTable:
    """ROWS rows that are odd in every way, of some usual ones; none where there are none."""
    if not usual.rows:
        return usual
    rng = np.random.default_rng(0)
    taken = usual.take(rng.integers(0, usual.rows, ROWS).astype(np.int64))
    edges = _thresholds(predictor)
    columns = {
        column.name: _odd(column, taken.columns[column.name], edges.get(column.name), rng)
        for column in predictor.columns
    }
    return TypedTable(columns, ROWS)


def _odd(
    column: Column, cells: TypedColumn, edges: Numbers | None, rng: np.random.Generator
) -> TypedColumn:
    """The cells of a column: in the first rows all columns are odd in the same way."""
    if cells.numbers is None:
        words = [cells.words[code] if code >= 0 else None for code in _codes(cells)]
        chosen = rng.integers(0, len(ODD_WORDS), ROWS)
        mixed = np.where(rng.random(ROWS) < SHARE, chosen, -1)
        mixed[: len(ODD_WORDS)] = np.arange(len(ODD_WORDS))
        texts = [words[i] if odd < 0 else ODD_WORDS[odd] for i, odd in enumerate(mixed)]
        return parse_column(pa.array(texts, pa.string()), column.name, column.parse)
    odd_numbers = np.array([np.nan, 0.0, 1.0] if column.parse.kind == "boolean" else ODD_NUMBERS)
    pool = odd_numbers
    if edges is not None and len(edges):
        pool = np.concatenate([np.repeat(odd_numbers, 1 + len(edges) // 30), edges])
    numbers = np.where(rng.random(ROWS) < SHARE, rng.choice(pool, ROWS), cells.numbers)
    numbers[: len(odd_numbers)] = odd_numbers
    return TypedColumn(column.name, numbers=numbers)


def _codes(cells: TypedColumn) -> list[int]:
    assert cells.codes is not None
    codes: list[int] = cells.codes.tolist()
    return codes


def _thresholds(predictor: Predictor) -> dict[str, Numbers]:
    """For each column of numbers the last values on one side of splits, and the first beyond."""
    numeric = [c for c in predictor.columns if c.parse.kind in ("number", "datetime")]
    found: dict[str, list[Numbers]] = {}
    for encoder, members in predictor.groups:
        models = [predictor.members[i].model for i in members]
        splits = [split for model in models for split in _splits(model)]
        if not splits or not numeric:
            continue
        feature = np.concatenate([f for f, _ in splits])
        edge = np.concatenate([e for _, e in splits]).astype(np.float64)
        for name, numbers in _crossed(_Encoded(encoder, predictor.columns), feature, edge).items():
            found.setdefault(name, []).append(numbers)
    return {name: np.concatenate(parts) for name, parts in found.items()}


@dataclass(frozen=True, eq=False)
class _Encoded:
    """An encoder as a function of its columns of numbers; all others are missing."""

    encoder: Encoder
    columns: tuple[Column, ...]

    def blank(self, rows: int) -> TypedTable:
        """Rows in which everything is missing."""
        nothing = pa.nulls(rows, pa.string())
        typed = {c.name: parse_column(nothing, c.name, c.parse) for c in self.columns}
        return TypedTable(typed, rows)

    def of(self, numbers: dict[str, Numbers], blank: TypedTable) -> Numbers:
        """The matrix (rows, d), 0 where it is no number."""
        filled = {name: TypedColumn(name, numbers=values) for name, values in numbers.items()}
        x = self.encoder.encode(TypedTable(blank.columns | filled, blank.rows)).astype(np.float64)
        return np.where(np.isfinite(x), x, 0.0)


def _crossed(encoded: _Encoded, feature: NDArray[np.int32], edge: Numbers) -> dict[str, Numbers]:
    """Values of columns between which a feature of theirs passes an edge, found by halving.

    Columns whose features are no lines through their values are left out.
    """
    numeric = [c.name for c in encoded.columns if c.parse.kind in ("number", "datetime")]
    line = encoded.of({name: np.array([0.0, 1.0]) for name in numeric}, encoded.blank(2))
    places = {
        f.source: j
        for j, f in enumerate(encoded.encoder.features)
        if f.source in numeric and f.kind == "number" and line[1, j] != line[0, j]
    }
    edge = np.where(np.isfinite(edge), edge, 0.0)
    edges = {name: np.unique(edge[feature == j])[:MOST_THRESHOLDS] for name, j in places.items()}
    rows = max(map(len, edges.values()), default=0)
    if not rows:
        return {}
    wanted = {n: np.resize(e, rows) for n, e in edges.items() if len(e)}
    near, far = {}, {}
    for name, edges_of in wanted.items():
        start, slope = line[0, places[name]], line[1, places[name]] - line[0, places[name]]
        middle = (edges_of - start) / slope  # as exact as float32 is
        reach = 1e-6 * (1.0 + abs(start) + np.abs(edges_of)) / slope
        near[name], far[name] = middle - reach, middle + reach
    blank = encoded.blank(rows)
    for _ in range(HALVINGS):
        middles = {name: 0.5 * (near[name] + far[name]) for name in wanted}
        x = encoded.of(middles, blank)
        for name, middle in middles.items():
            before = x[:, places[name]] <= wanted[name]
            near[name] = np.where(before, middle, near[name])
            far[name] = np.where(before, far[name], middle)
    return {name: np.concatenate([near[name], far[name]]) for name in wanted}


def _splits(model: Model) -> Iterator[tuple[NDArray[np.int32], NDArray[np.float32]]]:
    """Feature and threshold of each question that the model's trees ask."""
    match model:
        case LogTargetModel():
            yield from _splits(model.inner)
        case BoostedTrees(trees=ObliviousTrees() as trees):
            yield trees.feature, trees.border
        case BoostedTrees(trees=Trees() as trees) | Forest(trees=trees):
            inner = trees.feature >= 0
            yield trees.feature[inner], trees.threshold[inner]
