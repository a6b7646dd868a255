"""Strength of association of columns, each pair on a scale from 0 to 1.

Two columns of numbers: Spearman's rank correlation without its sign. Two of words: Cramér's V,
corrected for its bias (Bergsma 2013, "A bias-correction for Cramér's V and Tschuprow's T").
Words and numbers: the correlation ratio of the ranks, eta, corrected for the number of groups
(the root of epsilon squared, Kelley 1935). Rows where one of the two is missing do not count.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from automl_core.profile.association_screening import screened
from automl_core.profile.sample import Sample, grouped_codes
from automl_core.table import TypedColumn

ROWS = 10_000  # of the sample that pairs are measured on
COLUMNS = 24  # at most: a picture of more cannot be read
COMPARED = 2_000  # at most, the first of a wider table
QUICKLY = 400  # from which on a quick look tells which go with the target
MEASURED = 40  # of the strongest pairs, beside those of the picture
GROUPS = 30  # of words a column, the rare ones together
LEAST_ROWS = 20  # that a pair must have in common
_ROLES = ("numeric", "category", "boolean", "datetime", "time", "group", "weight")

Values = NDArray[np.float64]
Groups = NDArray[np.int64]


@dataclass(frozen=True)
class Pair:
    """Two columns and how strongly they belong together."""

    first: str
    second: str
    strength: float  # 0 to 1
    measure: str  # rank correlation, Cramér's V, correlation ratio
    sign: int  # of a rank correlation; 0 where there is none


@dataclass(frozen=True)
class Associations:
    """A symmetric matrix; `strengths[i][j]` is None where a pair has too few rows in common."""

    names: tuple[str, ...]
    strengths: tuple[tuple[float | None, ...], ...]
    pairs: tuple[Pair, ...]  # every pair of `names`, and the strongest of all, strongest first
    rows: int  # that were measured
    left_out: int  # columns that would have fitted in, but for their number
    compared: int  # columns among which the strongest pairs were looked for


@dataclass(frozen=True, eq=False)
class _Cells:
    """One column: numbers (m,), NaN where missing, or groups of words (m,), -1 where missing."""

    numbers: Values | None
    groups: Groups | None


def associations(sample: Sample, target: str | None = None) -> Associations:
    """All pairs of up to COLUMNS columns, and the strongest of all columns' pairs.

    The target comes first, then those that go with it most; without one, those of the strongest
    pairs. They are chosen by a quick look at all pairs, and then measured.
    """
    fitting = [c for c in sample.columns if c.role in _ROLES or c.name == target]
    fitting = [c for c in fitting if c.parse.kind not in ("text", "list") and c.distinct > 1]
    fitting = sorted(fitting, key=lambda c: c.name != target)
    step = max(1, -(-sample.looked_at // ROWS))
    cells = {c.name: _cells(sample.column(c.name), step) for c in fitting[:COMPARED]}
    screen, compared = _screen(cells)
    strongest = _strongest(list(cells), screen)
    names = _chosen(cells, target, strongest, screen)
    matrix = np.full((len(names), len(names)), np.nan)
    np.fill_diagonal(matrix, 1.0)
    pairs = []
    for i, first in enumerate(names):
        for j in range(i + 1, len(names)):
            found = _pair((first, names[j]), cells[first], cells[names[j]])
            if found is not None:
                matrix[i, j] = matrix[j, i] = found.strength
                pairs.append(found)
    for first, second in strongest[:MEASURED]:
        if first not in names or second not in names:
            found = _pair((first, second), cells[first], cells[second])
            pairs += [] if found is None else [found]
    return Associations(
        names=tuple(names),
        strengths=tuple(tuple(None if np.isnan(v) else float(v) for v in row) for row in matrix),
        pairs=tuple(sorted(pairs, key=lambda p: -p.strength)),
        rows=-(-sample.looked_at // step),
        left_out=len(fitting) - len(names),
        compared=compared,
    )


def _screen(cells: dict[str, _Cells]) -> tuple[NDArray[np.float32], int]:
    """A quick look at all pairs of the first c columns (c, c), and c; none where all fit in."""
    if len(cells) <= COLUMNS:
        return np.zeros((0, 0), np.float32), len(cells)
    return screened([(c.numbers, c.groups) for c in cells.values()])


def _strongest(names: list[str], screen: NDArray[np.float32]) -> list[tuple[str, str]]:
    """Pairs that the quick look finds strong, the strongest first."""
    i, j = np.triu_indices(len(screen), 1)
    order = np.argsort(-screen[i, j], kind="stable")[: COLUMNS * COLUMNS]
    return [(names[i[k]], names[j[k]]) for k in order]


def _cells(column: TypedColumn, step: int) -> _Cells:
    """Every `step`-th cell."""
    if column.numbers is not None:
        return _Cells(column.numbers[::step], None)
    return _Cells(None, grouped_codes(column, GROUPS)[0][::step])


def _chosen(
    cells: dict[str, _Cells],
    target: str | None,
    strongest: list[tuple[str, str]],
    screen: NDArray[np.float32],
) -> list[str]:
    """Names of the columns that are measured against each other; the target is the first cell."""
    names = [name for name in cells if name != target]
    if target is None or target not in cells:
        if len(names) <= COLUMNS:
            return names
        of_pairs = dict.fromkeys(name for pair in strongest for name in pair)
        found = set(list(dict.fromkeys([*of_pairs, *names]))[:COLUMNS])
        return [name for name in names if name in found]  # in the table's order
    if len(names) > QUICKLY and len(screen) > COLUMNS:
        places = np.argsort(-screen[0, 1:], kind="stable")[: QUICKLY // 2]
        names = [names[place] for place in places]
    if len(names) >= COLUMNS:
        measured = {name: _pair((target, name), cells[target], cells[name]) for name in names}
        strength = {name: 0.0 if pair is None else pair.strength for name, pair in measured.items()}
        names = sorted(names, key=lambda name: -strength[name])[: COLUMNS - 1]
    return [target, *names]


def _pair(names: tuple[str, str], first: _Cells, second: _Cells) -> Pair | None:
    """The pair, measured as its kinds allow; None where too few rows have both."""
    if first.numbers is not None and second.numbers is not None:
        value = rank_correlation(first.numbers, second.numbers)
        if value is None:
            return None
        return Pair(*names, abs(value), "rank correlation", 1 if value >= 0 else -1)
    if first.groups is not None and second.groups is not None:
        strength, measure = cramers_v(first.groups, second.groups), "Cramér's V"
    else:
        words, other = (first, second) if first.groups is not None else (second, first)
        assert words.groups is not None and other.numbers is not None
        strength, measure = correlation_ratio(words.groups, other.numbers), "correlation ratio"
    return None if strength is None else Pair(*names, strength, measure, 0)


def rank_correlation(first: Values, second: Values) -> float | None:
    """Spearman's correlation of two columns (n,), -1 to 1; None: too few, or one is constant."""
    both = ~(np.isnan(first) | np.isnan(second))
    if both.sum() < LEAST_ROWS:
        return None
    a, b = (pd.Series(v[both]).rank().to_numpy() for v in (first, second))
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(np.clip(a @ b / size, -1, 1)) if size > 0 else None


