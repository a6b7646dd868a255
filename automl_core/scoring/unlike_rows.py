"""Rows that are unlike the training data, and the columns that make them so.

A cell is as surprising as training rows with a value at least as rare were few: minus the
logarithm of their share, and more the further a number lies beyond what there was. A row's score
is the sum of the squares, so that one very odd cell counts more than many that are a bit rare.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl_core.scoring.column_reference import ColumnReference, UnlikeRule
from automl_core.scoring.compared_column import compared
from automl_core.table import TypedColumn, TypedTable

FAR = 10.0  # what the distance beyond the ends adds at most
NAMED = 3  # columns that are named for a row
RARE = -math.log(0.05)  # a column is named from this surprise on

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class UnlikeRows:
    """The rows of a table that are unlike the training data."""

    unlike: NDArray[np.bool_]  # (n,)
    columns: tuple[tuple[str, ...], ...]  # of each row: those that make it so, () of others


def unlike_rows(
    typed: TypedTable, references: Sequence[ColumnReference], rule: UnlikeRule, rows: int
) -> UnlikeRows:
    """Which rows of a table are unlike the `rows` training rows, and why."""
    found = surprises(typed, references, rows)
    unlike = oddness(found) > rule.limit
    names: list[tuple[str, ...]] = [()] * typed.rows
    for row in np.flatnonzero(unlike).tolist():
        order = np.argsort(-found[row], kind="stable")[:NAMED]
        rare = [i for i in order.tolist() if found[row, i] >= RARE] or order[:1].tolist()
        names[row] = tuple(references[i].name for i in rare)
    return UnlikeRows(unlike, tuple(names))


def surprises(typed: TypedTable, references: Sequence[ColumnReference], rows: int) -> Floats:
    """(n, columns) how surprising each cell is, at least 0; `rows` training rows were seen."""
    least = 2.0 / (rows + 2)
    found = np.zeros((typed.rows, len(references)))
    for i, reference in enumerate(references):
        cells = compared(typed.columns[reference.name], reference.kind)
        found[:, i] = _surprise(cells, reference, least)
    return found


def _surprise(cells: TypedColumn, reference: ColumnReference, least: float) -> Floats:
    gaps = cells.gaps
    if reference.empty:
        return np.where(gaps, 0.0, -math.log(least))
    of_gap = -math.log(max(least, reference.missing))
    there = -math.log(max(least, 1.0 - reference.missing))
    if cells.numbers is not None:
        of_value = _of_numbers(np.where(gaps, reference.points[0], cells.numbers), reference, least)
    else:
        of_value = _of_words(cells, reference, least)
    return np.where(gaps, of_gap, there + of_value)


def _of_numbers(numbers: Floats, reference: ColumnReference, least: float) -> Floats:
    points = np.array(reference.points)
    below = np.searchsorted(points, numbers, side="right") / len(points)
    above = 1.0 - np.searchsorted(points, numbers, side="left") / len(points)
    share = np.clip(2.0 * np.minimum(below, above), least, 1.0)
    beyond = np.maximum(np.maximum(points[0] - numbers, numbers - points[-1]), 0.0)
    return np.asarray(-np.log(share) + np.minimum(beyond / spread_of(points), FAR))


def spread_of(points: Floats) -> float:
    """The distance that counts as one beyond the ends: half of the middle 80 % of the values."""
    low, high = points[len(points) // 10], points[-1 - len(points) // 10]
    spread = float(high - low) / 2 or float(points[-1] - points[0]) / 2
    return spread or max(abs(float(points[0])), 1.0)


def _of_words(cells: TypedColumn, reference: ColumnReference, least: float) -> Floats:
    """Minus the logarithm of the share of training rows whose word is at most as frequent."""
    assert cells.codes is not None
    shares = np.array([*reference.shares, *([reference.rest] if reference.more else [])])
    known = dict(zip(reference.words, reference.shares, strict=True))
    rare = np.array(
        [shares[shares <= known.get(word, reference.rest) + 1e-12].sum() for word in cells.words]
        + [1.0]
    )
    return np.asarray(-np.log(np.clip(rare, least, 1.0)))[cells.codes]


def oddness(found: Floats) -> Floats:
    """(n,) the scores of rows of surprises (n, columns)."""
    return np.asarray(np.square(found).sum(axis=1))
