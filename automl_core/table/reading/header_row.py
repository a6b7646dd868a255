"""Whether a row names the columns below it: evidence for and against, cell by cell.

Knows nothing of files. What speaks for names: words above numbers, a list of years above other
numbers, names that a model knows. What speaks for data: a cell as all below it are, or one that
occurs again below.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from automl_core.table import shown
from automl_core.table.reading.column_shapes import NUMBER, ColumnShape, Row, Rows

_OTHER_KIND, _LISTED, _NO_NAME, _OTHER_VALUE = 3.0, 2.0, 1.5, 1.0  # for names
_SAME_NUMBER, _SAME_SHAPE, _KNOWN_VALUE = -2.0, -3.0, -3.0  # for data
_WHOLE_NUMBER = -1.0  # less: a whole number may be a name
_TOO_LONG = 9.0
_DOUBT = 2.0
_KNOWN = 0.5  # share of the names that a model knows
_PLAIN = re.compile(r"[0-9]+(\.[0-9]+)?")
_MADE = re.compile(r"column_\d+")
_YEARS = (1500, 2200)
_LONG = 19  # digits: no list has such numbers
_RARELY = 0.2  # share of rows that are lists as well


@dataclass(frozen=True)
class HeaderEvidence:
    """The evidence about one row: above 0 for a header, below 0 for data."""

    score: float
    why: str  # one sentence
    doubtful: bool  # whether the row may well be the other

    @property
    def names(self) -> bool:
        """True if the row names the columns."""
        return self.score >= 0


def header_evidence(
    row: Row, shapes: Sequence[ColumnShape], below: Rows, names: Sequence[str]
) -> HeaderEvidence:
    """The evidence whether the row names columns of these shapes; `below` are some of their rows.

    `names` are those that a model knows; with none of them a row is the less likely a header.
    """
    if known_names(row, names) >= _KNOWN:
        return HeaderEvidence(9.0, "The first row has the names that the model knows.", False)
    cells = [cell.strip() for cell in row[: len(shapes)]]
    counted = _is_list(cells, shapes, below)
    score, against, words = 0.0, 0.0, list[tuple[float, str]]()
    for cell, shape in zip(cells, shapes, strict=False):
        vote, why = _vote(cell, shape, counted)
        score += vote
        against += min(0.0, vote)
        words.append((vote, why))
    beyond = [cell for cell in row[len(shapes) :] if cell.strip()]
    if beyond and any(NUMBER.match(cell.strip()) for cell in row):
        score -= _TOO_LONG
        words.append((-_TOO_LONG, "The first row is longer than those below and has numbers."))
    if names:
        made = all(_MADE.fullmatch(name) for name in names)
        score -= 9.0 if made else 4.0
        why = "In training there was none." if made else "No cell of the first row is a known name."
        words.append((-4.0, why))
    best = max(words, key=lambda w: w[0] if score >= 0 else -w[0], default=(0.0, ""))
    nothing = "The first row looks like those below, and a table usually has names."
    why = best[1] if best[0] and (best[0] > 0) == (score >= 0) else nothing
    mixed = against < 0 < score - against and abs(score) <= _DOUBT
    alone = counted and not _are_years(cells) and max(vote for vote, _ in words) <= _LISTED
    nothing_tells = score == 0 and not any(map(_differs, cells, shapes))
    return HeaderEvidence(score, why, mixed or alone or nothing_tells)


def _differs(cell: str, shape: ColumnShape) -> bool:
    """True if the cell is written in another style than all below it: its case, length or words."""
    below = [other for other in shape.counts if other]
    styles = {_style(other) for other in below}
    lengths = [len(other) for other in below] or [0]
    outside = not min(lengths) <= len(cell) <= max(lengths)
    return bool(cell) and bool(below) and (outside or _style(cell) not in styles)


def _style(cell: str) -> tuple[bool, bool, bool, bool]:
    letters = re.sub(r"[ '’-]", "", cell)
    return cell[:1].isupper(), cell.isupper(), " " in cell, letters.isalpha()


def known_names(row: Row, names: Sequence[str]) -> float:
    """The share of the names that a model knows which are cells of the row."""
    if not names:
        return 0.0
    wanted = {_plain(name) for name in names if not _MADE.fullmatch(name)}
    found = wanted & {_plain(cell) for cell in row}
    return len(found) / len(wanted) if wanted else 0.0


def can_repeat(header: Row) -> bool:
    """True if a row that equals this header is the header once more: it has words, and names."""
    cells = [cell.strip() for cell in header if cell and cell.strip()]
    return len(cells) > 1 and not all(NUMBER.match(cell) for cell in cells)


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _vote(cell: str, shape: ColumnShape, counted: bool) -> tuple[float, str]:
    if not cell:
        return _NO_NAME if shape.always else 0.0, "A cell of the first row is empty, none below is."
    if not shape.counts:
        return 0.0, ""
    if counted and NUMBER.match(cell):
        return _LISTED, "The numbers of the first row are a list, such as years."
    if cell in shape.counts and not shape.numeric:
        if shape.repeats:
            return _KNOWN_VALUE, f"{shown(cell)} of the first row occurs again below."
        return 0.0, ""
    if shape.contradicts(cell):
        return _OTHER_KIND, f"{shown(cell)} stands above cells of another kind."
    if shape.fits(cell):
        whole = shape.numeric and cell.lstrip("+-").isdecimal()
        vote = _WHOLE_NUMBER if whole else _SAME_NUMBER if shape.numeric else _SAME_SHAPE
        return vote, f"{shown(cell)} of the first row is like the cells below."
    if shape.repeats:
        return _OTHER_VALUE, f"{shown(cell)} of the first row never occurs below."
    return 0.0, ""


def _is_list(cells: Sequence[str], shapes: Sequence[ColumnShape], below: Rows) -> bool:
    """True if the numbers of the row are a list that numbers the columns, as no row below is."""
    at = [i for i, cell in enumerate(cells) if NUMBER.match(cell)]
    values = _plain_numbers([cells[i] for i in at])
    if len(values) < 2 or not _ordered(values):
        return False
    others = [shapes[i] for i in at]
    spreads = [shape.spread() for shape in others]
    below_are_years = (_YEARS[0] <= low and high <= _YEARS[1] for low, high in spreads if high)
    if _are_years(cells) and not all(below_are_years):
        return True
    ordered = [
        bool(kinds) and _ordered(kinds)
        for row in below
        for kinds in [_plain_numbers([row[i].strip() for i in at if i < len(row)])]
    ]
    if sum(ordered) > (0.5 if _steps(values) else _RARELY) * len(ordered):
        return False
    outside = [not s[0] <= v <= s[1] for s, v in zip(spreads, values, strict=True)]
    fractions = sum(s.whole < s.numbers for s in others) > 0.5 * len(others)
    return (len(values) > 2 and (_steps(values) or all(outside))) or (fractions and _steps(values))


def _plain_numbers(cells: Sequence[str]) -> list[Decimal]:
    """The cells as numbers; empty where one has a sign, an exponent or a decimal comma."""
    plain = cells and all(_PLAIN.fullmatch(c) and len(c) < _LONG for c in cells)
    return [Decimal(c) for c in cells] if plain else []


def _are_years(cells: Sequence[str]) -> bool:
    values = [int(c) for c in cells if c.isdecimal() and len(c) < _LONG]
    return bool(values) and all(_YEARS[0] <= value <= _YEARS[1] for value in values)


def _ordered(values: Sequence[Decimal]) -> bool:
    pairs = list(itertools.pairwise(values))
    return all(a < b for a, b in pairs) or all(a > b for a, b in pairs)


def _steps(values: Sequence[Decimal]) -> bool:
    return len({b - a for a, b in itertools.pairwise(values)}) == 1