def cramers_v(first: Groups, second: Groups) -> float | None:
    """Bias-corrected Cramér's V of two columns of groups (n,), -1 where missing; None: too few."""
    both = (first >= 0) & (second >= 0)
    if both.sum() < LEAST_ROWS:
        return None
    first, second = first[both], second[both]
    columns = int(second.max()) + 1
    table = np.bincount(first * columns + second, minlength=(int(first.max()) + 1) * columns)
    table = table.reshape(-1, columns).astype(np.float64)
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    n, (r, k) = table.sum(), table.shape
    if min(r, k) < 2:
        return None
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True) / n
    phi = ((table - expected) ** 2 / expected).sum() / n
    phi = max(0.0, phi - (r - 1) * (k - 1) / (n - 1))
    r, k = r - (r - 1) ** 2 / (n - 1), k - (k - 1) ** 2 / (n - 1)
    return float(min(1.0, np.sqrt(phi / max(min(r, k) - 1, 1e-12))))


def correlation_ratio(groups: Groups, values: Values) -> float | None:
    """Root of the share of the values' ranks (n,) that the groups (n,) explain; None: too few."""
    both = (groups >= 0) & ~np.isnan(values)
    n = int(both.sum())
    if n < LEAST_ROWS:
        return None
    ranks = pd.Series(values[both]).rank().to_numpy()
    used, place, counts = np.unique(groups[both], return_inverse=True, return_counts=True)
    whole = ((ranks - ranks.mean()) ** 2).sum()
    if len(used) < 2 or whole == 0 or n <= len(used):
        return None
    means = np.bincount(place, weights=ranks) / counts
    between = (counts * (means - ranks.mean()) ** 2).sum()
    explained = 1 - (1 - between / whole) * (n - 1) / (n - len(used))
    return float(np.sqrt(min(1.0, max(0.0, explained))))
