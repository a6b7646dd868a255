"""Slices of a table: where a model errs more than elsewhere, and more than by chance.

A slice is the rows with one value of a column, a range of its quantiles, or no value. Takes
errors and typed columns; knows nothing of runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl_core.evaluation.mean_interval import chance_above, half_width
from automl_core.evaluation.probabilities import wilson
from automl_core.profile import by_target
from automl_core.table import TypedColumn

Floats = NDArray[np.float64]
RowIndex = NDArray[np.int64]

SMALLEST_SLICE = 30
"""Rows of a slice, and rows outside it, below which nothing is said about it."""

RANGES, VALUES = 8, 12
"""Ranges of a column of numbers, and values of one of words, at most."""

CLAIMED_BY_CHANCE = 0.05
"""Share of the slices named as worse that are so by chance (Benjamini and Hochberg 1995)."""

SAME = 0.9
"""From this overlap of their rows on (common by all rows), two slices are one finding."""

MISSING = "no value"


@dataclass(frozen=True, eq=False)
class Parts:
    """The slices of a column: each row is in one of them."""

    column: str
    labels: tuple[str, ...]
    part: RowIndex  # (n,) place of each row's slice in `labels`
    others: int = -1  # place of the slice that holds all rarer values, which is none to be named


@dataclass(frozen=True)
class Slice:
    """The error in a slice and in the rows outside it."""

    column: str
    label: str
    rows: int
    mean: float | None  # weighted mean of the error; None: no row has a weight
    low: float | None  # 95 % interval of the mean; None: too few rows
    high: float | None
    elsewhere: float | None  # mean of the rows outside
    chance: float | None  # of being this much worse by chance, if it were as good; None: too few


@dataclass(frozen=True)
class WorstSlices:
    """What was found in all columns."""

    found: tuple[Slice, ...]  # worse than elsewhere by more than chance, worst first
    also: tuple[tuple[str, ...], ...]  # columns that cut out nearly the same rows, of each found
    tested: int  # slices that were compared
    too_few: int  # slices with fewer than SMALLEST_SLICE rows


def cut_column(cells: TypedColumn, kind: str) -> Parts:
    """The slices of n cells of a kind of `ParseRule`.

    Words: the most frequent ones, and the rarer ones together. Numbers and dates: their values
    where few, else ranges with about as many rows each. Texts and lists: by their length, unless
    they have few values. Cells without a value are a slice of their own.
    """
    if cells.codes is not None and kind in ("text", "list") and len(cells.words) > VALUES:
        sign, unit = (" ", "words") if kind == "text" else ("\x1f", "items")
        lengths = [word.count(sign) + 1 if word else 0 for word in cells.words]
        numbers = np.array([*lengths, np.nan], dtype=np.float64)[cells.codes]
        return _ranges(cells.name, numbers, "number", f" {unit}")
    if cells.numbers is not None:
        return _ranges(cells.name, cells.numbers, kind, "")
    return _values(cells)


def _ranges(column: str, numbers: Floats, kind: str, unit: str) -> Parts:
    known = ~np.isnan(numbers)
    present = numbers[known]
    distinct = np.unique(present)
    starts = distinct
    if len(distinct) > RANGES:
        count = int(np.clip(len(present) // (2 * SMALLEST_SLICE), 2, RANGES))
        shares = np.arange(count) / count
        starts = np.unique(np.quantile(present, shares, method="inverted_cdf"))
    place = np.searchsorted(starts, numbers, side="right") - 1
    labels = []
    for i in range(len(starts)):
        inside = distinct[distinct >= starts[i]]
        if i + 1 < len(starts):
            inside = inside[inside < starts[i + 1]]
        first, last = (by_target.value_words(float(v), kind) for v in (inside[0], inside[-1]))
        labels.append((first if first == last else f"{first} to {last}") + unit)
    return _with_missing(column, place, labels, known)


def _values(cells: TypedColumn) -> Parts:
    assert cells.codes is not None
    known = cells.codes >= 0
    counts = np.bincount(cells.codes[known], minlength=len(cells.words))
    order = np.argsort(-counts, kind="stable")
    order = order[counts[order] > 0]
    kept = order if len(order) <= VALUES else order[: VALUES - 1]
    place = np.full(len(cells.words) + 1, len(kept), np.int64)
    place[kept] = np.arange(len(kept))
    labels = [cells.words[i] for i in kept.tolist()]
    others = -1
    if len(kept) < len(order):
        others = len(labels)
        labels.append(f"{len(order) - len(kept):,} other values")
    return _with_missing(cells.name, place[cells.codes], labels, known, others)


def _with_missing(
    column: str, place: RowIndex, labels: list[str], known: NDArray[np.bool_], others: int = -1
) -> Parts:
    names = list(labels) if known.all() else [*labels, MISSING]
    return Parts(column, tuple(names), np.where(known, place, len(labels)), others)


def slices_of(
    parts: Parts, errors: Floats, share: bool, weight: Floats | None = None
) -> tuple[Slice, ...]:
    """The error (n,), at least 0, in each slice of a column; `share`: each is 0 or 1.

    A slice is compared with the rows outside it by Welch's t, one-sided, with at least the
    variance of all rows: a few equal errors, or a long tail that a small slice has not met, are
    no evidence.
    """
    size = len(parts.labels)
    sums = _Sums.of(parts.part, errors, weight, size)
    return tuple(_slice(parts, sums, i, share) for i in range(size))


@dataclass(frozen=True, eq=False)
class _Sums:
    """Sums of each slice over its rows; errors are taken from `centre` on."""

    centre: float
    rows: RowIndex
    weight: Floats
    square: Floats  # of weights
    error: Floats  # weighted
    error_square: Floats

    @classmethod
    def of(cls, part: RowIndex, errors: Floats, weight: Floats | None, size: int) -> _Sums:
        weights = np.ones(len(errors)) if weight is None else np.asarray(weight, np.float64)
        total = float(weights.sum())
        centre = float(weights @ errors) / total if total > 0 else 0.0
        off = errors - centre

        def summed(values: Floats) -> Floats:
            return np.bincount(part, values, minlength=size).astype(np.float64)

        return cls(
            centre,
            np.bincount(part, minlength=size),
            summed(weights),
            summed(weights**2),
            summed(weights * off),
            summed(weights * off**2),
        )

    def moments(self, chosen: NDArray[np.bool_]) -> tuple[float, float, float] | None:
        """Mean, variance and effective rows of the chosen slices together; None: no weight."""
        weight, square = float(self.weight[chosen].sum()), float(self.square[chosen].sum())
        if not weight > 0:
            return None
        mean = float(self.error[chosen].sum()) / weight
        rows = weight**2 / square
        variance = max(0.0, float(self.error_square[chosen].sum()) / weight - mean**2)
        return self.centre + mean, variance * rows / max(rows - 1, 1.0), rows


def _slice(parts: Parts, sums: _Sums, place: int, share: bool) -> Slice:
    inside = np.arange(len(parts.labels)) == place
    rows = int(sums.rows[place])
    here, outside = sums.moments(inside), sums.moments(~inside)
    if here is None:
        return Slice(parts.column, parts.labels[place], rows, None, None, None, None, None)
    mean, variance, effective = here
    elsewhere = outside[0] if outside is not None else None
    low = high = chance = None
    if min(rows, effective) >= SMALLEST_SLICE:
        if share:
            ends = wilson(np.array(mean), np.array(effective))
            low, high = float(ends[0]), float(ends[1])
        else:
            half = half_width(variance, effective)
            low, high = max(0.0, mean - half), mean + half
        if outside is not None and min(int(sums.rows.sum()) - rows, outside[2]) >= SMALLEST_SLICE:
            chance = _chance(here, outside, sums)
    return Slice(parts.column, parts.labels[place], rows, mean, low, high, elsewhere, chance)


def _chance(
    here: tuple[float, float, float], outside: tuple[float, float, float], sums: _Sums
) -> float:
    every = sums.moments(np.ones(len(sums.rows), np.bool_))
    assert every is not None
    spread = max(here[1], every[1]) / here[2] + max(outside[1], every[1]) / outside[2]
    if not spread > 0:
        return 1.0
    return chance_above((here[0] - outside[0]) / spread**0.5, here[2] - 1)


def worst_slices(
    columns: Sequence[Parts],
    errors: Floats,
    share: bool,
    weight: Floats | None = None,
    most: int = 10,
) -> WorstSlices:
    """The slices of all columns that are worse than elsewhere by more than chance.

    Looking at many is corrected for: of what is named, CLAIMED_BY_CHANCE are so by chance. Sorted
    by the least difference that the 95 % interval allows. Slices that cut out nearly the same
    rows are named once.
    """
    seen, too_few = [], 0
    for parts in columns:
        for place, part in enumerate(slices_of(parts, errors, share, weight)):
            too_few += part.rows < SMALLEST_SLICE
            if part.chance is not None and place != parts.others:
                seen.append((part, parts, place))
    rejected = _worse(np.array([part.chance for part, _, _ in seen], dtype=np.float64))
    ranked = sorted((seen[i] for i in rejected), key=lambda item: -_least_difference(item[0]))
    found: list[Slice] = []
    masks: list[NDArray[np.bool_]] = []
    also: list[list[str]] = []
    for part, parts, place in ranked:
        mask = parts.part == place
        same = next((i for i, other in enumerate(masks) if _overlap(mask, other) >= SAME), None)
        if same is not None:
            also[same].append(part.column)
        elif len(found) < most:
            found.append(part)
            masks.append(mask)
            also.append([])
    return WorstSlices(tuple(found), tuple(tuple(a) for a in also), len(seen), too_few)


def _worse(chances: Floats) -> list[int]:
    """Places of the slices that remain after the correction."""
    order = np.argsort(chances, kind="stable")
    limits = CLAIMED_BY_CHANCE * np.arange(1, len(chances) + 1) / max(1, len(chances))
    below = np.flatnonzero(chances[order] <= limits)
    kept = order[: below[-1] + 1] if len(below) else order[:0]
    return [int(i) for i in kept]


def _least_difference(part: Slice) -> float:
    assert part.low is not None and part.elsewhere is not None
    return part.low - part.elsewhere


def _overlap(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    return float((a & b).sum() / max(1, (a | b).sum()))
