"""Two columns as one: numbers times, over or minus each other, categories joined.

Which pairs are worth it is decided elsewhere (feature_selection/pair_search.py). Everything here is
a stored table or plain arithmetic, computed in float64 before the cast.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from automl_core.features.encoded_columns import (
    Matrix,
    Numbers,
    finite_numbers,
    number,
    positions,
    value_index,
    word_codes,
)
from automl_core.features.encoder_record import EncoderRecord
from automl_core.features.feature_layout import Encoding, Feature, Pair
from automl_core.features.scaling import Scaling, fit_scaling, require
from automl_core.features.target_mean import Outcome, TargetMeanEncoder, fit_target_mean
from automl_core.table import Column, TypedColumn, TypedTable

BETWEEN = "\x1f"
"""Stands between the two words of a joined category."""

SHRINKAGE = 10.0
"""Rows of the overall mean that are added to the mean of a category's numbers."""


class NumberPairEncoder(EncoderRecord, frozen=True, tag="number_pair"):
    """One number a row, made of two; missing where either is, or where it is over 0."""

    pair: Pair
    scaling: Scaling
    fill: bool  # missing becomes 0; else NaN

    @property
    def features(self) -> tuple[Feature, ...]:
        return (number(self.pair.name, self.pair.name),)

    def write(self, typed: TypedTable, out: Matrix) -> None:
        """Fill `out` (n, 1)."""
        a, b = (finite_numbers(typed.columns[name]) for name in self.pair.columns)
        _write_scaled(arithmetic(a, b, self.pair.how), self.scaling, self.fill, out)


class WithinEncoder(EncoderRecord, frozen=True, tag="within"):
    """A number less the mean of its category; less the overall mean where that is unseen."""

    pair: Pair  # the number, the category
    words: tuple[str, ...]
    means: tuple[float, ...]  # one a word
    overall: float
    scaling: Scaling
    fill: bool  # missing becomes 0; else NaN

    def __post_init__(self) -> None:
        require(len(set(self.words)) == len(self.words), f"{self.pair.name!r} repeats a category")
        fits = len(self.means) == len(self.words)
        fits = fits and bool(np.isfinite((*self.means, self.overall)).all())
        require(fits, f"the means of {self.pair.name!r} do not fit its categories")

    @property
    def features(self) -> tuple[Feature, ...]:
        return (number(self.pair.name, self.pair.name),)

    def write(self, typed: TypedTable, out: Matrix) -> None:
        """Fill `out` (n, 1)."""
        numbers, cells = (typed.columns[name] for name in self.pair.columns)
        w = len(self.words)
        place = positions(as_words(cells), value_index(self.words), missing=w + 1, unseen=w)
        means = np.array([*self.means, self.overall, np.nan])[place]
        _write_scaled(finite_numbers(numbers) - means, self.scaling, self.fill, out)


class JoinedEncoder(EncoderRecord, frozen=True, tag="joined"):
    """Both categories as one: its target means and how common it is, as of long categories."""

    pair: Pair
    means: TargetMeanEncoder  # of the joined words

    @property
    def features(self) -> tuple[Feature, ...]:
        return self.means.features

    def write(self, typed: TypedTable, out: Matrix) -> None:
        """Fill `out` (n, k)."""
        self.means.write(joined(typed, self.pair), out)


PairEncoder = NumberPairEncoder | WithinEncoder | JoinedEncoder
FittedPair = tuple[PairEncoder, Matrix | None]
"""An encoder, and the matrix of its training rows where that is out of fold."""


