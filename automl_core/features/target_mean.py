"""Categories of many values as the mean of the target.

The means of training rows are out of fold: a row's own target never enters its features
(Micci-Barreca 2001 for the shrunken mean; cross-fitting as in scikit-learn's TargetEncoder).
Knows nothing of labels: classes are numbers here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from automl_core.features.encoded_columns import (
    Matrix,
    Numbers,
    Positions,
    frequent_words,
    has_missing,
    missing_feature,
    number,
    positions,
    value_index,
)
from automl_core.features.encoder_record import EncoderRecord
from automl_core.features.feature_layout import Feature
from automl_core.features.scaling import require
from automl_core.table import TypedColumn

MAX_WORDS = 50_000
PARTS = 10
MOST_TITLES = 8
"""Of more classes, their shares are mixed into so many columns: those that differ most."""

WEAKEST, STRONGEST = 1.0, 100.0
"""Bounds of the shrinkage, in rows: so many rows of the overall mean are added to a word's."""


class TargetMeanEncoder(EncoderRecord, frozen=True, tag="target_mean"):
    """For each word the k shrunken means, 0 being the overall mean, and log(rows)."""

    name: str
    titles: tuple[str, ...]  # k, what each mean is of, for people
    words: tuple[str, ...]
    means: tuple[tuple[float, ...], ...]  # a row a word, k each; standardised target
    log_rows: tuple[float, ...]  # a word each, 1 the most where `fill`; unseen words have 0
    fill: bool  # missing becomes 0 and has an indicator where training had any; else NaN
    indicator: bool

    def __post_init__(self) -> None:
        w, k = len(self.words), len(self.titles)
        require(0 < len(set(self.words)) == w, f"{self.name!r} repeats a category")
        sizes = len(self.means) == len(self.log_rows) == w and {len(m) for m in self.means} == {k}
        finite = sizes and bool(np.isfinite(self.means).all() and np.isfinite(self.log_rows).all())
        require(finite, f"the means of {self.name!r} do not fit its categories")

    @property
    def features(self) -> tuple[Feature, ...]:
        names = [f"{self.name}: {title}" for title in self.titles] + [f"{self.name}: log frequency"]
        values = tuple(number(name, self.name) for name in names)
        return values + ((missing_feature(self.name),) if self.indicator else ())

    @cached_property
    def _index(self) -> dict[str, int]:
        return value_index(self.words)

    @cached_property
    def _table(self) -> Matrix:
        """A row a word, then one for missing, then one for unseen words."""
        k = len(self.titles)
        table = np.zeros((len(self.words) + 2, k + 1))
        table[:-2, :k] = self.means
        table[:-2, k] = self.log_rows
        table[-2] = 0.0 if self.fill else np.nan
        return table.astype(np.float32)

    def places(self, column: TypedColumn) -> Positions:
        """For each row its word's number, or k for missing, or k + 1 for unseen words."""
        w = len(self.words)
        return positions(column, self._index, missing=w, unseen=w + 1)

    def write(self, column: TypedColumn, out: Matrix) -> None:
        """Fill `out` (n, k + 1 or k + 2)."""
        place, k = self.places(column), len(self.titles)
        out[:, : k + 1] = self._table[place]
        if self.indicator:
            out[:, -1] = place == len(self.words)


@dataclass(frozen=True, eq=False)
class Outcome:
    """The target of the training rows as k standardised columns, and their parts."""

    titles: tuple[str, ...]
    values: Numbers  # (n, k), mean 0 and deviation 1
    part: NDArray[np.int64]  # (n,) 0..PARTS-1, which rows are encoded without each other


def standardised_outcome(
    y: NDArray[np.float64] | NDArray[np.int64], task: str, classes: int, seed: int
) -> Outcome:
    """The target (n,) of any task as columns whose means can be taken."""
    if task == "regression":
        titles, values = ["mean of the target"], np.asarray(y, dtype=np.float64)[:, None]
        values = values / max(float(np.abs(values).max(initial=0.0)), 1e-300)  # 1e300 squared
    elif task == "binary":
        titles, values = ["mean of the target"], (y == 1).astype(np.float64)[:, None]
    else:
        titles = [f"share of class {c + 1}" for c in range(classes)]
        values = (y[:, None] == np.arange(classes)).astype(np.float64)
    deviation = values.std(axis=0)
    values = (values - values.mean(axis=0)) / np.where(deviation > 0, deviation, 1.0)
    part = np.random.default_rng(seed).permutation(len(y)) % PARTS
    return Outcome(tuple(titles), values, part.astype(np.int64))


