"""Lists of items in a cell, such as tags: one column an item that is common enough, and a count.

Items are what the parse rule made of a cell; they are stored as they are.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from automl_core.features.encoded_columns import (
    Matrix,
    has_missing,
    missing_feature,
    number,
    word_codes,
)
from automl_core.features.encoder_record import EncoderRecord
from automl_core.features.feature_layout import Feature
from automl_core.features.scaling import Scaling, fit_scaling, require
from automl_core.features.tokens import Tokens, document_frequency, split_words, top
from automl_core.table import TypedColumn
from automl_core.table.parsing import BETWEEN


class ListEncoder(EncoderRecord, frozen=True, tag="list"):
    """1 in the columns of the row's items, then how many there are, then 1 where there is no
    list. Items that are not stored count, and say nothing else."""

    name: str
    items: tuple[str, ...]
    count: Scaling | None  # of log(1 + items); None: all lists are of one length
    indicator: bool

    def __post_init__(self) -> None:
        require(len(set(self.items)) == len(self.items), f"{self.name!r} repeats an item")
        some = bool(self.items) or self.count is not None or self.indicator
        require(some, f"{self.name!r} has no feature")

    @cached_property
    def features(self) -> tuple[Feature, ...]:
        """First the items, then the count and the indicator."""
        items = tuple(Feature(f"{self.name} has {i}", self.name, "term") for i in self.items)
        count = (number(f"{self.name}: number of items", self.name),) if self.count else ()
        return items + count + ((missing_feature(self.name),) if self.indicator else ())

    @cached_property
    def _items(self) -> pa.StringArray:
        return pa.array(self.items, type=pa.string())

    def write(self, column: TypedColumn, out: Matrix) -> None:
        """Fill `out` (n, k)."""
        codes = word_codes(column)
        used, place = np.unique(codes, return_inverse=True)
        tokens = _split(column, used)
        rows = np.zeros((len(used), out.shape[1]), dtype=np.float32)
        item = pc.fill_null(pc.index_in(tokens.words, value_set=self._items), -1).to_numpy()
        rows[tokens.document[item >= 0], item[item >= 0]] = 1
        if self.count is not None:
            rows[:, len(self.items)] = self.count.apply(np.log1p(tokens.lengths))
        rows[used < 0] = 0
        if self.indicator:
            rows[:, -1] = used < 0
        out[...] = rows[place]


def fit_list(column: TypedColumn, most: int) -> ListEncoder | None:
    """The encoder of a column of lists with the commonest `most` items, or None where it has
    nothing to tell. No item that a single row has, or every row, gets a column."""
    codes = word_codes(column)
    used, weight = np.unique(codes[codes >= 0], return_counts=True)
    if not len(used):
        return None
    tokens = _split(column, used)
    encoded = tokens.words.dictionary_encode()
    ids = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    keys, rows = document_frequency(tokens.document, ids, weight)
    best = [(-n, encoded.dictionary[i].as_py()) for i, n in top(keys, rows, most)]
    items = tuple(item for n, item in sorted(best)[:most] if -n < len(codes))
    count = fit_scaling(np.repeat(np.log1p(tokens.lengths), weight), smooth=True)
    indicator = has_missing(column)
    if not items and count is None and not indicator:
        return None
    return ListEncoder(column.name, items, count, indicator)


def _split(column: TypedColumn, codes: NDArray[np.int32]) -> Tokens:
    """The items of each distinct code; -1 has none."""
    texts = [column.words[code] if code >= 0 else "" for code in codes.tolist()]
    return split_words(texts, BETWEEN)
