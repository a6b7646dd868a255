"""Rows after a table that are none of its rows: sources, notes and sums.

Found by how they differ from the table above: fewer cells, cells of another kind, or the sum of
a column. Knows nothing of files.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from automl_core.table import shown
from automl_core.table.reading.column_shapes import NUMBER, ColumnShape, Row, Rows, filled, is_mark
from automl_core.table.reading.decision import Decision

_LONGEST = 60  # rows at the end that are looked at
_SUM = re.compile(
    r"((grand|sub|over-?all|running)[ -]?)?(totals?|sum|average|mean|overall|all|summe|gesamt\w*"
    r"|avg|median|min(imum)?|max(imum)?"
    r"|insgesamt|mittelwert|totale|somma|totaal|suma|razem|moyenne|ensemble|media|итого|всего"
    r"|合計|総計|总计|合计)\b.*",
    re.IGNORECASE,
)
# These are codes of their own, too: they count only where the row differs from the table besides.
_STATISTIC = re.compile(
    r"(count|std|stdev|std\.? ?dev\w*\.?|standard deviation|sd|se|var(iance)?|range|mode|anzahl"
    r"|standardabweichung|[ée]cart[- ]type|desviaci[óo]n\w*)",
    re.IGNORECASE,
)
_LABEL = re.compile(r"[^\W\d_][\w .()]*:(\s|$)")
_DRAWN = re.compile(r"\W?[-=_*~+|]{3,}\W?")
_WITHIN = 1e-6  # of the sum
_ROUNDING = 0.006  # of each cell


@dataclass(frozen=True)
class Footer:
    """The rows at the end, and the decision where there are any."""

    rows: int
    decision: Decision | None = None


def find_footer(head: Rows, tail: Rows, shapes: Sequence[ColumnShape], fewest: int) -> Footer:
    """The footer of a table whose columns have these shapes.

    `head` are the rows after the header and `tail` the last of the file, empty where `head` has
    all; blank rows are among them. `fewest` is how many filled cells rows of the table have at
    least.
    """
    end = list(tail or head)[-_LONGEST:]
    whole = None if tail else [row for row in head if filled(row)]
    found = _after_gap(end, shapes, fewest)
    if found:
        return _footer(end, found, "after a blank line", False)
    rows, words, doubtful = [row for row in end if filled(row)], list[str](), False
    while len(words) < len(rows) - 1:
        row = rows[len(rows) - 1 - len(words)]
        kind, sure = _kind(row, shapes, fewest, None if whole is None else whole[: -len(words) - 1])
        if not kind:
            break
        words.append(kind)
        doubtful = doubtful or not sure
    return _footer(end, len(words), words[-1], doubtful) if words else Footer(0)


def _footer(end: Rows, count: int, kind: str, doubtful: bool) -> Footer:
    first = [row for row in end if filled(row)][-count]
    text = shown(" ".join(cell.strip() for cell in first if cell.strip()))
    rows = "The last row is" if count == 1 else f"The last {count} rows are"
    why = f"{rows} not of the table: {text} is {kind}."
    return Footer(count, Decision("footer_rows", str(count), why, "0" if doubtful else ""))


def _after_gap(end: Rows, shapes: Sequence[ColumnShape], fewest: int) -> int:
    """The filled rows after a blank one, where the first of them and most others do not fit."""
    for number in range(len(end) - 1, -1, -1):
        if filled(end[number]):
            continue
        rows = [row for row in end[number + 1 :] if filled(row)]
        strange = [_is_note(row, shapes, fewest, gap=True) for row in rows]
        if rows and strange[0] and sum(strange) >= 0.5 * len(rows):
            above = [row for row in end[:number] if filled(row)]
            return len(rows) + _more(above, shapes, fewest)
    return 0


def _more(above: Rows, shapes: Sequence[ColumnShape], fewest: int) -> int:
    """The rows just before a gap that do not fit either."""
    count = 0
    while count < len(above) - 1 and _kind(above[-1 - count], shapes, fewest, None)[0]:
        count += 1
    return count


def _kind(
    row: Row, shapes: Sequence[ColumnShape], fewest: int, above: Rows | None
) -> tuple[str, bool]:
    """What a row is that is none of the table, "" where it is one; and whether that is sure."""
    if _is_note(row, shapes, fewest, gap=False):
        cells = zip(row, shapes, strict=False)
        return "a note", any(shape.contradicts(cell.strip()) for cell, shape in cells)
    if _is_drawn(row, shapes):
        return "a drawn line", True
    if _is_end_mark(row):
        return "a mark of the file's end", True
    sums = above is not None and _adds_up(row, above, shapes)
    words = _has_words(row, shapes, _SUM) or (
        _lacks(row, shapes, fewest) and _has_words(row, shapes, _STATISTIC)
    )
    if sums and (words or _lacks(row, shapes, fewest)):
        return "a sum", True
    return ("a sum", False) if words else ("", True)


def _is_note(row: Row, shapes: Sequence[ColumnShape], fewest: int, gap: bool) -> bool:
    """True if the row is words where the table has more cells, or numbers."""
    cells = [(cell.strip(), shape) for cell, shape in zip(row, shapes, strict=False)]
    count = filled(row)
    words = next((cell for cell, _ in cells if cell), "")
    if NUMBER.match(words) or (words and not any(map(str.isalpha, words))):
        return False
    against = sum(shape.contradicts(cell) for cell, shape in cells) + 2 * _is_label(words, shapes)
    alike = sum(shape.fits(cell) for cell, shape in cells)
    kinds = sum(shape.numeric or bool(shape.shape) for _, shape in cells)
    fewer = count < fewest and (count == 1 or count <= max(1 + gap, len(shapes) / 2) or against > 1)
    if alike and not (against > alike and (gap or fewer)):
        return False
    if len(shapes) < 2:
        return gap and against > 0
    if fewer:
        return against > 0 or gap or (count == 1 and bool(cells[0][0]) and len(shapes) > 2)
    return against >= max(2 - gap, 1 if gap else kinds)


def _is_drawn(row: Row, shapes: Sequence[ColumnShape]) -> bool:
    """True for lines such as "+----+-----+" or "_____", which no row above is."""
    cells = [cell.strip() for cell in row if cell.strip()]
    usual = any(cells[0] in shape.counts for shape in shapes) if cells else True
    return not usual and all(_DRAWN.fullmatch(cell) for cell in cells)


def _is_end_mark(row: Row) -> bool:
    """True for the control character with which DOS ends a file."""
    return "".join(row).strip() == "\x1a"


def _is_label(words: str, shapes: Sequence[ColumnShape]) -> bool:
    """True for "Source: World Bank" where no cell of the first column is written so."""
    usual = shapes[0].counts if shapes else ()
    return bool(_LABEL.match(words)) and not any(_LABEL.match(cell) for cell in usual)


def _has_words(row: Row, shapes: Sequence[ColumnShape], words: re.Pattern[str]) -> bool:
    """True if the first filled cell is such words, which no row above says, and numbers follow."""
    for cell, shape in zip(row, shapes, strict=False):
        text = cell.strip()
        if text and not is_mark(text):
            rest = [c.strip() for c in row]
            numbers = sum(bool(NUMBER.match(c)) for c in rest)
            said = bool(words.fullmatch(text.rstrip(":"))) and text not in shape.counts
            return said and numbers > 0 and len(text) <= 40
    return False


def _lacks(row: Row, shapes: Sequence[ColumnShape], fewest: int) -> bool:
    """True if the row has fewer cells than the table, or one of another kind."""
    cells = zip(row, shapes, strict=False)
    return filled(row) < fewest or any(shape.contradicts(cell.strip()) for cell, shape in cells)


def _adds_up(row: Row, above: Rows, shapes: Sequence[ColumnShape]) -> bool:
    """True if each number of the row is the sum or the mean of those above it."""
    found = 0
    for i, shape in enumerate(shapes):
        cell = row[i].strip() if i < len(row) else ""
        if not shape.numeric or not cell or not NUMBER.match(cell):
            continue
        values = [_number(r[i].strip()) for r in above if i < len(r) and r[i].strip()]
        known = [value for value in values if value is not None]
        total, number = math.fsum(known), _number(cell)
        if number is None or len(known) < 2:
            return False
        near = max(_WITHIN * abs(total), _ROUNDING * len(known) ** 0.5)
        if abs(number - total) > near and abs(number - total / len(known)) > max(
            _WITHIN * abs(total), _ROUNDING
        ):
            return False
        found += 1
    return found > 0


def _number(cell: str) -> float | None:
    plain = re.sub(r"[^\d.,eE+-]", "", cell)
    mark = (
        "," if plain.rfind(",") > plain.rfind(".") and len(plain) - plain.rfind(",") != 4 else "."
    )
    plain = plain.replace("." if mark == "," else ",", "").replace(mark, ".")
    try:
        return float(plain)
    except ValueError:
        return None
