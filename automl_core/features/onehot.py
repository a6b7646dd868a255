"""Categories as one column a frequent value."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from automl_core.features.encoded_columns import (
    Matrix,
    frequent_words,
    has_missing,
    missing_feature,
    number,
    positions,
    value_index,
    word_codes,
)
from automl_core.features.encoder_record import EncoderRecord
from automl_core.features.feature_layout import Feature
from automl_core.features.scaling import require
from automl_core.table import TypedColumn


class OneHotEncoder(EncoderRecord, frozen=True, tag="onehot"):
    """1 in the column of the row's word; nothing for unseen words.

    Two words share one column, -1 and 1, so that an unseen one (0) is neither.
    """

    name: str
    words: tuple[str, ...]
    signed: bool  # two words in one column
    indicator: bool

    def __post_init__(self) -> None:
        require(len(set(self.words)) == len(self.words), f"{self.name!r} repeats a category")
        require(not self.signed or len(self.words) == 2, f"{self.name!r} has no two categories")

    @property
    def features(self) -> tuple[Feature, ...]:
        if self.signed:
            names = [f"{self.name} = {self.words[1]}, not {self.words[0]}"]
        else:
            names = [f"{self.name} = {word}" for word in self.words]
        values = tuple(number(name, self.name) for name in names)
        return values + ((missing_feature(self.name),) if self.indicator else ())

    @cached_property
    def _index(self) -> dict[str, int]:
        return value_index(self.words)

    def write(self, column: TypedColumn, out: Matrix) -> None:
        """Fill `out` (n, k)."""
        k = len(self.words)
        place = positions(column, self._index, missing=k, unseen=k + 1)
        if self.signed:
            out[:, 0] = np.array([-1, 1, 0, 0], dtype=np.float32)[place]
        else:
            out[...] = 0
            rows = np.flatnonzero(place < k)
            out[rows, place[rows]] = 1
        if self.indicator:
            out[:, -1] = place == k


def fit_onehot(column: TypedColumn, most: int) -> OneHotEncoder | None:
    """The encoder of a column of words, or None where it has nothing to tell.

    The commonest `most` words get a column, but none that occurs once: it would tell about
    a single row.
    """
    words, counts = frequent_words(column, 2, most)
    rows, present = len(column), int((word_codes(column) >= 0).sum())
    if words and counts[0] == rows:
        return None
    if len(words) == 1 and counts[0] == present:
        words = []  # the same word wherever there is one: its absence says it all
    indicator = has_missing(column) and present > 0
    if not words and not indicator:
        return None
    signed = len(words) == 2 and sum(counts) == present
    return OneHotEncoder(column.name, tuple(words), signed, indicator)
