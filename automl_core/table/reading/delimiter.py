"""The delimiter of a text file, judged by how well all lines of a sample fit it.

A delimiter is good where lines have the same number of cells, and the cells are numbers, dates
or words: a cell that holds another delimiter is a sign of a wrong cut. After G. van den Burg,
A. Nazábal, C. Sutton, "Wrangling messy CSV files by detecting row and type patterns", 2019.
"""

from __future__ import annotations

import csv
import dataclasses
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from automl_core.table.reading.column_shapes import NUMBER, Row, filled
from automl_core.table.reading.comments import comment_mark
from automl_core.table.reading.header_row import known_names

NONE = "\x1f"
"""The delimiter of a table of one column: a character that text has not."""

_DELIMITERS = {
    **dict.fromkeys("\t;|^~\x01¦§¬，；,", 1.0),
    ":": 0.6,
}
_BLANK = 0.6  # blanks part words as well
_MARGIN = 0.02  # a comma comes late: it is also a decimal mark and part of sentences
_RARE = 0.2  # a delimiter is in more of the lines
_TYPED_ROWS = 300
_TYPED_CELLS = 20_000
_WORDS = re.compile(r"\W?[^\W\d_][^,;|\t^~\x01]*|[A-Za-z0-9_./+-]+|\W?")
_BLANKS = re.compile(r"[ \t]+")
_SIGNS = re.compile(r"[|:;,~^&#<>$@!*=%§¦¬]{2,5}(?![|:;,~^&#<>$@!*=%§¦¬])")
_MOMENT = re.compile(r"\d[\d:/.T -]*[:/-][\d:/.TZ +-]*(\s?[AaPp]\.?[Mm]\.?)?")
_SHORTER = 0.7  # where the first row lacks one cell
_MOSTLY = 0.8  # share of lines from the first to the last that is as long as the others
_WITHOUT_HEADER = 0.3
_LINES_UP = 0.95  # share of lines, where less evidence is at hand
_DOUBT = 0.85  # of the best score
_LONGEST_FLAG = 3  # letters
_TOPS = 100  # rows among which names are looked for


@dataclass(frozen=True)
class Fit:
    """How well a delimiter fits the lines."""

    delimiter: str
    score: float
    width: int  # cells that rows usually have
    share: float  # of the lines, with as many
    lines: int
    known: bool = False  # it gives the names that a model knows
    top: int = 0  # cells of the first line
    decimals: bool = False  # all cells may be the parts of numbers with a decimal comma


def choose_delimiter(
    lines: Sequence[str], quote: str, names: Sequence[str] = (), stated: str = ""
) -> tuple[Fit, Fit | None]:
    """The delimiter that fits best, and another one that fits nearly as well.

    `names` are the columns that a model knows; `stated` is the delimiter where the file says it.
    The delimiter is NONE where no one cuts the lines alike.
    """
    mark = comment_mark(lines[0]) if lines else ""
    comments = next((i for i, line in enumerate(lines) if not line.startswith(mark)), 0)
    lines = lines[comments if mark else 0 :]
    text = "".join(lines)
    found = [
        _fit(lines, delimiter, quote, names, weight)
        for delimiter, weight in ({stated: 1.0} if stated else _candidates(lines, text)).items()
        if text.count(delimiter) > _RARE * len(lines) or delimiter in (lines[0] if lines else "")
    ]
    fits = _headed([fit for fit in found if fit is not None])
    best = None
    for fit in fits:
        if best is None or fit.score > best.score + _MARGIN:
            best = fit
    blank = _fit(lines, " ", quote, names, _BLANK) if " " in text or "\t" in text else None
    if blank and (best is None or blank.score > best.score):
        fits, best = [*fits, blank], blank
    if best is None:
        return Fit(NONE, 0.0, 1, 0.0, len(lines)), None
    if best.decimals:
        return best, Fit(NONE, 0.0, 1, 0.0, len(lines))
    near = [f for f in fits if f is not best and f.score >= _DOUBT * best.score and not best.known]
    return best, max(near, key=lambda f: f.score, default=None)


def _candidates(lines: Sequence[str], text: str) -> dict[str, float]:
    """The signs that may part cells, with their weights: also several at once, such as "||".

    A sign that never stands alone is none of its own.
    """
    several = dict[str, float]()
    for line in (lines[:1], lines[1:2], lines[-1:]):
        for signs in _SIGNS.findall("".join(line)):
            if sum(signs in other for other in lines) >= _LINES_UP * len(lines):
                several[signs] = 1.0
    shortest = {s: 1.0 for s in several if not any(o in s and o != s for o in several)}
    parts = {c for s in shortest for c in s if text.count(c) == text.count(s) * s.count(c)}
    return {s: weight for s, weight in _DELIMITERS.items() if s not in parts} | shortest


def plain_delimiter(delimiter: str) -> str:
    """The one sign that stands for the delimiter where it is several at once."""
    return delimiter if len(delimiter) == 1 else NONE


def split_lines(lines: Sequence[str], delimiter: str, quote: str) -> list[list[str]]:
    """Lines as rows of cells, the way csv_table.py cuts them; a row for each line.

    After a row over several lines come empty ones, so that a row's place is that of its line.
    """
    if delimiter == " ":
        lines = [one_blank(line, quote) for line in lines]
    elif len(delimiter) > 1:
        lines = [line.replace(delimiter, NONE) for line in lines]
    delimiter = plain_delimiter(delimiter)
    reader = csv.reader(
        lines,
        delimiter=delimiter,
        quotechar=quote or None,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        skipinitialspace=True,
    )
    rows = list[list[str]]()
    try:
        for row in reader:
            rows.append(row)
            rows.extend([] for _ in range(reader.line_num - len(rows)))
    except csv.Error:
        return [line.rstrip("\r\n").split(delimiter) for line in lines]
    return rows


