"""Free text against categories: whether cells are written or chosen.

Categories may be long, but come back; what is written is rarely the same twice.
"""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

from automl_core.table.inference.column_stats import ColumnStats

_HEAD = 5_000
_MIN_ROWS = 20
_MIN_DIFFERENT = 50
SENTENCE = 8
"""Characters, on average, that are more than a name in a script without spaces."""

_UNSPACED = re.compile(  # two letters in a row of Thai, Lao, Burmese, Khmer, kana or Han
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]{2}"
)


def is_prose(stats: ColumnStats) -> bool:
    """Several words a cell and mostly different ones, or very long cells."""
    head = pc.drop_null(stats.text.slice(0, _HEAD))
    if len(head) < 2 or stats.present < _MIN_ROWS:
        return False
    many = len(stats.values)
    words = pc.mean(pc.count_substring_regex(head, r"[\p{L}\p{N}]+")).as_py()
    alphabetic = pc.mean(pc.count_substring_regex(head, r"\p{L}{2,}")).as_py()
    length = pc.mean(pc.utf8_length(head)).as_py()
    if is_unspaced(head):
        return bool((stats.share > 0.4 and length >= SENTENCE) or (many >= 1_000 and length >= 15))
    if length > 60 and many > 50 and stats.share > 0.05:
        return True
    if words >= 4 and many >= 2_000 and stats.share > 0.05:
        return True
    if words >= 1.8 and alphabetic >= 1.8 and stats.share > 0.95 and many >= _MIN_DIFFERENT:
        return True  # names of people and things
    return bool(words >= 2.5 and alphabetic >= 2 and stats.share > 0.4)


def is_unspaced(head: pa.Array) -> bool:
    """True if the script puts no spaces between words, as Chinese, Japanese and Thai do."""
    cells = head.slice(0, 500).to_pylist()
    return sum(bool(_UNSPACED.search(cell)) for cell in cells) > 0.5 * len(cells)
