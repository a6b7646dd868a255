"""Numbers about a text that its words do not keep: length, capitals, punctuation, links.

Reads raw cells, before case and punctuation are dropped; knows nothing of vocabularies.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Signals = NDArray[np.float32]

SIGNALS = (
    "length in characters", "share of digits", "share of capitals", "share of punctuation",
    "currency signs", "long numbers", "links",
)  # fmt: skip
"""One column each; lengths and counts are log(1 + n), shares are of the characters."""

DIGIT, CAPITAL, SIGN = r"\p{N}", r"\p{Lu}", r"[^\p{L}\p{M}\p{N}\s]"
CURRENCY, LONG_NUMBER = r"\p{Sc}", r"\p{N}{5,}"
LINK = r"(?i)https?://|www\.|[^\s@]+@[^\s@]+\.[a-z]"


def signals_of(texts: pa.StringArray) -> Signals:
    """The signals (n, len(SIGNALS)) of raw texts; all 0 where there is no text."""
    characters = _numbers(pc.utf8_length(texts))
    out = np.zeros((len(texts), len(SIGNALS)), dtype=np.float32)
    out[:, 0] = np.log1p(characters)
    for column, pattern in enumerate((DIGIT, CAPITAL, SIGN), 1):
        out[:, column] = _count(texts, pattern) / np.maximum(characters, 1.0)
    for column, pattern in enumerate((CURRENCY, LONG_NUMBER, LINK), 4):
        out[:, column] = np.log1p(_count(texts, pattern))
    return out


def _count(texts: pa.StringArray, pattern: str) -> NDArray[np.float64]:
    return _numbers(pc.count_substring_regex(texts, pattern))


def _numbers(counts: Any) -> NDArray[np.float64]:
    filled = pc.fill_null(counts, 0).to_numpy(zero_copy_only=False)
    return np.asarray(filled, dtype=np.float64)
