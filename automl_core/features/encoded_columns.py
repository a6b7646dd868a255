"""Functions that all column encoders share: reading typed columns safely, word indices, features.

Knows nothing of any one encoder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import ModelError
from automl_core.features.feature_layout import Feature
from automl_core.table import TypedColumn

Matrix = NDArray[np.float32]
Numbers = NDArray[np.float64]
Positions = NDArray[np.int64]


def finite_numbers(column: TypedColumn) -> Numbers:
    """The column's numbers (n,), infinities as NaN."""
    return finite(numbers_of(column))


def numbers_of(column: TypedColumn) -> Numbers:
    """The column's numbers (n,); ModelError where it has none."""
    if column.numbers is None:
        raise ModelError(f"Column {column.name!r} holds words where the model expects numbers.")
    return column.numbers


def finite(numbers: Numbers) -> Numbers:
    """Numbers of any shape, infinities as NaN."""
    infinite = np.isinf(numbers)
    return np.where(infinite, np.nan, numbers) if infinite.any() else numbers


def word_codes(column: TypedColumn) -> NDArray[np.int32]:
    """The column's codes (n,) into its own words, -1 where missing."""
    if column.codes is None:
        raise ModelError(f"Column {column.name!r} holds numbers where the model expects words.")
    return column.codes


def frequent_words(column: TypedColumn, least: int, most: int) -> tuple[list[str], list[int]]:
    """Words that at least `least` rows have, the commonest `most` of them, and their counts.

    Commonest first, then by alphabet, so that the order of rows does not matter.
    """
    codes = word_codes(column)
    counts = np.bincount(codes[codes >= 0], minlength=len(column.words))
    kept = [(-int(counts[i]), column.words[i]) for i in np.flatnonzero(counts >= least)]
    kept = sorted(kept)[:most]
    return [word for _, word in kept], [-count for count, _ in kept]


def positions(
    column: TypedColumn, index: Mapping[str, int], missing: int, unseen: int
) -> Positions:
    """For each row (n,) its word's place in `index`, or `missing`, or `unseen`."""
    codes = word_codes(column)
    words = column.words
    if len(words) > len(codes):  # few rows of a column with many words
        found = [missing if c < 0 else index.get(words[c], unseen) for c in codes.tolist()]
        return np.array(found, dtype=np.int64)
    # The last entry is the one that code -1 points to.
    found = [index.get(word, unseen) for word in words] + [missing]
    return np.array(found, dtype=np.int64)[codes]


def has_missing(column: TypedColumn) -> bool:
    """True if any row lacks a value (or has an infinite one)."""
    if column.numbers is not None:
        return not bool(np.isfinite(column.numbers).all())
    return bool((word_codes(column) < 0).any())


def number(name: str, source: str) -> Feature:
    """A feature that is a plain number."""
    return Feature(name, source, "number")


def missing_feature(source: str) -> Feature:
    """The feature that says whether a cell had no value."""
    return Feature(f"{source} is missing", source, "number")


def value_index(words: Sequence[str]) -> dict[str, int]:
    """Each word's place."""
    return {word: place for place, word in enumerate(words)}
