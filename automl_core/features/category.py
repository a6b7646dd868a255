"""Chooses encoders for a column of words: by the number of words and the family's encoding.

A column of many words gets two: what the family's kind of encoding is, and for all families
the out-of-fold means of the target, with how common the word is; but for trees, where every word
is common, its rank alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from automl_core.features.category_code import CategoryCodeEncoder, fit_category_code
from automl_core.features.encoded_columns import Matrix, word_codes
from automl_core.features.feature_layout import Encoding
from automl_core.features.onehot import OneHotEncoder, fit_onehot
from automl_core.features.rank import RankEncoder, fit_rank
from automl_core.features.target_mean import Outcome, TargetMeanEncoder, fit_target_mean
from automl_core.table import TypedColumn

FEW_VALUES = 10
"""Up to so many values trees get one-hot columns, above that target means."""

MANY_VALUES = 30
"""Above so many values networks and linear models get target means too."""

REPEATED_TEXTS = 0.05
"""A text column where at least so many of the rows share their text is a category as well."""

COMMON_ROWS = 300
"""Rows a word, from which on trees tell words apart by their rank: out-of-fold means of the target
then say less than they blur, as one word has another mean in each fold."""

CategoryEncoder = CategoryCodeEncoder | OneHotEncoder | TargetMeanEncoder | RankEncoder
Fitted = tuple[CategoryEncoder, Matrix | None]
"""An encoder, and the matrix of its training rows where that is out of fold."""


def fit_category(
    cells: TypedColumn, encoding: Encoding, outcome: Outcome | None, most: int
) -> list[Fitted]:
    """The encoders of a column of words; none where it has nothing to tell.

    `most` is how many one-hot columns there may be. Without an `outcome` there are no means.
    """
    fill = encoding.missing == "fill"
    codes = word_codes(cells)
    values = len(np.unique(codes[codes >= 0]))
    if encoding.category == "code":
        found: Sequence[CategoryEncoder | None] = [fit_category_code(cells)]
    elif encoding.category == "onehot" or values <= FEW_VALUES:
        found = [fit_onehot(cells, most)]
    elif outcome is None or len(codes) >= COMMON_ROWS * values:
        found = [fit_rank(cells, fill)]
    else:
        means = fit_target_mean(cells, outcome, fill)
        # Where no word occurs twice, whether there is one may still tell.
        return [means] if means is not None else _plain([fit_onehot(cells, most)])
    if outcome is None or encoding.category == "target" or values <= MANY_VALUES:
        return _plain(found)
    means = fit_target_mean(cells, outcome, fill, said_elsewhere=True)
    return _plain(found) + ([means] if means is not None else [])


def _plain(found: Sequence[CategoryEncoder | None]) -> list[Fitted]:
    return [(encoder, None) for encoder in found if encoder is not None]


def fit_repeated_text(
    cells: TypedColumn, encoding: Encoding, outcome: Outcome | None
) -> list[Fitted]:
    """Target means of whole texts, where enough of them come again; else none.

    None for trees, which would overfit the few rows whose text gives their target.
    """
    if outcome is None or encoding.category == "target":
        return []
    number = {word: i for i, word in reversed(list(enumerate(cells.words)))}
    same = np.array([number[word] for word in cells.words] + [-1], dtype=np.int32)
    whole = TypedColumn(cells.name, codes=same[word_codes(cells)], words=cells.words)
    counts = np.bincount(whole.codes[whole.codes >= 0]) if whole.codes is not None else np.zeros(0)
    if counts[counts >= 2].sum() < REPEATED_TEXTS * max(len(cells), 1):
        return []
    fitted = fit_target_mean(whole, outcome, encoding.missing == "fill", said_elsewhere=True)
    return [fitted] if fitted is not None else []
