"""Three ways to set rows apart: by class, by group, by time.

Each knows n rows by their position, nothing of columns or of what the parts are for. A splitter
never parts what belongs together: rows of one group, rows of one moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

RowIndex = NDArray[np.int64]
Mask = NDArray[np.bool_]

HOLDOUT_SHARE = 0.2
MAX_HOLDOUT = 8_000
SMALL_CLASS = 20
"""Rows of a class that a part has, where its uncapped share would give it so many."""

BUNDLES = 4000
"""Above so many groups small ones are dealt in bundles: as even, and quick."""


class Splitter(Protocol):
    """Sets rows apart; `at` (m,) are the positions of the rows that are left."""

    trouble: ClassVar[str]  # why there may be no part at all, in words

    def holdout(self, at: RowIndex, share: float, most: int) -> Mask:
        """About `share` of these rows, about `most` at most: a mask (m,); maybe empty."""
        ...

    def kfold(self, at: RowIndex, folds: int) -> list[Mask]:
        """The rows that validate in each fold, masks (m,); 1 fold is a holdout.

        Fewer than asked for where there are too few rows to give each one; none where not
        even one row can validate.
        """
        ...


@dataclass(frozen=True, eq=False)
class ByClass:
    """At random, each class in proportion; a class with a single row always trains."""

    trouble: ClassVar[str] = "At least two rows are needed, and for classes two of one class."
    strata: RowIndex  # (n,) class numbers; all 0 for regression
    rng: np.random.Generator

    def holdout(self, at: RowIndex, share: float, most: int) -> Mask:
        """Never all rows of a class. Largest remainders decide who gives one row more."""
        strata, mask = self.strata[at], np.zeros(len(at), np.bool_)
        wanted = min(most, round(share * len(at)))
        if wanted <= 0:
            return mask
        counts = np.bincount(strata)
        exact = counts * (wanted / len(at))
        # Of a huge table `most` rows are a small share: too small for a rare class.
        least = np.minimum(SMALL_CLASS, np.floor(share * counts))
        take = np.maximum(np.floor(exact), least).astype(np.int64)
        take = np.minimum(take, np.maximum(counts - 1, 0))
        for stratum in np.lexsort((-counts, -(exact - np.floor(exact)))):
            if take.sum() >= wanted:
                break
            if take[stratum] < counts[stratum] - 1:
                take[stratum] += 1
        order = self._by_class(strata)
        starts = np.cumsum(counts) - counts
        for start, number in zip(starts, take, strict=True):
            mask[order[start : start + number]] = True
        return mask

    def kfold(self, at: RowIndex, folds: int) -> list[Mask]:
        """Classes one after the other are dealt to the folds in turn.

        That gives every fold its share of each class, folds that differ by one row at most,
        and a class of two rows or more a training row in every fold.
        """
        if folds == 1:
            return _single_holdout(self, at)
        strata = self.strata[at]
        order = self._by_class(strata)
        dealt = order[np.bincount(strata)[strata[order]] > 1]
        number = np.full(len(at), -1)
        folds = min(folds, len(dealt))
        number[dealt] = np.arange(len(dealt)) % max(1, folds)
        return [number == fold for fold in range(folds)]

    def _by_class(self, strata: RowIndex) -> RowIndex:
        """Positions in `strata`, class by class, shuffled within each."""
        order = self.rng.permutation(len(strata))
        return np.asarray(order[np.argsort(strata[order], kind="stable")])


@dataclass(frozen=True, eq=False)
class ByGroup:
    """Whole groups, as even in rows and classes as they allow.

    Greedy, the largest group first, each into the part where it raises the sum of squared
    class shares least (the idea of scikit-learn's StratifiedGroupKFold).
    """

    trouble: ClassVar[str] = "The rows with a target need at least two different groups."
    groups: RowIndex  # (n,) group numbers, 0 or more
    strata: RowIndex  # (n,) class numbers; all 0 for regression
    rng: np.random.Generator

    def holdout(self, at: RowIndex, share: float, most: int) -> Mask:
        """Empty where even the smallest group is far too large."""
        wanted = min(most, round(share * len(at)))
        if wanted <= 0:
            return np.zeros(len(at), np.bool_)
        share = wanted / len(at)
        return np.asarray(self._deal(at, np.array([share, 1.0 - share])) == 0)

    def kfold(self, at: RowIndex, folds: int) -> list[Mask]:
        """No more folds than groups; of two groups or more each fold trains on one at least."""
        codes = np.unique(self.groups[at], return_inverse=True)[1]
        sizes = np.bincount(codes)
        if len(sizes) < 2:
            return []
        if folds == 1:
            held = self.holdout(at, HOLDOUT_SHARE, MAX_HOLDOUT)
            return [held if held.any() else codes == np.argmin(sizes)]
        folds = min(folds, len(sizes))
        number = self._deal(at, np.full(folds, 1.0 / folds))
        return [number == fold for fold in range(folds)]

    def _deal(self, at: RowIndex, shares: NDArray[np.float64]) -> RowIndex:
        """The part (m,) of each row; part i is to have `shares[i]` of the rows."""
        bundle, strata = self._bundles(at), self.strata[at]
        b, c = int(bundle.max()) + 1, int(strata.max()) + 1
        rows = np.bincount(bundle * c + strata, minlength=b * c).reshape(b, c).astype(np.float64)
        sizes = rows.sum(axis=1)
        # The rows in all weigh as much as the classes together.
        weights = np.column_stack(
            [rows / np.maximum(1.0, rows.sum(axis=0)), sizes * (np.sqrt(c) / len(at))]
        )
        filled = np.zeros((len(shares), c + 1))
        part = np.zeros(b, np.int64)
        # A little chance in the order makes the partitions of a repeated k-fold differ.
        for i in np.argsort(-sizes * self.rng.uniform(0.8, 1.25, b), kind="stable"):
            rise = ((2.0 * filled + weights[i]) * weights[i]).sum(axis=1) / shares
            part[i] = np.argmin(rise)
            filled[part[i]] += weights[i]
        return np.asarray(part[bundle])

    def _bundles(self, at: RowIndex) -> RowIndex:
        """Numbers (m,) of at most BUNDLES sets of whole groups: large groups alone, small ones
        with others of their class (that of one of their rows)."""
        _, first, codes = np.unique(self.groups[at], return_index=True, return_inverse=True)
        if len(first) <= BUNDLES:
            return np.asarray(codes)
        half = BUNDLES // 2
        by_size = np.argsort(-np.bincount(codes), kind="stable")
        small = self.rng.permutation(by_size[half:])
        small = small[np.argsort(self.strata[at[first[small]]], kind="stable")]
        bundle = np.empty(len(first), np.int64)
        bundle[by_size[:half]] = np.arange(half)
        bundle[small] = half + np.arange(len(small)) * half // len(small)
        return np.asarray(bundle[codes])


@dataclass(frozen=True, eq=False)
class ByTime:
    """The latest rows are set apart; what trains came before all of them.

    One holdout, whatever the number of folds: windows that grow would score models on
    different rows with different amounts of training, which no leaderboard can compare.
    """

    trouble: ClassVar[str] = "The rows with a target need at least two different times."
    times: NDArray[np.float64]  # (n,), NaN where unknown: such a row counts as the earliest

    def holdout(self, at: RowIndex, share: float, most: int) -> Mask:
        """Cut between two different times, as near to the share wanted as they allow."""
        times = np.nan_to_num(self.times[at], nan=-np.inf, posinf=np.inf, neginf=-np.inf)
        wanted = min(most, round(share * len(at)))
        ordered = np.sort(times)
        cuts = np.flatnonzero(ordered[1:] > ordered[:-1]) + 1
        if wanted <= 0 or not len(cuts):
            return np.zeros(len(at), np.bool_)
        cut = cuts[np.argmin(np.abs(cuts - (len(at) - wanted)))]
        return np.asarray(times >= ordered[cut])

    def kfold(self, at: RowIndex, folds: int) -> list[Mask]:
        """The latest rows as the only fold."""
        del folds
        return _single_holdout(self, at)


def _single_holdout(splitter: ByClass | ByTime, at: RowIndex) -> list[Mask]:
    """20 % of the rows and one at least; none where all would be."""
    share = max(HOLDOUT_SHARE, 1.0 / max(1, len(at)))
    held = splitter.holdout(at, share, MAX_HOLDOUT)
    return [held] if held.any() and not held.all() else []
