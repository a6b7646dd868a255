"""A quick look at all pairs of columns at once, to tell which are worth measuring exactly.

Each column becomes standard scores: of its ranks, or of its commonest words, weighted so that
the squared correlations of two columns' scores add up to the phi squared of their groups. One
product of matrices then gives every pair. Knows arrays only.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

ROWS = 2_000  # that are looked at
LEAST_ROWS = 20  # that a pair must have in common
WORDS = 10  # of a column of words, the commonest
WIDTH = 4_000  # scores of all columns together that are compared, at most

Values = NDArray[np.float64]
Groups = NDArray[np.int64]
Scores = NDArray[np.float32]


def screened(
    columns: Sequence[tuple[Values | None, Groups | None]],
) -> tuple[NDArray[np.float32], int]:
    """Screened strength of association of each two columns, and the number that were compared.

    A column is numbers (n,), NaN where missing, or groups (n,) by falling frequency, -1 where
    missing. The matrix (c, c), 0 on its diagonal, is of the first c columns, as many as fit
    into WIDTH.
    """
    step = max(1, -(-max((len(_is_known(c)) for c in columns), default=0) // ROWS))
    scores: list[Scores] = []
    width = 0
    for numbers, groups in columns:
        one = _of_numbers(numbers[::step]) if numbers is not None else None
        one = _of_groups(groups[::step]) if groups is not None else one
        assert one is not None
        width += one.shape[1]
        if width > WIDTH:
            break
        scores.append(one)
    if not scores:
        return np.zeros((0, 0), np.float32), 0
    wide = np.concatenate(scores, axis=1)
    starts = np.cumsum([0, *(s.shape[1] for s in scores[:-1])])
    phi = (wide.T @ wide) ** 2
    phi = np.add.reduceat(np.add.reduceat(phi, starts, axis=0), starts, axis=1)
    free = np.array([s.shape[1] for s in scores], np.float32)
    known = np.array([_is_known(c)[::step] for c in columns[: len(scores)]], np.float32)
    # where no cell is missing, the product would say so at the price of the one above
    both = np.full_like(phi, known.shape[1]) if known.all() else known @ known.T
    rows = np.maximum(both, 1)
    phi *= np.outer(known.sum(axis=1), known.sum(axis=1)) / rows**2  # rows that both have count
    # so much comes by chance alone (Bergsma 2013)
    phi = np.maximum(phi - np.outer(free, free) / rows, 0) / np.minimum.outer(free, free)
    phi[both < LEAST_ROWS] = 0
    np.fill_diagonal(phi, 0)
    return np.sqrt(np.minimum(phi, 1)), len(scores)


def _is_known(column: tuple[Values | None, Groups | None]) -> NDArray[np.bool_]:
    numbers, groups = column
    if numbers is not None:
        return ~np.isnan(numbers)
    assert groups is not None
    return groups >= 0


def _of_numbers(values: Values) -> Scores:
    """(n, 1), of length 1; a missing value is no evidence."""
    ranks = pd.Series(values).rank().to_numpy()
    known = ~np.isnan(ranks)
    scores = np.zeros(len(values))
    if known.any():
        scores[known] = ranks[known] - ranks[known].mean()
    return np.asarray(scores / max(float(np.sqrt(scores @ scores)), 1e-12), np.float32)[:, None]


def _of_groups(groups: Groups) -> Scores:
    """(n, k - 1 or so): one column a group but the rarest, which follows from the others."""
    groups = np.minimum(groups, WORDS)
    known = groups >= 0
    counts = np.bincount(groups[known], minlength=1).astype(np.float64)
    part = counts / max(1.0, counts.sum())
    one = (groups[:, None] == np.arange(len(counts))) - part * known[:, None]
    scores = one / np.sqrt(np.maximum(counts, 1.0))
    # a rotation without the direction that says nothing: lengths and sums stay as they are
    rotation = np.linalg.qr(np.column_stack([np.sqrt(part), np.eye(len(counts))]))[0][:, 1:]
    kept = rotation[:, : max(1, len(counts) - 1)]
    return np.asarray(scores @ kept, np.float32) if kept.size else np.zeros((len(groups), 1), "f")
