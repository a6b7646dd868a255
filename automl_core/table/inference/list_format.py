"""Several items in one cell: "Drama; Crime", "a | b | c", "['x', 'y']".

A column is taken for one of lists only where items repeat across cells: a sentence with
commas, or a city with its state, is no list.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from automl_core.table import ParseRule
from automl_core.table.inference.column_stats import ColumnStats
from automl_core.table.parsing import items_of

SEPARATORS = (";", "|", "\n", ",")
_NAMES = {"\n": "line breaks", ",": "commas", ";": "semicolons", "|": "bars"}
_HEAD = 3_000  # distinct cells that are looked at
_MIN_CELLS = 5  # different cells of several items each
_LONGEST_CELL = 1_000  # characters of a cell, on average: longer ones are documents
_LONGEST = 40  # characters of an item, on average: longer ones are sentences


@dataclass(frozen=True)
class ListReading:
    """A column recognised as lists."""

    rule: ParseRule
    reason: str  # in words for the user, without the marks of missing cells


def read_as_lists(stats: ColumnStats) -> ListReading | None:
    """The column as lists of items; None where it holds none."""
    cells = pc.drop_null(stats.text.slice(0, _HEAD))
    if len(cells) < _MIN_CELLS or pc.mean(pc.utf8_length(cells)).as_py() > _LONGEST_CELL:
        return None
    texts = cells.to_pylist()
    for separator in SEPARATORS:
        if not _some(cells, separator):
            continue
        lists = [items_of(cell, separator) for cell in texts]
        if _are_lists(lists, texts, separator):
            different = len({item for items in lists for item in items})
            reason = f"lists: items between {_NAMES[separator]}, {different:,} different ones"
            return ListReading(ParseRule("list", stats.word_marks, separator=separator), reason)
    return None


def chosen_list_rule(stats: ColumnStats) -> ParseRule:
    """The rule where a person says that these are lists: the separator that most cells have."""
    cells = pc.drop_null(stats.text.slice(0, _HEAD))
    counts = [pc.sum(pc.match_substring(cells, s)).as_py() or 0 for s in SEPARATORS]
    most = SEPARATORS[int(np.argmax(counts))] if max(counts) else ","
    return ParseRule("list", stats.word_marks, separator=most)


def _some(cells: pa.Array, separator: str) -> bool:
    several = pc.sum(pc.match_substring(cells, separator)).as_py() or 0
    return bool(several >= max(_MIN_CELLS, 0.2 * len(cells)))


def _are_lists(lists: list[tuple[str, ...]], cells: list[str], separator: str) -> bool:
    """True if the same items appear again in other cells, beside other items."""
    several = [items for items in lists if len(items) > 1]
    if len(several) < _MIN_CELLS:
        return False
    counts = Counter(item for items in several for item in items)
    total = sum(counts.values())
    if total < 2 * len(counts) or sum(map(len, counts)) > _LONGEST * len(counts):
        return False
    repeated = sum(counts[item] for item in counts if counts[item] > 1)
    if repeated < 0.7 * total:
        return False
    bracketed = sum(cell[:1] in "[{" for cell in cells) > 0.9 * len(cells)
    if bracketed:
        return not any(re.search(r"[:{\[]|^\s*-?\d+\.\d", cell[1:-1]) for cell in cells)
    if separator != ",":
        return not all(re.fullmatch(r"-?\d+\.\d+", item) for item in counts)
    return _in_any_place(several, counts)


def _in_any_place(several: list[tuple[str, ...]], counts: Counter[str]) -> bool:
    """True if lists differ in length and items in their place: "Austin, TX" does neither."""
    if len({len(items) for items in several}) < 2 or max(map(len, several)) < 3:
        return False
    places: dict[str, set[int]] = {}
    for items in several:
        for place, item in enumerate(items):
            places.setdefault(item, set()).add(place)
    repeated = [item for item in counts if counts[item] > 1]
    moved = sum(len(places[item]) > 1 for item in repeated)
    words = np.mean([item.count(" ") + 1 for item in counts])
    return moved >= 0.3 * len(repeated) and bool(words <= 3.5)
