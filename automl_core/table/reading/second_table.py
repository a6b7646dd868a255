"""A second table below the first, anywhere in a text file: after a blank line, under its own names.

table_layout.py sees the first lines and the last only. Here the whole file is looked through for
blank lines, which costs little, and the lines that follow them are judged.
"""

from __future__ import annotations

import codecs
import io
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from automl_core.errors import TableError
from automl_core.table import shown
from automl_core.table.reading.column_shapes import Row, Rows, column_shapes, filled
from automl_core.table.reading.file_type import CHUNK
from automl_core.table.reading.table_layout import is_other_table

_AHEAD = 2**16  # bytes after a blank line that may be judged, and before it for a footer
_ROWS = 40  # that are judged
_JUDGED = 200  # blank lines: where there are more, they part rows and no tables
_MOST = 2**25  # bytes of a second table whose rows are counted
_WIDE = ("utf-16", "utf-32")  # encodings in which a line end is no single byte

_EMPTY_LINE = 0x0A0A  # two line ends

Cut = Callable[[list[str]], list[list[str]]]


@dataclass(frozen=True)
class SecondTable:
    """Where another table begins."""

    line: int  # as many lines stand before it
    rows: int  # filled rows from there to the end of the file
    names: str  # its first row, for people
    before: str  # the last lines before it


def find_second_table(
    path: Path, encoding: str, first: Rows, cut: Cut, delimiter: str, after: int
) -> SecondTable | None:
    """The second table in a text file; None where there is none.

    `first` are rows of the first table, names included; `cut` makes rows of lines. Blank lines
    among the first `after` lines part no tables. Raises TableError where the second one is large.
    """
    shapes = column_shapes(first[1:], max(map(len, first), default=0))
    lengths = {len(row) for row in first[1:]}
    places = _after_blanks(path, encoding, delimiter * (len(first[0]) - 1))
    for line, text in itertools.islice((p for p in places if p[0] > after), _JUDGED):
        rows = list(itertools.takewhile(filled, cut(_lines(text)[:_ROWS])))
        if is_other_table(rows, first[0], shapes, lengths):
            return _second(path, encoding, cut, line, rows[0])
    return None


def _second(path: Path, encoding: str, cut: Cut, line: int, names: Row) -> SecondTable:
    words = shown(" ".join(cell.strip() for cell in names if cell.strip()))
    before, after, number = b"", list[bytes](), 0
    for chunk in _chunks(path, encoding):
        number += chunk.count(b"\n")
        if number < line:
            before = chunk
            continue
        rest = chunk
        if not after:
            lines = chunk.splitlines(keepends=True)
            place = len(lines) - (number - line) - (not chunk.endswith(b"\n"))
            before, rest = before + b"".join(lines[:place]), b"".join(lines[place:])
        after.append(rest)
        if sum(map(len, after)) > _MOST:
            raise TableError(
                f"Another table begins in line {line + 1:,}: {words}. Both are large.",
                "Put each table into a file of its own.",
            )
    codec = _codec(encoding)
    rows = cut(_lines(b"".join(after).decode(codec, "replace")))
    end = before[-_AHEAD:].decode(codec, "replace")
    end = end.partition("\n")[2] if len(before) > _AHEAD else end
    return SecondTable(line, sum(filled(row) > 0 for row in rows), words, end)


def _after_blanks(path: Path, encoding: str, blank: str) -> Iterator[tuple[int, str]]:
    """The lines after each blank one outside of quotes, and how many lines stand before them.

    `blank` is a line of delimiters only.
    """
    codec, lines, quotes = _codec(encoding), 0, 0
    gaps = [f"\n{line}\n".encode(codec, "replace") for line in dict.fromkeys(("", blank))]
    if not any(_has_gap(chunk, gaps) for chunk in _chunks(path, encoding)):
        return  # most files: lines and quotes need not be counted
    chunks = itertools.chain(_chunks(path, encoding), [b""])
    for chunk, following in itertools.pairwise(chunks):
        text = b"\n" + chunk + following[:_AHEAD]  # a line begins here
        places = {place for gap in gaps for place in _places(text, gap, len(chunk))}
        counted, number, marks = 1, lines, quotes
        for place in sorted(places):
            number += text.count(b"\n", counted, place)
            marks += text.count(b'"', counted, place)
            counted = place
            if marks % 2 == 0 and text[place : place + 1] != b"\n":
                yield number, text[place : place + _AHEAD].decode(codec, "replace")
        lines, quotes = lines + chunk.count(b"\n"), quotes + chunk.count(b'"')


def _has_gap(chunk: bytes, gaps: list[bytes]) -> bool:
    """True where a blank line is among these lines."""
    return any(chunk.startswith(gap[1:]) or _is_in(gap, chunk) for gap in gaps)


def _is_in(gap: bytes, chunk: bytes) -> bool:
    if len(gap) > 2:
        return gap in chunk
    # every other pair of bytes at once: a search stops at each line end
    pairs = [np.frombuffer(chunk, "<u2", (len(chunk) - at) // 2, at) for at in (0, 1)]
    return any(bool((found == _EMPTY_LINE).any()) for found in pairs if len(found))


def _places(text: bytes, gap: bytes, end: int) -> Iterator[int]:
    """Where a blank line is over that begins before the end."""
    place = text.find(gap, 0, end + len(gap))
    while 0 <= place < end:
        yield place + len(gap)
        place = text.find(gap, place + 1, end + len(gap))


def _chunks(path: Path, encoding: str) -> Iterator[bytes]:
    """The bytes of the file in pieces of whole lines, each of which ends in "\\n"."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    wide, rest = encoding.startswith(_WIDE), b""
    with path.open("rb") as file:
        while data := file.read(CHUNK):
            rest += decoder.decode(data).encode() if wide else data
            end = max(rest.rfind(b"\n"), rest.rfind(b"\r", 0, len(rest) - 1)) + 1
            if end:
                yield _with_plain_ends(rest[:end])
                rest = rest[end:]
    if rest:
        yield _with_plain_ends(rest)


def _with_plain_ends(text: bytes) -> bytes:
    return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in text else text


def _codec(encoding: str) -> str:
    return "utf-8" if encoding.startswith(_WIDE) else encoding


def _lines(text: str) -> list[str]:
    return list(io.StringIO(text, newline=""))
