"""Lines that are one quoted cell each and hold a row: spreadsheets write such files when a CSV
file was opened as one column and saved again.

Knows nothing of delimiters but that they may stand after the quote.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

_MOST_LINES = 100  # of one row: more are a quote that was never closed
_AFTER = ",;|\t "  # delimiters of the cells that were empty


def unwrapped(line: str, quote: str) -> str:
    """The row in a line that is one quoted cell; other lines as they are."""
    text = line.rstrip("\r\n")
    cell = text.strip().rstrip(_AFTER)
    if len(cell) < 2 or not cell[0] == cell[-1] == quote:
        return line
    inner = cell[1:-1]
    if quote in inner.replace(2 * quote, ""):
        return line  # the first cell ends before the line
    return inner.replace(2 * quote, quote) + line[len(text) :]


def whole_records(lines: Iterable[str], quote: str) -> Iterator[str]:
    """The lines, those joined whose quotes are closed in a later one only."""
    held = list[str]()
    for line in lines:
        held.append(line)
        if sum(part.count(quote) for part in held) % 2 == 0:
            yield "".join(held)
            held = []
        elif len(held) > _MOST_LINES:
            yield from held
            held = []
    yield from held