def fit_pairs(
    typed: TypedTable, columns: Sequence[Column], encoding: Encoding, outcome: Outcome | None
) -> list[FittedPair]:
    """Encoders of the pairs that the encoding names, whose columns are there and vary."""
    there = {c.name for c in columns}
    fill = encoding.missing == "fill"
    smooth = encoding.numeric == "robust"
    found: list[FittedPair] = []
    for pair in encoding.pairs if encoding.rich else ():
        if not there.issuperset(pair.columns):
            continue
        if pair.how == "joined":
            fitted = None
            if outcome is not None:
                fitted = fit_target_mean(joined(typed, pair), outcome, fill, said_elsewhere=True)
            found += [] if fitted is None else [(JoinedEncoder(pair, fitted[0]), fitted[1])]
            continue
        fit = _fit_within if pair.how == "within" else _fit_numbers
        encoder = fit(typed, pair, fill, smooth)
        found += [] if encoder is None else [(encoder, None)]
    return found


def _fit_numbers(
    typed: TypedTable, pair: Pair, fill: bool, smooth: bool
) -> NumberPairEncoder | None:
    a, b = (finite_numbers(typed.columns[name]) for name in pair.columns)
    values = arithmetic(a, b, pair.how)
    scaling = fit_scaling(values[~np.isnan(values)], smooth)
    return None if scaling is None else NumberPairEncoder(pair, scaling, fill)


def _fit_within(typed: TypedTable, pair: Pair, fill: bool, smooth: bool) -> WithinEncoder | None:
    numbers, cells = (typed.columns[name] for name in pair.columns)
    values, words = finite_numbers(numbers), as_words(cells)
    codes = word_codes(words)
    known = ~np.isnan(values) & (codes >= 0)
    if not known.any():
        return None
    halves = values[known] / 2  # so that two huge numbers can be subtracted
    overall, w = float(halves.mean()), len(words.words)
    sums = np.bincount(codes[known], weights=halves - overall, minlength=w)
    rows = np.bincount(codes[known], minlength=w)
    means = 2 * (overall + sums / (rows + SHRINKAGE))
    used = np.flatnonzero(rows)
    if not np.isfinite(means[used]).all():
        return None
    relative = values[known] - means[codes[known]]
    scaling = fit_scaling(relative[np.isfinite(relative)], smooth)
    if scaling is None:
        return None
    kept = tuple(words.words[i] for i in used.tolist())
    return WithinEncoder(pair, kept, tuple(means[used].tolist()), 2 * overall, scaling, fill)


def arithmetic(a: Numbers, b: Numbers, how: str) -> Numbers:
    """Both numbers (n,) as one, NaN where it is not finite."""
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        values = {"minus": np.subtract, "times": np.multiply, "over": np.divide}[how](a, b)
    return np.where(np.isfinite(values), values, np.nan)


def as_words(column: TypedColumn) -> TypedColumn:
    """The column as words; numbers, of which few are distinct, as they are written."""
    if column.codes is not None:
        return column
    numbers = finite_numbers(column) + 0.0  # one zero
    present = ~np.isnan(numbers)
    values, places = np.unique(numbers[present], return_inverse=True)
    codes = np.full(len(numbers), -1, dtype=np.int32)
    codes[present] = places
    return TypedColumn(column.name, codes=codes, words=tuple(map(repr, values.tolist())))


def joined(typed: TypedTable, pair: Pair) -> TypedColumn:
    """Both columns' words as one; missing where either is."""
    a, b = (as_words(typed.columns[name]) for name in pair.columns)
    first, second = word_codes(a).astype(np.int64), word_codes(b).astype(np.int64)
    present = (first >= 0) & (second >= 0)
    width = max(1, len(b.words))
    used, places = np.unique((first * width + second)[present], return_inverse=True)
    codes = np.full(len(first), -1, dtype=np.int32)
    codes[present] = places
    words = tuple(f"{a.words[u // width]}{BETWEEN}{b.words[u % width]}" for u in used.tolist())
    return TypedColumn(pair.name, codes=codes, words=words)


def _write_scaled(values: Numbers, scaling: Scaling, fill: bool, out: Matrix) -> None:
    scaled = scaling.apply(values)
    out[:, 0] = np.nan_to_num(scaled, nan=0.0) if fill else scaled
