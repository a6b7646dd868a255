"""The dialect of a delimited text file: delimiter, quote, decimal mark, and the table's layout.

Judges the first lines and the last; csv_table.py reads the file, and says so where they mislead.
"""

from __future__ import annotations

import dataclasses
import io
import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from automl_core.table import SourceFormat, shown
from automl_core.table.reading.as_set import decisions_as_set, layout_as_set
from automl_core.table.reading.column_shapes import NUMBER, filled
from automl_core.table.reading.decision import Decision
from automl_core.table.reading.delimiter import (
    NONE,
    Fit,
    choose_delimiter,
    is_punctuation,
    split_lines,
)
from automl_core.table.reading.fixed_width import column_starts, cut, is_ruled
from automl_core.table.reading.quoted_lines import unwrapped, whole_records
from automl_core.table.reading.table_layout import Layout, find_layout
from automl_core.table.reading.utf8_copy import without_escapes
from automl_core.words import count

_COMMA_NUMBER = re.compile(r"[+-]?\d+(\.\d{3})*,\d+$")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+$")
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}$")
_POINT_NUMBER = re.compile(r"[+-]?\d+\.\d+$")
_BACKSLASH_QUOTE = re.compile(r'\\"(?!")(\s*(?:[,;\t|^~\x01]|$))?', re.MULTILINE)
_ESCAPE = re.compile(r'\\[",;|\t]')
LINES = 1_000
"""Lines at the beginning of a file by which it is judged."""

_LAST_LINES = 200
_WRAPPED, _EVEN = 0.2, 0.98  # share of lines in quotes as a whole; of rows as long as others
_CHARACTERS, _LEAST_LINES = 2**18, 50  # fewer lines where they are long
_NEARLY = 0.9
_CELLS = 20_000  # by which the decimal mark is judged
_NAMES = {
    ",": "comma",
    ";": "semicolon",
    "\t": "tab",
    "|": "bar",
    " ": "space",
    ":": "colon",
    NONE: "none",
}

Grid = list[list[str]]


@dataclass(frozen=True)
class Dialect:
    """The dialect of a delimited text file; the fields are those of ReadSettings."""

    delimiter: str
    quote: str
    decimal: str
    header: bool
    skip_rows: int
    units_row: bool = False
    footer_rows: int = 0
    escape: str = ""
    wrapped: bool = False
    column_starts: tuple[int, ...] = ()
    decisions: tuple[Decision, ...] = ()
    header_rows: int = 1

    def rows(self, lines: Sequence[str]) -> Grid:
        """The cells of lines, a row for each."""
        cut_as = _Cut(self.delimiter, self.quote, self.escape, self.column_starts, (), self.wrapped)
        return cut_as.rows(lines)


@dataclass(frozen=True)
class _Cut:
    """The way lines are cut into cells."""

    delimiter: str
    quote: str
    escape: str = ""
    starts: tuple[int, ...] = ()
    decisions: tuple[Decision, ...] = ()
    wrapped: bool = False

    def rows(self, lines: Sequence[str]) -> Grid:
        """A row for each line."""
        if self.starts:
            return [cut(line, self.starts) for line in lines]
        if self.wrapped:
            lines = [unwrapped(record, self.quote) for record in whole_records(lines, self.quote)]
        if self.escape:
            lines = [without_escapes(line, self.delimiter) for line in lines]
        return split_lines(lines, self.delimiter, self.quote)


def sniff(sample: str, tail: str = "", source_format: SourceFormat | None = None) -> Dialect:
    """The dialect of a text by its first lines (whole lines, as many as there are) and its last.

    `tail` is "" where `sample` is the whole text. `source_format` says what files of the same kind
    have: names of columns, and the decimal mark where the lines do not tell.
    """
    usual = source_format or SourceFormat("")
    lines = _lines(sample)
    asked = usual.asked
    skipped, stated = _stated(lines)
    skipped = skipped if asked.skip_rows is None else min(asked.skip_rows, len(lines))
    sizes = list(itertools.accumulate(map(len, lines[:LINES])))
    most = max(_LEAST_LINES, sum(size <= _CHARACTERS for size in sizes))
    last = _lines(tail)[-_LAST_LINES:] or lines[most:][-_LAST_LINES:]
    lines = lines[skipped:most]
    way = _cut_of(lines, asked.delimiter or "", stated, usual.names)
    grid = way.rows(lines)
    layout = find_layout(grid, _regular(way.rows(last), grid), usual.names)
    layout = layout_as_set(layout, replace(asked, skip_rows=None if asked.skip_rows is None else 0))
    body = [row for row in grid[layout.skip_rows :] if filled(row)]
    decimal, doubt = _decimal(body, way.delimiter, usual.decimal)
    found = (*way.decisions, *_moved(layout, skipped), *_row_names(body, layout), *doubt)
    return Dialect(
        way.delimiter,
        way.quote,
        asked.decimal or decimal,
        layout.header,
        skipped + layout.skip_rows,
        layout.units_row,
        layout.footer_rows,
        way.escape,
        way.wrapped,
        way.starts,
        decisions_as_set(found, asked),
        layout.header_rows,
    )


