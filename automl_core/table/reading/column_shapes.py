"""The shapes of cells as they are written, and how well a row fits the columns below it.

Cells are text here: of a text file as it stands, of a workbook as it is shown. Knows nothing of
files; table_layout.py decides by it where a table begins and ends.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from automl_core.table.inference import is_missing_mark

NUMBER = re.compile(
    r"[+-]?[$€£¥]?\s?(\d{1,3}([,.'\u2019 \xa0]\d{3})+([.,]\d+)?|\d+([.,]\d*)?|[.,]\d+)"
    r"([eE][+-]?\d+)?\s?[%€$£]?$"
)
"""A number with either decimal mark, grouped or not, with or without a sign of money."""

_DIGITS, _LETTERS = re.compile(r"\d+"), re.compile(r"[^\W\d_]+")
_NEARLY = 0.9  # of the filled cells
_COLUMNS = 200  # that are looked at: a wider table tells no more
_CELLS = 30_000  # that are looked at, but for the first rows
_LEAST_ROWS, _MOST_ROWS = 30, 1_000
_LONGEST = 60  # characters of a cell by which its shape is judged

Row = Sequence[str]
Rows = Sequence[Row]


@dataclass(frozen=True)
class ColumnShape:
    """The cells that a column has in a sample of rows."""

    rows: int
    filled: int  # cells that are neither empty nor a mark of a missing value
    numbers: int  # of them
    whole: int  # numbers without a mark
    shape: str  # of nearly all cells, where it has digits and they are no numbers; else ""
    counts: Counter[str]  # cells by text, marks of missing values too

    @property
    def numeric(self) -> bool:
        """True if nearly all cells are numbers."""
        return self.filled > 0 and self.numbers >= _NEARLY * self.filled

    @property
    def repeats(self) -> bool:
        """True if values occur again: another cell of this column would probably be known."""
        return len(self.counts) <= 0.5 * sum(self.counts.values())

    @property
    def always(self) -> bool:
        """True if no cell is empty."""
        return self.rows == sum(self.counts.values()) > 0

    def spread(self) -> tuple[float, float]:
        """The smallest and the largest number, roughly; 0 and 0 where there is none."""
        amounts = [_amount(cell) for cell in self.counts if NUMBER.match(cell)]
        return min(amounts, default=0.0), max(amounts, default=0.0)

    def contradicts(self, cell: str) -> bool:
        """True if the cell is of another kind than nearly all of the column."""
        if not cell or cell in self.counts or is_mark(cell):
            return False
        if self.numeric:
            return not NUMBER.match(cell)
        if self.shape:
            return shape_of(cell) != self.shape
        return self.filled > 2 and not self.numbers and bool(NUMBER.match(cell))

    def fits(self, cell: str) -> bool:
        """True if the cell is a number among numbers, or has the shape of the others."""
        if not cell:
            return False
        if self.numeric:
            return bool(NUMBER.match(cell))
        return bool(self.shape) and shape_of(cell) == self.shape


def is_mark(cell: str) -> bool:
    """True if the cell stands for a missing value, wherever it is."""
    return is_missing_mark(cell) or cell == "\\N" or not any(map(str.isalnum, cell))


def shape_of(cell: str) -> str:
    """The cell with "9" for digits and "a" for letters: "2020-01-01" is "9-9-9"."""
    return _LETTERS.sub("a", _DIGITS.sub("9", cell[:_LONGEST]))


def filled(row: Row) -> int:
    """The number of cells that are not blank."""
    return sum(map(bool, map(str.strip, row)))


def column_shapes(rows: Rows, width: int) -> tuple[ColumnShape, ...]:
    """The shapes of the first columns, from as many of the rows as it takes."""
    columns = min(width, _COLUMNS)
    most = min(_MOST_ROWS, max(_LEAST_ROWS, _CELLS // max(1, columns)))
    step = max(1, len(rows) // most)
    taken = rows[::step][:most]
    return tuple(_shape([row[i].strip() for row in taken if i < len(row)]) for i in range(columns))


def _shape(cells: list[str]) -> ColumnShape:
    counts = Counter(cell for cell in cells if cell)
    values = {cell: count for cell, count in counts.items() if not is_mark(cell)}
    known = sum(values.values())
    numbers = {cell: count for cell, count in values.items() if NUMBER.match(cell)}
    whole = sum(count for cell, count in numbers.items() if cell.lstrip("+-").isdecimal())
    shapes: Counter[str] = Counter()
    if sum(numbers.values()) < _NEARLY * known:
        for cell, count in values.items():
            shapes[shape_of(cell)] += count
    shape, count = shapes.most_common(1)[0] if shapes else ("", 0)
    return ColumnShape(
        len(cells),
        known,
        sum(numbers.values()),
        whole,
        shape if "9" in shape and count >= _NEARLY * known else "",
        counts,
    )


def _amount(cell: str) -> float:
    """The size of a number, roughly: marks may mean either."""
    plain = re.sub(r"[^\d.,eE+-]", "", cell).replace(",", ".")
    head, _, last = plain.rpartition(".")
    try:
        return float(head.replace(".", "") + "." + last if head else plain)
    except ValueError:
        return 0.0
