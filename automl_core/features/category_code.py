"""Categories as whole numbers, for embeddings."""

from __future__ import annotations

from functools import cached_property

from automl_core.features.encoded_columns import (
    Matrix,
    frequent_words,
    has_missing,
    positions,
    value_index,
    word_codes,
)
from automl_core.features.encoder_record import EncoderRecord
from automl_core.features.feature_layout import Feature
from automl_core.features.scaling import require
from automl_core.table import TypedColumn

MISSING, UNSEEN, FIRST = 0, 1, 2
MAX_WORDS = 10_000


class CategoryCodeEncoder(EncoderRecord, frozen=True, tag="code"):
    """One code: 0 missing, 1 unseen or rare, from 2 on the words by frequency."""

    name: str
    words: tuple[str, ...]

    def __post_init__(self) -> None:
        require(len(set(self.words)) == len(self.words), f"{self.name!r} repeats a category")

    @property
    def features(self) -> tuple[Feature, ...]:
        return (Feature(self.name, self.name, "code", len(self.words) + FIRST),)

    @cached_property
    def _index(self) -> dict[str, int]:
        return value_index(self.words)

    def write(self, column: TypedColumn, out: Matrix) -> None:
        """Fill `out` (n, 1)."""
        out[:, 0] = positions(column, self._index, MISSING - FIRST, UNSEEN - FIRST) + FIRST


def fit_category_code(column: TypedColumn) -> CategoryCodeEncoder | None:
    """The encoder of a column of words, or None where all rows have the same code.

    A word that occurs once shares the code of unseen words, which so has something to
    learn from.
    """
    words, counts = frequent_words(column, 2, MAX_WORDS)
    rare = sum(counts) < int((word_codes(column) >= 0).sum())
    if len(words) + has_missing(column) + rare < 2:
        return None
    return CategoryCodeEncoder(column.name, tuple(words))
