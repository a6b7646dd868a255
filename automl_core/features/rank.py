"""Categories by how common they are, for trees: where words are common, or have no means."""

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
)
from automl_core.features.encoder_record import EncoderRecord
from automl_core.features.feature_layout import Feature
from automl_core.features.scaling import require
from automl_core.table import TypedColumn

MAX_WORDS = 50_000


class RankEncoder(EncoderRecord, frozen=True, tag="rank"):
    """0 for the commonest word, towards 1 for rarer ones, 1 for unseen words."""

    name: str
    words: tuple[str, ...]  # commonest first
    fill: bool  # missing becomes 0 and has an indicator where training had any; else NaN
    indicator: bool

    def __post_init__(self) -> None:
        require(0 < len(set(self.words)) == len(self.words), f"{self.name!r} repeats a category")

    @property
    def features(self) -> tuple[Feature, ...]:
        rank = number(f"{self.name}: rank by frequency", self.name)
        return (rank,) + ((missing_feature(self.name),) if self.indicator else ())

    @cached_property
    def _index(self) -> dict[str, int]:
        return value_index(self.words)

    def write(self, column: TypedColumn, out: Matrix) -> None:
        """Fill `out` (n, 1 or 2)."""
        k = len(self.words)
        place = positions(column, self._index, missing=-1, unseen=k)
        out[:, 0] = np.where(place < 0, 0.0 if self.fill else np.nan, place / k)
        if self.indicator:
            out[:, -1] = place < 0


def fit_rank(column: TypedColumn, fill: bool) -> RankEncoder | None:
    """The encoder of a column of words, or None where no word occurs twice."""
    words, _ = frequent_words(column, 2, MAX_WORDS)
    if not words:
        return None
    return RankEncoder(column.name, tuple(words), fill, fill and has_missing(column))
