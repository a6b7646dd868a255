"""Candidate pairs of columns, ranked by the share of residuals that each could explain.

Works on typed columns and residuals; fits nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from automl_core.feature_selection.sample import Question, Sample
from automl_core.features import How, Pair, arithmetic, as_words, finite_numbers, joined, word_codes
from automl_core.table import TypedColumn, TypedTable

Floats = NDArray[np.float64]
Groups = NDArray[np.int64]

MOST_COLUMNS = 12
"""Columns of numbers, and of categories, whose pairs are looked at: those that gain most."""

FEW_NUMBERS = 32
"""Distinct values up to which a column of numbers is a category as well."""

ARITHMETICS: tuple[How, ...] = ("times", "over", "minus")
KINDS = ("number", "boolean", "string")  # of columns that may be one of a pair
BINS = 24


def pairs_of(question: Question, sample: Sample, gains: Floats) -> list[Pair]:
    """The pairs of the columns that gain most, by `gains` (c,)."""
    order = [question.columns[i] for i in np.argsort(-gains, kind="stable").tolist()]
    typed = sample.typed.columns
    counts = {c.name: _distinct(typed[c.name]) for c in order if c.parse.kind in KINDS}
    numbers = [c.name for c in order if c.parse.kind == "number" and counts[c.name] > 2]
    categories = [
        c.name
        for c in order
        if 2 <= counts.get(c.name, 0) <= (FEW_NUMBERS if c.parse.kind != "string" else len(sample))
    ]
    place = {c.name: i for i, c in enumerate(question.columns)}
    numbers, categories = (
        sorted(names[:MOST_COLUMNS], key=lambda name: place[name])
        for names in (numbers, categories)
    )
    zeros = {name: int(np.count_nonzero(finite_numbers(typed[name]) == 0)) for name in numbers}
    ordered = (sorted(both, key=lambda n: -zeros[n]) for both in combinations(numbers, 2))
    found = [Pair(a, b, how) for a, b in ordered for how in ARITHMETICS]  # rarely over 0
    found += [Pair(a, b, "joined") for a, b in combinations(categories, 2)]
    many = [name for name in numbers if counts[name] > FEW_NUMBERS]
    return found + [Pair(a, b, "within") for a in many for b in categories]


def _distinct(column: TypedColumn) -> int:
    values = column.codes if column.codes is not None else column.numbers
    assert values is not None
    present = values[values >= 0] if column.codes is not None else values[np.isfinite(values)]
    return len(np.unique(present))


def by_promise(pairs: Sequence[Pair], sample: Sample, residuals: Floats) -> list[Pair]:
    """The pairs, first those that explain most of the residuals (n, k) beyond the columns alone.

    A booster leaves some of the signal of single columns, and every pair of them shares in that.
    """
    typed = sample.typed
    alone: dict[str, float] = {}
    for name in {name for pair in pairs for name in pair.columns}:
        alone[name] = beyond_chance(_groups(typed.columns[name]), residuals)
    more = [
        beyond_chance(_paired(typed, pair), residuals)
        - max(0.0, *(alone[name] for name in pair.columns))
        for pair in pairs
    ]
    return [pairs[i] for i in np.argsort(-np.array(more), kind="stable").tolist()]


def _groups(column: TypedColumn) -> Groups:
    if column.codes is not None:
        return column.codes.astype(np.int64)
    return _binned(finite_numbers(column))


def _paired(typed: TypedTable, pair: Pair) -> Groups:
    """The pair's groups of rows (n,), -1 where it is missing."""
    first, second = (typed.columns[name] for name in pair.columns)
    if pair.how == "joined":
        return word_codes(joined(typed, pair)).astype(np.int64)
    values = finite_numbers(first)
    if pair.how != "within":
        return _binned(arithmetic(values, finite_numbers(second), pair.how))
    codes = word_codes(as_words(second))
    known = ~np.isnan(values) & (codes >= 0)
    rows = np.bincount(codes[known], minlength=1)
    means = np.bincount(codes[known], weights=values[known], minlength=1) / np.maximum(rows, 1)
    relative = np.full(len(values), np.nan)
    relative[known] = values[known] - means[codes[known]]
    return _binned(relative)


def _binned(values: Floats) -> Groups:
    """Equally filled bins (n,), -1 where missing."""
    present = ~np.isnan(values)
    bins = np.full(len(values), -1, dtype=np.int64)
    if present.any():
        known = values[present]
        some = np.sort(known[:: max(1, len(known) // 2_000)])
        edges = np.unique(some[np.linspace(0, len(some) - 1, BINS + 1).astype(int)[1:-1]])
        bins[present] = np.searchsorted(edges, known, side="right")
    return bins


def beyond_chance(groups: Groups, residuals: Floats) -> float:
    """The part of residuals (n, k) that the groups' means explain, less what chance would.

    Residuals have mean 0; the unit is the standard deviation under chance,
    where the sum is about chi-squared.
    """
    known = groups >= 0
    place, values = groups[known], residuals[known]
    rows = np.bincount(place)
    freedom = int((rows > 0).sum()) - 1
    if freedom < 1:
        return 0.0
    values = values - values.mean(axis=0)
    variance = np.maximum(values.var(axis=0), 1e-300)
    total = 0.0
    for column, spread in zip(values.T, variance.tolist(), strict=True):
        sums = np.bincount(place, weights=column)
        total += float((sums**2 / np.maximum(rows, 1)).sum()) / spread
    freedom *= values.shape[1]
    return float((total - freedom) / np.sqrt(2.0 * freedom))
