"""Several items in one cell: "Drama; Crime", "a | b | c", "['x', 'y']".

A column is taken for one of lists only where items repeat across cells: a sentence with
commas, or a city with its state, is no list.
"""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from automl_core.table import ParseRule, is_text
from automl_core.table.inference.column_stats import ColumnStats
from automl_core.table.inference.missing_and_boolean import word_marks
from automl_core.table.parsing import items_of

SEPARATORS = (";", "|", "\n", ",")
_HEAD = 3_000  # distinct cells that are looked at
_MIN_CELLS = 5  # different cells of several items each
_LONGEST_CELL = 1_000  # characters of a cell, on average: longer ones are documents
_LONGEST = 40  # characters of an item, on average: longer ones are sentences


def list_rule(facts: ColumnStats) -> ParseRule | None:
    """How the column reads as lists; None where it holds none."""
    if not is_text(facts.values.type):
        return None
    cells = pc.drop_null(facts.text.slice(0, _HEAD))
    if len(cells) < _MIN_CELLS or pc.mean(pc.utf8_length(cells)).as_py() > _LONGEST_CELL:
        return None
    for separator in SEPARATORS:
        if _some(cells, separator) and _are_lists(cells.to_pylist(), separator):
            return ParseRule("list", word_marks(facts), separator=separator)
    return None


def chosen_list_rule(facts: ColumnStats) -> ParseRule:
    """The rule where a person says that these are lists: the separator that most cells have."""
    cells = pc.drop_null(facts.text.slice(0, _HEAD))
    counts = [pc.sum(pc.match_substring(cells, s)).as_py() or 0 for s in SEPARATORS]
    most = SEPARATORS[int(np.argmax(counts))] if max(counts) else ","
    return ParseRule("list", word_marks(facts), separator=most)


def list_reason(facts: ColumnStats, rule: ParseRule) -> str:
    """What a list is made of, in words for the user."""
    cells = pc.drop_null(facts.text.slice(0, _HEAD)).to_pylist()
    items = {item for cell in cells for item in items_of(cell, rule.separator)}
    named = {"\n": "line breaks", ",": "commas", ";": "semicolons", "|": "bars"}[rule.separator]
    return f"lists: items between {named}, {len(items):,} different ones"


def _some(cells: pa.Array, separator: str) -> bool:
    several = pc.sum(pc.match_substring(cells, separator)).as_py() or 0
    return bool(several >= max(_MIN_CELLS, 0.2 * len(cells)))


def _are_lists(cells: list[str], separator: str) -> bool:
    """Whether the same items come back in other cells, in other company."""
    lists = [items_of(cell, separator) for cell in cells]
    several = [items for items in lists if len(items) > 1]
    if len(several) < _MIN_CELLS:
        return False
    counts = Counter(item for items in several for item in items)
    total = sum(counts.values())
    if total < 2 * len(counts) or sum(map(len, counts)) > _LONGEST * len(counts):
        return False
    alone = sum(counts[item] for item in counts if counts[item] > 1)
    if alone < 0.7 * total:
        return False
    bracketed = sum(cell[:1] in "[{" for cell in cells) > 0.9 * len(cells)
    if bracketed:
        return not any(re.search(r"[:{\[]|^\s*-?\d+\.\d", cell[1:-1]) for cell in cells)
    if separator != ",":
        return not all(re.fullmatch(r"-?\d+\.\d+", item) for item in counts)
    return _in_any_place(several, counts)


def _in_any_place(several: list[tuple[str, ...]], counts: Counter[str]) -> bool:
    """Whether lists differ in length and items in their place: "Austin, TX" does neither."""
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
