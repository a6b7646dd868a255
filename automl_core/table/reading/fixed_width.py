"""Columns of fixed width: they line up, with blanks between them in all lines.

Knows nothing of types.
"""

from __future__ import annotations

from collections.abc import Sequence

_LEAST_LINES = 5
_MOST_LINES = 1_000
_LONGEST = 2_000  # characters of a line that are looked at
_NEARLY = 0.98  # of the lines
_WIDE = 2  # blanks between columns: fewer may stand between words by chance


def column_starts(lines: Sequence[str]) -> tuple[int, ...]:
    """Where columns begin in lines of text; empty where there are not two that line up.

    Titles that are shorter or longer than the lines of the table do not matter, as a gap has
    to be in nearly all lines only.
    """
    texts = [line.rstrip() for line in lines if line.strip()][:_MOST_LINES]
    if len(texts) < _LEAST_LINES or any("\t" in text for text in texts):
        return ()
    width = min(_LONGEST, max(map(len, texts)))
    blank = [0] * width
    for text in texts:
        for i in range(width):
            blank[i] += i >= len(text) or text[i] == " "
    gaps = [count >= _NEARLY * len(texts) for count in blank]
    starts = [i for i in range(width) if not gaps[i] and (i == 0 or gaps[i - 1])]
    wide = [b for b in starts[1:] if any(text[b - _WIDE : b] == " " * _WIDE for text in texts)]
    full = sum(len(cut(text, starts)) > 1 and all(cut(text, starts)[:2]) for text in texts)
    if len(starts) < 2 or len(wide) < len(starts) - 1 or full < 0.5 * len(texts):
        return ()
    return (0, *starts[1:])


def cut(line: str, starts: Sequence[int]) -> list[str]:
    """The cells of a line, blanks at their ends gone."""
    ends = [*starts[1:], len(line)]
    return [line[a:b].strip() for a, b in zip(starts, ends, strict=False)] if starts else [line]
