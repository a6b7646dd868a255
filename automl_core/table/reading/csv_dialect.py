"""The dialect of a delimited text file: delimiter, quote, decimal mark, header, preamble.

Judges the first lines only; csv_table.py reads the file, and says so where they mislead.
"""

from __future__ import annotations

import csv
import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?%?$")
_COMMA_NUMBER = re.compile(r"[+-]?\d+(\.\d{3})*,\d+$")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+$")
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}$")
_POINT_NUMBER = re.compile(r"[+-]?\d+\.\d+$")
_LINES = 300
_MAX_PREAMBLE = 30
# A comma comes last: it is also a decimal mark and part of sentences, the others hardly are.
_DELIMITERS = ("\t", ";", "|", ",", "^", "~", "\x01")

Rows = list[list[str]]


@dataclass(frozen=True)
class Dialect:
    """The dialect of a delimited text file."""

    delimiter: str
    quote: str
    decimal: str
    header: bool
    skip_rows: int


def sniff(sample: str, usual: str = "") -> Dialect:
    """The dialect of a text's first lines (whole lines, as many as there are).

    `usual` is the decimal mark where the lines do not tell, "" where nothing is known of it.
    """
    lines = sample.splitlines(keepends=True)[:_LINES]
    skipped, stated = _stated(lines)
    lines = lines[skipped:]
    quote = _quote(lines)
    delimiter = stated or _delimiter(lines, quote)
    rows = split_lines(lines, delimiter, quote)
    preamble = _preamble(rows)
    rows = [row for row in rows[preamble:] if _filled(row)]
    decimal = _decimal(rows, delimiter, usual)
    return Dialect(delimiter, quote, decimal, has_header(rows), skipped + preamble)


def split_lines(lines: Sequence[str], delimiter: str, quote: str) -> Rows:
    """Lines as rows of cells, the way csv_table.py cuts them."""
    reader = csv.reader(
        lines,
        delimiter=delimiter,
        quotechar=quote or None,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        skipinitialspace=True,
    )
    try:
        return list(reader)
    except csv.Error:
        return [line.rstrip("\r\n").split(delimiter) for line in lines]


def has_header(rows: Rows) -> bool:
    """True if the first row names the columns: it does, unless it looks like data.

    It looks like data where it has numbers, each in a column of numbers, and no word
    above a column of numbers. 0, 1, 2 ... and years in order count as names.
    """
    if len(rows) < 2:
        return True
    first, others = [c.strip() for c in rows[0]], rows[1:51]
    numbers = [bool(_NUMBER.match(cell)) for cell in first]
    if not any(numbers) or _counts_up(first):
        return True
    for i, cell in enumerate(first):
        column = [row[i].strip() for row in others if i < len(row) and row[i].strip()]
        numeric = bool(column) and all(_NUMBER.match(c) for c in column)
        if numbers[i] and column and not numeric:
            return True
        if cell and not numbers[i] and numeric:
            return True
    return False


def _counts_up(cells: list[str]) -> bool:
    if len(cells) < 2 or not all(cell.isdecimal() for cell in cells):
        return False
    values = [int(cell) for cell in cells]
    return all(b - a == 1 for a, b in itertools.pairwise(values))


def _stated(lines: list[str]) -> tuple[int, str]:
    """A first line "sep=;", as Excel writes and reads it."""
    match = re.match(r"\ufeff?\"?sep=(.)\"?\s*$", lines[0]) if lines else None
    return (1, match.group(1)) if match else (0, "")


def _quote(lines: list[str]) -> str:
    text = "".join(lines)
    double = len(re.findall(r'(?:^|[,;\t|])\s*"', text, re.MULTILINE))
    opened = len(re.findall(r"(?:^|[,;\t|])\s*'", text, re.MULTILINE))
    closed = len(re.findall(r"'\s*(?:$|[,;\t|])", text, re.MULTILINE))
    single = opened if abs(opened - closed) <= 0.02 * opened else 0
    return "'" if single > double and single >= max(2, len(lines) // 2) else '"'


def _delimiter(lines: list[str], quote: str) -> str:
    best, best_score = "", 0.0
    for delimiter in _DELIMITERS:
        rows = [row for row in split_lines(lines, delimiter, quote) if _filled(row)]
        score = _consistency(rows)
        if score > best_score + 0.02:
            best, best_score = delimiter, score
    if best and best_score >= 0.5:
        return best
    spaced = [row for row in split_lines(lines, " ", quote) if _filled(row)]
    if len(spaced) >= 3 and _consistency(spaced) >= 0.99 and not has_words(spaced[1:]):
        return " "
    text = "".join(lines)
    if best and best in (lines[0] if lines else ""):
        return best
    # One column: a delimiter that cuts nothing.
    return next((d for d in (",", ";", "\t", "|") if d not in text), "\x1f")


def has_words(rows: Rows) -> bool:
    """True if most cells are words: a sentence has spaces too, and is one cell."""
    cells = [cell for row in rows for cell in row if cell.strip()]
    numbers = sum(bool(_NUMBER.match(cell.strip())) for cell in cells)
    return numbers < 0.5 * len(cells)


def _consistency(rows: Rows) -> float:
    """Share of rows with the usual number of cells; less where the first row differs."""
    counts = Counter(len(row) for row in rows)
    if not counts:
        return 0.0
    usual = counts.most_common(1)[0][0]
    if usual < 2:
        return 0.0
    share = counts[usual] / len(rows)
    names = next((len(row) for row in rows if len(row) > 1), 0)
    return share if names in (usual, usual - 1) else 0.5 * share


def _preamble(rows: Rows) -> int:
    """Lines before the table: titles and comments, with fewer cells than the table has."""
    counts = Counter(len(row) for row in rows if _filled(row))
    if not counts:
        return 0
    usual = counts.most_common(1)[0][0]
    if usual < 2:
        return 0
    for number, row in enumerate(rows[:_MAX_PREAMBLE]):
        comment = bool(row) and row[0].startswith("#") and len(row) < usual
        if not comment and len([c for c in row if c.strip()]) > max(1, usual // 2 - 1):
            return number
        if len(row) >= usual and not comment:
            return number
    return 0


def _decimal(rows: Rows, delimiter: str, usual: str) -> str:
    cells = [cell.strip() for row in rows[1:] for cell in row]
    commas = [cell for cell in cells if _COMMA_NUMBER.match(cell)]
    # "1,234" and "1.234" alone may be twelve hundred: others tell.
    parting = sum(not _THOUSANDS.match(cell) for cell in commas)
    points = sum(bool(_POINT_NUMBER.match(cell)) and not _GROUPED.match(cell) for cell in cells)
    if parting:
        return "," if delimiter != "," and parting > points else "."
    if points or not commas:
        return "."
    # Semicolons part the cells where the comma is taken: it is the decimal mark then.
    return usual or ("," if delimiter == ";" else ".")


def _filled(row: list[str]) -> bool:
    return any(cell.strip() for cell in row)