def one_blank(line: str, quote: str) -> str:
    """The line with one blank between words, but for what is quoted."""
    parts = line.split(quote) if quote else [line]
    parts[::2] = [_BLANKS.sub(" ", part) for part in parts[::2]]
    text = (quote or "").join(parts)
    end = text[len(text.rstrip("\r\n")) :]
    return text.strip(" \r\n") + end


def _fit(
    lines: Sequence[str], delimiter: str, quote: str, names: Sequence[str], weight: float
) -> Fit | None:
    """How well the delimiter fits; None where it does not cut the lines alike."""
    rows = [row for row in split_lines(lines, delimiter, quote) if filled(row)]
    later = Counter(len(row) for row in rows[len(rows) // 2 if len(rows) > 6 else 0 :])
    width = _usual(later)
    if width < 2:
        return None
    wide = [number for number, row in enumerate(rows) if len(row) == width]
    share, alike = later[width] / later.total(), len(rows)
    if share >= 0.5:  # titles and notes do not count
        alike = wide[-1] - wide[0] + 1
        share = len(wide) / alike
    if len(rows[0]) < width == 2 and is_punctuation(lines, delimiter):
        return None
    longer = sum(len(row) > width for row in rows) / len(rows)
    first = next((len(row) for row in rows if len(row) > 1), 0)
    known = max((known_names(row, names) for row in rows[:_TOPS]), default=0.0) >= 0.5
    if not known and not _is_table(rows, delimiter, share, longer, width):
        return None
    pattern = share**2 * (width - 1) / width
    if first == width - 1 or (len(rows[0]) < width == 2):
        pattern *= _SHORTER
    score = weight * pattern * (0.1 + 0.9 * _typed(rows, width))
    expected = names and width in (len(names), len(names) - 1)
    return Fit(
        delimiter,
        score + known + 0.15 * bool(expected),
        width,
        share,
        alike,
        known,
        len(rows[0]),
        delimiter == "," and width == 2 and share == 1 and _are_decimals(rows),
    )


def _headed(fits: list[Fit]) -> list[Fit]:
    """The fits, less good where the first line lacks cells that another delimiter gives it."""
    alike = any(fit.top == fit.width and fit.share == 1 for fit in fits)
    return [
        dataclasses.replace(fit, score=fit.score * _WITHOUT_HEADER)
        if alike and fit.top < fit.width and not fit.known
        else fit
        for fit in fits
    ]


def _usual(counts: Counter[int]) -> int:
    """The usual number of cells: the larger one where two are as frequent."""
    return max(counts, key=lambda cells: (counts[cells], cells), default=0)


def _is_table(
    rows: list[list[str]], delimiter: str, share: float, longer: float, width: int
) -> bool:
    """True if cut lines are rows of a table rather than words of sentences."""
    top = len(rows[0])
    if delimiter in " :":
        words = all(not NUMBER.match(cell) for cell in rows[0])
        numbers = sum(bool(NUMBER.match(c)) for row in rows[1:_TYPED_ROWS] for c in row)
        some = numbers >= 0.2 * sum(len(row) for row in rows[1:_TYPED_ROWS])
        same = len(rows) >= 3 and share >= _LINES_UP and some
        shorter = delimiter == " " and width > 2 and top == width - 1
        return same and (shorter or (top == width and (delimiter == " " or words)))
    if top < width and width == 2 and delimiter == "," and share >= _LINES_UP:
        return not _are_decimals(rows[1:])
    if top == width:
        return share >= 0.5 or longer <= _MARGIN
    return share >= _MOSTLY


def is_punctuation(lines: Sequence[str], delimiter: str) -> bool:
    """True if a blank always follows: "Smith, John" is one cell where one name stands above."""
    text = "".join(lines)
    return delimiter in ",;:" and text.count(delimiter) == text.count(delimiter + " ")


def _are_decimals(rows: list[list[str]]) -> bool:
    """True if the two cells of all rows are the parts of one number with a decimal comma."""
    parts = [row for row in rows if len(row) == 2]
    digits = all(a.strip().lstrip("+-").isdecimal() and b.isdecimal() for a, b in parts)
    counted = [row[0] for row in parts] == [str(i + 1) for i in range(len(parts))]
    return digits and not counted


def _typed(rows: list[list[str]], width: int) -> float:
    """The share of cells that are a number, a moment, words or empty."""
    taken: list[Row] = [row for row in rows if len(row) == width]
    most = min(_TYPED_ROWS, max(10, _TYPED_CELLS // width))
    taken = taken[:: max(1, len(taken) // most)][:most]
    cells = [cell.strip() for row in taken for cell in row[:_TYPED_CELLS]]
    typed = sum(_is_typed(cell) for cell in cells)
    return typed / max(1, len(cells))


def _is_typed(cell: str) -> bool:
    if _WORDS.fullmatch(cell) or NUMBER.match(cell) or _MOMENT.fullmatch(cell):
        return True
    number, _, flag = cell.rpartition(" ")  # such as "1.7 b", provisional
    return len(flag) <= _LONGEST_FLAG and flag.isalpha() and bool(NUMBER.match(number))