def _grouped_sums(values: Numbers, group: Positions, groups: int) -> Numbers:
    """Sums (groups, k) of the rows (n, k) of each group."""
    columns = [np.bincount(group, weights=v, minlength=groups) for v in values.T]
    return np.stack(columns, axis=1)


def _shrinkage(values: Numbers, place: Positions, words: int) -> Numbers:
    """Rows of overall mean to add, for each of the k columns: variance within words over
    variance between them, by the moments of a one-way analysis of variance."""
    known = place < words
    values, place = values[known], place[known]
    counts = np.bincount(place, minlength=words)[:, None]
    n = len(values)
    sums = _grouped_sums(values, place, words)
    explained = (sums**2 / counts).sum(axis=0)
    within = ((values**2).sum(axis=0) - explained) / max(n - words, 1)
    grand = values.sum(axis=0) ** 2 / n
    spread = max(n - float((counts**2).sum()) / n, 1e-9)
    between = (explained - grand - (words - 1) * within) / spread
    ratio = np.where(between > 0, within / np.maximum(between, 1e-12), STRONGEST)
    return np.clip(ratio, WEAKEST, STRONGEST)


def mixed(outcome: Outcome, place: Positions, words: int) -> Outcome:
    """The outcome of many classes as few mixes of them: the directions in which the words'
    shares of the classes differ most (singular vectors of their table, words by classes)."""
    known = place < words
    values, place = outcome.values[known], place[known]
    rows = np.bincount(place, minlength=words)[:, None]
    shares = _grouped_sums(values, place, words) / np.sqrt(rows + WEAKEST)
    _, axes = np.linalg.eigh(shares.T @ shares)  # ascending
    axes = axes[:, ::-1][:, :MOST_TITLES]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    mixes = outcome.values @ axes
    deviation = mixes.std(axis=0)
    titles = tuple(f"mix {i} of the classes' shares" for i in range(1, axes.shape[1] + 1))
    return Outcome(titles, mixes / np.where(deviation > 0, deviation, 1.0), outcome.part)


def fit_target_mean(
    column: TypedColumn, outcome: Outcome, fill: bool, said_elsewhere: bool = False
) -> tuple[TargetMeanEncoder, Matrix] | None:
    """The encoder, and the matrix (n, width) of its training rows, out of fold.

    Words that occur once are not kept: their mean would be one row's target, and out of
    fold they are unseen anyway. None where no word is left. `said_elsewhere`: another encoder
    of the column says what is missing, and none is flagged here.
    """
    words, counts = frequent_words(column, 2, MAX_WORDS)
    if not words:
        return None
    w, groups = len(words), len(words) + 1  # the last: all that is not in `words`
    place = positions(column, value_index(words), missing=w, unseen=w)
    if len(outcome.titles) > MOST_TITLES:
        outcome = mixed(outcome, place, w)
    commonness = np.log(counts)
    if fill:  # 0, as of a single row, to 1
        commonness = commonness / commonness.max()
    shrinkage = _shrinkage(outcome.values, place, w)
    group = place + groups * outcome.part
    sums = _grouped_sums(outcome.values, group, groups * PARTS).reshape(PARTS, groups, -1)
    rows = np.bincount(group, minlength=groups * PARTS).reshape(PARTS, groups, 1)
    # The overall mean is 0, so that shrinking towards it only widens the divisor.
    means = sums.sum(axis=0)[:w] / (rows.sum(axis=0)[:w] + shrinkage)
    encoder = TargetMeanEncoder(
        column.name,
        outcome.titles,
        tuple(words),
        tuple(map(tuple, means.tolist())),
        tuple(commonness.tolist()),
        fill,
        fill and not said_elsewhere and has_missing(column),
    )
    matrix = np.empty((len(column), len(encoder.features)), dtype=np.float32)
    encoder.write(column, matrix)
    known = np.flatnonzero(place < w)
    matrix[known, : len(outcome.titles)] = _without_own_part(sums, rows, shrinkage)[
        outcome.part[known], place[known]
    ]
    return encoder, matrix


def _without_own_part(sums: Numbers, rows: Positions, shrinkage: Numbers) -> Numbers:
    """Means (PARTS, words + 1, k) over all parts but one.

    The others are added up anew: to subtract the one would leave rounding that depends on
    its rows, which a tree can find.
    """
    others = ~np.eye(PARTS, dtype=bool)
    return np.stack([sums[o].sum(axis=0) / (rows[o].sum(axis=0) + shrinkage) for o in others])
