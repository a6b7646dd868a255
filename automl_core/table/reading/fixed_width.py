"""Columns of fixed width: they line up, with blanks between them in all lines.

Knows nothing of types.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from automl_core.table.reading.column_shapes import NUMBER

_LEAST_LINES = 5
_MOST_LINES = 1_000
_LONGEST = 2_000  # characters of a line that are looked at
_NEARLY = 0.98  # of the lines
_TOPS = 20  # lines among which one is drawn below the names
_RUN = re.compile(r"-+|=+")
_RULED = re.compile(r"\s*[-=]{3,}(\s+[-=]{3,})+\s*")
_WIDE = 2  # blanks between columns: fewer may stand between words by chance


def column_starts(lines: Sequence[str]) -> tuple[int, ...]:
    """Where columns begin in lines of text; empty where there are not two that line up.

    Titles that are shorter or longer than the lines of the table do not matter, as a gap has
    to be in nearly all lines only. Words of one cell, which line up by chance, begin no column.
    A line drawn below the names says where they begin.
    """
    texts = [line.rstrip() for line in lines if line.strip()][:_MOST_LINES]
    if len(texts) < _LEAST_LINES or any("\t" in text for text in texts):
        return ()
    starts = _drawn(texts) or _apart(texts, _gap_ends(texts))
    cells = [cut(text, starts) for text in texts]
    full = sum(len(row) > 1 and all(row[:2]) for row in cells)
    return starts if len(starts) > 1 and full >= 0.5 * len(texts) else ()


def is_ruled(lines: Sequence[str]) -> bool:
    """True if a line of dashes, one run for each column, is among the first lines."""
    return bool(_drawn([line.rstrip() for line in lines[:_TOPS]]))


def _drawn(texts: Sequence[str]) -> tuple[int, ...]:
    """Where the runs of a line of dashes begin; empty where there is none."""
    ruled = next(filter(_RULED.fullmatch, texts[:_TOPS]), "")
    return (0, *[found.start() for found in _RUN.finditer(ruled)][1:]) if ruled else ()


def _gap_ends(texts: Sequence[str]) -> list[int]:
    """Where text begins after a place that is blank in nearly all lines."""
    width = min(_LONGEST, max(map(len, texts)))
    blank = [0] * width
    for text in texts:
        for i in range(width):
            blank[i] += i >= len(text) or text[i] == " "
    gaps = [count >= _NEARLY * len(texts) for count in blank]
    return [i for i in range(width) if not gaps[i] and (i == 0 or gaps[i - 1])]


def _apart(texts: Sequence[str], ends: Sequence[int]) -> tuple[int, ...]:
    """Those of the places where a column begins, and not the next word of a cell."""
    starts = [0]
    for place, end in enumerate(ends[1:], 1):
        stop = ends[place + 1] if place + 1 < len(ends) else _LONGEST
        pairs = [(text[starts[-1] : end].strip(), text[end:stop].strip()) for text in texts]
        both = [pair for pair in pairs if all(pair)]
        wide = any(text[end - _WIDE : end].isspace() for text in texts if text[end:stop].strip())
        others = all(pairs[0]) and len(both) >= _NEARLY * len(texts)
        if wide or (others and _differ(both)):
            starts.append(end)
    return tuple(starts)


def _differ(pairs: Sequence[tuple[str, str]]) -> bool:
    """True if the one cells are numbers and the others are none, in nearly all lines."""
    kinds = [bool(NUMBER.match(left)) != bool(NUMBER.match(right)) for left, right in pairs]
    return sum(kinds) >= _NEARLY * len(pairs) - 1


def cut(line: str, starts: Sequence[int]) -> list[str]:
    """The cells of a line, blanks at their ends gone."""
    ends = [*starts[1:], len(line)]
    return [line[a:b].strip() for a, b in zip(starts, ends, strict=False)] if starts else [line]
