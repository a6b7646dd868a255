"""Headers of two rows: groups of columns above the names of the columns.

Merged cells of workbooks and plain text ask here. Cells are text; knows nothing of files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from automl_core.table.reading.column_shapes import NUMBER, ColumnShape, Row, Rows, filled

_NAMED = 0.75  # of the cells below groups
_YEARS = range(1800, 2200)

Group = tuple[int, int]
"""The first and the last column of a group."""


@dataclass(frozen=True)
class GroupedHeader:
    """A header of several rows."""

    rows: int  # of the header: groups, names, and perhaps the name of the rows' index
    names: tuple[str, ...]
    joined: bool  # the names alone occur more than once, or are not all there


def grouped_header(
    top: Rows, shapes: Sequence[ColumnShape], known: Sequence[str] = ()
) -> GroupedHeader | None:
    """The header that the first rows are, above columns of these shapes; None for another one.

    Where the second row alone names all columns it is the header, and the groups above it are
    left out: they have to be written in more than one cell to be taken for groups. `known` are
    names that a model knows.
    """
    upper, lower = top[0], top[1]
    groups = _groups(upper, lower)
    if not are_groups(groups, upper, lower) or any(_is_data(row, shapes) for row in top[:2]):
        return None
    if not _is_strange(upper, shapes) and not _is_strange(lower, shapes):
        return None
    names = [cell.strip() for cell in lower]
    width = max(len(lower), max(last for _, last in groups) + 1, len(shapes))
    alone = [name for name in names if name]
    if len(set(alone)) == len(alone) and len(alone) >= min(width, len(shapes)):
        written = any(_cell(upper, a) == _cell(upper, b) for a, b in groups if a < b)
        return GroupedHeader(2, tuple(names), False) if written else None
    rows = 3 if len(top) > 2 and _names_index(top[2], groups, shapes) else 2
    found = joined_header(top[:rows])
    distinct = [name for name in found if name]
    if len(set(distinct)) < len(distinct) or len(set(known) & set(alone)) > len(
        set(known) & set(distinct)
    ):
        return None
    return GroupedHeader(rows, tuple(found), True)


def joined_header(rows: Rows) -> list[str]:
    """The names of columns in a header of several rows: those that repeat after their group."""
    if len(rows) < 2:
        return [cell.strip() for cell in rows[0]] if rows else []
    upper, lower, *index = rows
    groups, width = _groups(upper, lower), max(map(len, rows))
    counts = Counter(cell.strip() for cell in lower)
    names = [""] * width
    for column in range(width):
        group = next((_cell(upper, a) for a, b in groups if a <= column <= b), "")
        name = _cell(lower, column)
        wide = any(a <= column <= b and a < b for a, b in groups)
        names[column] = joined(group, name) if wide or counts[name] > 1 or not name else name
        for row in index:
            names[column] = _cell(row, column) or names[column]
    return names


def has_groups(upper: Row, lower: Row) -> bool:
    """True if the cells of the upper row may be groups of those of the lower."""
    return are_groups(_groups(upper, lower), upper, lower)


def are_groups(groups: Sequence[Group], upper: Row, lower: Row) -> bool:
    """True if cells over several columns stand above names.

    One over all columns is a title; a label and its value, alone in their line, are a setting.
    """
    wide = [(first, last) for first, last in groups if last > first]
    if not wide:
        return False
    covered = sum(last - first + 1 for first, last in wide)
    under = [_cell(lower, column) for first, last in wide for column in range(first, last + 1)]
    named = sum(bool(cell) and (not NUMBER.match(cell) or _is_year(cell)) for cell in under)
    title = len(wide) == 1 and covered >= max(filled(lower), filled(upper))
    label = bool(_cell(upper, 0) and _cell(lower, 0))
    last = max((i for i, cell in enumerate(lower) if cell.strip()), default=0)
    if label and wide == [(1, last)] and filled(upper) == 2:
        return False
    return not title and covered >= 2 and named >= _NAMED * covered


def joined(group: str, name: str) -> str:
    """The name of a column in a group."""
    return name or group if not group or not name or group == name else f"{group} {name}"


def _groups(upper: Row, lower: Row) -> list[Group]:
    """Runs of one text in the upper row, or of a text and blanks above names that follow it."""
    groups = list[Group]()
    for column in range(max(len(upper), len(lower))):
        cell = _cell(upper, column)
        last = groups[-1] if groups and groups[-1][1] == column - 1 else None
        goes_on = last and (cell == _cell(upper, last[0]) or (not cell and _cell(lower, column)))
        if last and goes_on:
            groups[-1] = (last[0], column)
        elif cell:
            groups.append((column, column))
    return groups


def _is_data(row: Row, shapes: Sequence[ColumnShape]) -> bool:
    """True if a cell occurs below, or is like the cells below; years may be names."""
    cells = [(cell.strip(), shape) for cell, shape in zip(row, shapes, strict=False)]
    return any(
        not _is_year(cell) and (cell in shape.counts or shape.fits(cell))
        for cell, shape in cells
        if cell
    )


def _is_strange(row: Row, shapes: Sequence[ColumnShape]) -> bool:
    """True if a cell is of another kind than those below, or missing among values that repeat."""
    cells = zip(map(str.strip, row), shapes, strict=False)
    return any(shape.contradicts(cell) or shape.repeats for cell, shape in cells if cell)


def _names_index(row: Row, groups: Sequence[Group], shapes: Sequence[ColumnShape]) -> bool:
    """True if the row has cells before the groups only, where rows of the table have all."""
    first = min(a for a, b in groups if a < b)
    left, right = row[:first], row[first:]
    always = all(shape.always for shape in shapes[first:])
    return (
        filled(left) > 0
        and not filled(right)
        and always
        and not _is_data(left, shapes)
        and _is_strange(left, shapes)
    )


def _is_year(cell: str) -> bool:
    return cell.isdecimal() and len(cell) == 4 and int(cell) in _YEARS


def _cell(row: Row, column: int) -> str:
    return row[column].strip() if column < len(row) else ""
