"""Distances of rows from one row, column by column: a weighted Gower distance (Gower, 1971).

Numbers differ by their share of the usual spread, words are equal or not, texts and lists differ
by the share of their words that they do not have in common. From 0, equal, to 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl_core.table import TypedColumn, TypedTable

Distances = NDArray[np.float64]

USUAL = (5.0, 95.0)  # percent of the values between which the usual spread lies
REST = 0.05  # share of the weight that all columns have alike, so that no column is ignored
LONG = ("text", "list")  # kinds of columns whose cells are made of words


@dataclass(frozen=True)
class NearRows:
    """The rows nearest to one row, nearest first."""

    rows: tuple[int, ...]  # their places in the table that was searched
    distances: tuple[float, ...]  # 0 to 1


def nearest_rows(distances: Distances, most: int) -> NearRows:
    """The `most` rows of the smallest distance; of equal ones those that come first."""
    order = np.argsort(distances, kind="stable")[:most]
    return NearRows(tuple(order.tolist()), tuple(distances[order].tolist()))


def row_distances(
    row: TypedTable, rows: TypedTable, weights: Mapping[str, float], kinds: Mapping[str, str]
) -> Distances:
    """(n,) weighted mean over the columns of `weights` of the distance of each row from `row`.

    `weights` are relative, >= 0; `kinds` are those of the columns' parse rules. A missing value is
    as far from any value as can be, and equal to another missing one.
    """
    total = sum(weights.values())
    found = np.zeros(rows.rows)
    for name, weight in weights.items():
        share = (1 - REST) * weight / total if total > 0 else 0.0
        share += (REST if total > 0 else 1.0) / len(weights)
        found += share * _distance(row.columns[name], rows.columns[name], kinds[name] in LONG)
    return found


def _distance(own: TypedColumn, others: TypedColumn, long: bool) -> Distances:
    if own.numbers is not None and others.numbers is not None:
        found = _of_numbers(own.numbers[0], others.numbers)
    else:
        assert own.codes is not None and others.codes is not None
        word = own.words[own.codes[0]] if own.codes[0] >= 0 else None
        if word is None:
            return (others.codes >= 0).astype(np.float64)
        far = _apart if long else _other
        found = np.append([far(word, other) for other in others.words], 1.0)[others.codes]
    return found


def _of_numbers(own: float, others: NDArray[np.float64]) -> Distances:
    if np.isnan(own):
        return np.where(np.isnan(others), 0.0, 1.0)
    known = others[np.isfinite(others)]
    spread = float(np.subtract(*np.percentile(known, USUAL[::-1]))) if len(known) else 0.0
    if not spread > 0 and len(known):
        spread = float(known.max() - known.min())
    if not spread > 0:
        return np.where(others == own, 0.0, 1.0)
    return np.nan_to_num(np.minimum(np.abs(others - own) / spread, 1.0), nan=1.0)


def _other(word: str, other: str) -> float:
    return float(word != other)


def _apart(text: str, other: str) -> float:
    """1 minus the share of words that both have (Jaccard, 1912)."""
    first, second = set(text.split()), set(other.split())
    every = len(first | second)
    return 1 - len(first & second) / every if every else 0.0