def _row_names(body: Grid, layout: Layout) -> tuple[Decision, ...]:
    """What is said where the rows have one cell more than the header has names."""
    names, *rows = body or [[]]
    longer = sum(len(row) == len(names) + 1 and bool(row[-1].strip()) for row in rows)
    if not layout.header or layout.header_rows > 1 or 2 * longer <= len(rows):
        return ()
    why = f"Rows have a cell more than the {len(names)} names: the first column has no name."
    return (Decision("row_names", "first column", why),)


def _moved(layout: Layout, skipped: int) -> tuple[Decision, ...]:
    """The decisions of the layout, with the line that states the delimiter among the skipped."""
    rows = str(layout.skip_rows + skipped)
    return tuple(
        dataclasses.replace(d, value=rows) if d.setting == "skip_rows" else d
        for d in layout.decisions
    )


def _lines(text: str) -> list[str]:
    """The lines as the readers count them: no other signs end a line."""
    return list(io.StringIO(text, newline=""))


def _stated(lines: list[str]) -> tuple[int, str]:
    """A first line "sep=;", as Excel writes and reads it."""
    match = re.match(r"\ufeff?\"?sep=(.)\"?\s*$", lines[0]) if lines else None
    return (1, match.group(1)) if match else (0, "")


def _cut_of(lines: list[str], asked: str, stated: str, names: Sequence[str]) -> _Cut:
    """The way to cut the lines, with what is asked for, or what the first line states."""
    if stated and not asked:
        found = _unwrapped_cut(lines, "", names)
        if stated not in "".join(lines) and found.delimiter != NONE:
            return found  # the first line is wrong
        said = Decision("delimiter", _name(stated), "The first line of the file states it.")
        return replace(_unwrapped_cut(lines, stated, names), decisions=(said,))
    return _unwrapped_cut(lines, asked, names)


def _unwrapped_cut(lines: list[str], stated: str, names: Sequence[str]) -> _Cut:
    """As `_cut`, of the rows in the lines where each line is one cell in quotes."""
    way = _cut(lines, stated, names)
    if not way.quote or stated == NONE or way.starts:
        return way
    records = list(whole_records(lines, way.quote))
    inner = [unwrapped(record, way.quote) for record in records]
    changed = sum(a != b for a, b in zip(inner, records, strict=True))
    if changed < max(2, _WRAPPED * len(records)):
        return way
    fit, _ = choose_delimiter(inner, way.quote, names, stated)
    if fit.delimiter == NONE or fit.share < _EVEN or (fit.top < fit.width and not fit.known):
        return way
    rows = [row for row in way.rows(lines) if filled(row)]
    if changed < _NEARLY * len(rows) and sum(len(row) == fit.width for row in rows) == len(rows):
        return way
    first = split_lines(inner[:1], fit.delimiter, way.quote)[0]
    doubt = "none" if any(NUMBER.match(cell.strip()) for cell in first) else ""
    why = f"Lines are one cell in quotes, which holds {fit.width} cells: they are taken out of it."
    said = Decision("delimiter", _name(fit.delimiter), why, doubt)
    found = _cut(inner, stated, names)
    return replace(found, quote=way.quote, decisions=(said,), wrapped=True)


def _cut(lines: list[str], stated: str, names: Sequence[str]) -> _Cut:
    """The way to cut the lines that fits them best."""
    quote = _quote(lines)
    fit, near = choose_delimiter(lines, quote, names, stated)
    escape = ""
    if quote == "'" and not _all_quoted(lines):  # or these are apostrophes, or feet
        other, near_other = choose_delimiter(lines, '"', names, stated)
        if _is_better(other, fit):
            fit, near, quote = other, near_other, '"'
    elif any(_ESCAPE.search(line) for line in lines):
        plain = [_unescaped(line) for line in lines]
        other, near_other = choose_delimiter(plain, quote, names, stated)
        if _is_better(other, fit) or (other.score and _are_escapes(lines)):
            fit, near, escape = other, near_other, "\\"
    if stated:
        return _Cut(stated, quote, escape)
    maybe = fit.delimiter in (NONE, " ") and (fit.share < 1 or is_ruled(lines))
    starts = column_starts(lines) if maybe or is_punctuation(lines, fit.delimiter) else ()
    if len(starts) > (1 if maybe else fit.width):
        why = f"Columns line up in all {len(lines):,} lines."
        value = f"fixed width, {count(len(starts), 'column')}"
        return _Cut(NONE, "", starts=starts, decisions=(Decision("delimiter", value, why),))
    return _Cut(fit.delimiter, quote, escape, (), tuple(_said(fit, near, quote, escape)))


def _unescaped(line: str) -> str:
    """The line with quotes doubled and delimiters gone where a backslash escapes them."""
    return without_escapes(re.sub(r"\\[,;|\t]", "", line))


def _is_better(other: Fit, fit: Fit) -> bool:
    """True if the other cut fits better: all lines as long as the first, or more like a table."""
    even, other_even = (f.share == 1 and f.top == f.width for f in (fit, other))
    return other_even if even != other_even else other.score > fit.score


def _said(fit: Fit, near: Fit | None, quote: str, escape: str) -> list[Decision]:
    if fit.delimiter == NONE:
        decisions = [Decision("delimiter", "none", "No sign cuts the lines alike: one column.")]
    else:
        doubt = _name(near.delimiter) if near else ""
        alike = round(fit.share * fit.lines)
        most = f"All {fit.lines:,}" if alike == fit.lines else f"{alike:,} of {fit.lines:,}"
        why = f"{most} lines have {fit.width} cells."
        if fit.known:
            why = "It gives the names that the model knows."
        decisions = [Decision("delimiter", _name(fit.delimiter), why, doubt)]
    if quote != '"':
        decisions.append(Decision("quote", quote, "Cells begin and end with it."))
    if escape:
        why = "It stands before quotes or delimiters that are part of a cell."
        decisions.append(Decision("escape", escape, why))
    return decisions


def _name(delimiter: str) -> str:
    return _NAMES.get(delimiter, delimiter)


def _quote(lines: list[str]) -> str:
    """A single quote where cells of half of the lines begin and end with one, else a double one."""
    text = re.sub(r"\r\n?", "\n", "".join(lines))
    opened = len(re.findall(r"(?:^|[,;\t|^~])\s*'", text, re.MULTILINE))
    closed = len(re.findall(r"'\s*(?:$|[,;\t|^~])", text, re.MULTILINE))
    alike = abs(opened - closed) <= 0.1 * opened
    return "'" if alike and opened >= max(2, len(lines) // 2) else '"'


def _are_escapes(lines: list[str]) -> bool:
    """True if cells go on after most quotes with a backslash: they do not end there."""
    found = _BACKSLASH_QUOTE.findall("".join(lines))
    return 2 * sum(not ends for ends in found) > len(found)


def _all_quoted(lines: list[str]) -> bool:
    """True if nearly all lines begin and end with a single quote."""
    texts = [text for line in lines if (text := line.strip())]
    return sum(t[0] == t[-1] == "'" for t in texts) >= _NEARLY * len(texts)


def _regular(end: Grid, grid: Grid) -> Grid:
    """The last rows, but none where a cell over several lines was torn at their beginning."""
    usual = Counter(len(row) for row in grid if filled(row))
    last = Counter(len(row) for row in end if filled(row))
    if not last or not usual or last.most_common(1)[0][0] == usual.most_common(1)[0][0]:
        return end
    return [row for row in grid if filled(row)][-1:]


def _decimal(rows: Grid, delimiter: str, usual: str) -> tuple[str, list[Decision]]:
    cells = [cell.strip() for row in rows[1:] for cell in row][:_CELLS]
    commas = [cell for cell in cells if _COMMA_NUMBER.match(cell)]
    # "1,234" and "1.234" alone may be twelve hundred: others tell.
    parting = [cell for cell in commas if not _THOUSANDS.match(cell)]
    points = sum(bool(_POINT_NUMBER.match(cell)) and not _GROUPED.match(cell) for cell in cells)
    if parting:
        if delimiter == "," or len(parting) <= points:
            return ".", []
        return ",", [Decision("decimal", "comma", f"Cells such as {shown(parting[0])} say so.")]
    if points or not commas:
        return ".", []
    if usual:
        return usual, []
    # Semicolons part the cells where the comma is taken: it is the decimal mark then.
    value, other = ("comma", "point") if delimiter == ";" else ("point", "comma")
    why = f"{shown(commas[0])} may be either; no other cell tells."
    return ("," if delimiter == ";" else "."), [Decision("decimal", value, why, other)]
