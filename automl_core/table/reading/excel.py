"""A sheet of a workbook (.xlsx, .xlsb, .xls, .ods) to a table: where it stands, what cells mean.

Percent is read as the text that people see, "45%", so that a workbook and a text file of the
same table say the same; dates stay dates. Knows nothing of roles.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from automl_core.errors import TableError
from automl_core.table import NOTHING_SET, ReadOptions, clean_names, is_number
from automl_core.table.reading.archive import is_newer_workbook
from automl_core.table.reading.as_set import as_asked, layout_as_set
from automl_core.table.reading.cell_values import EXACT, column_of_cells, shown_cell
from automl_core.table.reading.decision import Decision, repeated_header
from automl_core.table.reading.header_groups import joined_header
from automl_core.table.reading.header_row import can_repeat
from automl_core.table.reading.merged_cells import unmerged
from automl_core.table.reading.percent_cells import Places, percent_cells
from automl_core.table.reading.settings import ReadSettings
from automl_core.table.reading.sheet_choice import ChosenSheet, choose_sheet
from automl_core.table.reading.table_layout import find_layout
from automl_core.table.reading.workbook import (
    SPARSE_DAMAGE,
    DenseWorkbook,
    NumberedRow,
    SparseWorkbook,
    Workbook,
)

_HEAD, _TAIL = 500, 100  # rows by which the layout is judged
_MOST_BLANKS = 50  # of the blank rows between two others that count for the layout
_LONGEST = 1e19  # digits beyond any whole number that is stored
_STRAYS = 0.02  # of the rows: fewer cells in a column without a name, set apart, are notes


def read_excel(
    path: Path,
    settings: ReadSettings | None,
    names: Sequence[str] = (),
    sparse: bool = False,
    asked: ReadOptions = NOTHING_SET,
) -> tuple[pa.Table, ReadSettings]:
    """The table in a workbook, and how it was read: found out where `settings` is None, given
    what is `asked`.

    Cells with formulas give their last computed value, and errors are empty. `names` are the
    columns that a model knows; `sparse` reads .xlsx in little memory, slowly. Raises TableError
    for an unknown sheet and one without rows.
    """
    book: Workbook = SparseWorkbook(path) if sparse else DenseWorkbook(path)
    sheet = choose_sheet(book, settings.sheet if settings else asked.sheet or "")
    rows = unmerged(sheet.cells.rows, sheet.cells.merged)
    percent = percent_cells(path, sheet.name)
    if settings is None:
        settings = _detected(sheet, rows, percent, names, asked)
    rows, repeats = _without_headers(rows, settings)
    table = _table(rows, percent, settings)
    if not sparse and _lost_digits(table) and is_newer_workbook(path):
        with contextlib.suppress(*SPARSE_DAMAGE):  # then the digits are lost
            return read_excel(path, settings, names, sparse=True)
    settings = dataclasses.replace(settings, sheets=tuple(s.name for s in book.sheets))
    said = tuple(d for d in repeated_header(repeats) if d not in settings.decisions)
    settings = dataclasses.replace(settings, decisions=(*settings.decisions, *said))
    if settings.decisions or not sheet.decision:
        return table, settings
    return table, dataclasses.replace(settings, sheet=sheet.name, decisions=(sheet.decision,))


def _lost_digits(table: pa.Table) -> bool:
    """True if a whole number is so long that a float, as which it was read, is no longer it."""
    for column in table.columns:
        if is_number(column.type):
            low, high = pc.min_max(column).as_py().values()
            if low is not None and EXACT <= max(-low, high) < _LONGEST:
                return True
    return False


def _detected(
    sheet: ChosenSheet,
    rows: list[NumberedRow],
    percent: Places,
    names: Sequence[str],
    asked: ReadOptions,
) -> ReadSettings:
    """The settings that fit the sheet, given what is asked."""
    rows = [row for row in rows if row[0] >= (asked.skip_rows or 0)]
    head, numbers = _grid(rows[:_HEAD], percent)
    tail, _ = _grid(rows[-_TAIL:], percent) if len(rows) > _HEAD else ([], [])
    found = find_layout(head, tail, names)
    layout = layout_as_set(found, asked.without(("skip_rows",)))
    decisions: tuple[Decision, ...] = (sheet.decision,) if sheet.decision else ()
    skipped = numbers[layout.skip_rows] if numbers else 0
    settings = ReadSettings(
        "excel",
        sheet=sheet.name if sheet.decision else "",
        header=layout.header,
        skip_rows=skipped if layout.skip_rows else 0,
        header_rows=layout.header_rows,
        units_row=layout.units_row,
        footer_rows=layout.footer_rows,
        decisions=decisions + layout.decisions,
    )
    return as_asked(settings, asked)


def _without_headers(
    rows: list[NumberedRow], settings: ReadSettings
) -> tuple[list[NumberedRow], int]:
    """The rows without those that are the header once more, and how many these are."""
    place = next((i for i, (number, _) in enumerate(rows) if number >= settings.skip_rows), 0)
    single = settings.header and settings.header_rows == 1
    if not single or not rows or not can_repeat([shown_cell(c) for c in rows[place][1]]):
        return rows, 0
    header = rows[place][1]
    below = [row for row in rows[place + 1 :] if row[1] != header]
    kept = [*rows[: place + 1], *below]
    return kept, len(rows) - len(kept)


def _grid(rows: list[NumberedRow], percent: Places) -> tuple[list[list[str]], list[int]]:
    """The rows as text with the blank ones between them, and their numbers in the sheet."""
    grid, numbers = list[list[str]](), list[int]()
    for number, row in rows:
        last = numbers[-1] if numbers else number - 1
        for blank in range(last + 1, min(number, last + 1 + _MOST_BLANKS)):
            grid.append([])
            numbers.append(blank)
        grid.append([shown_cell(c, number in percent.get(i, ())) for i, c in enumerate(row)])
        numbers.append(number)
    return grid, numbers


def _table(rows: list[NumberedRow], percent: Places, settings: ReadSettings) -> pa.Table:
    rows = [(number, row) for number, row in rows if number >= settings.skip_rows]
    header = _header(rows, settings)
    rows = rows[settings.header_rows if settings.header else 0 :]
    rows = rows[settings.units_row : len(rows) - settings.footer_rows]
    width = max((len(row) for _, row in rows), default=0)
    columns = zip(*(row + [None] * (width - len(row)) for _, row in rows), strict=True)
    cells = _without_notes(header, list(columns))
    numbers = [number for number, _ in rows]
    arrays = {}
    for place, column in cells.items():
        marked = percent.get(place)
        arrays[place] = column_of_cells(
            _with_percent(column, numbers, marked) if marked else column
        )
    if not arrays or not rows:
        raise TableError("The sheet has no rows of data.", "Choose another sheet, or fill it.")
    names = [shown_cell(header[i]) if i < len(header) else "" for i in arrays]
    return pa.Table.from_arrays(list(arrays.values()), names=clean_names(names))


def _header(rows: list[NumberedRow], settings: ReadSettings) -> list[Any]:
    """The cells of the header; of one with groups of columns, the names joined with them."""
    top = [row for _, row in rows[: settings.header_rows if settings.header else 0]]
    if len(top) < 2:
        return top[0] if top else []
    return [name or None for name in joined_header([list(map(shown_cell, row)) for row in top])]


def _without_notes(header: list[Any], columns: list[Any]) -> dict[int, Any]:
    """The columns with a name or a cell, by place, without notes beside the table.

    Notes are few cells in columns without names, behind a blank column.
    """
    named = {i for i, cell in enumerate(header) if _filled(cell)}
    counts = [len(column) - column.count(None) - column.count("") for column in columns]
    counts += [0] * (max(named, default=-1) + 1 - len(counts))
    rows = len(columns[0]) if columns else 0
    kept, apart = dict[int, Any](), False
    for place, count in enumerate(counts):
        blank = not count and place not in named
        apart = place not in named and (apart or (blank and bool(kept)))
        few = count <= max(1, _STRAYS * rows) and rows > 1
        if not blank and not (apart and few and named):
            kept[place] = columns[place] if place < len(columns) else [None] * rows
    return kept


def _with_percent(
    column: Sequence[Any], numbers: list[int], marked: set[int] | None
) -> Sequence[Any]:
    if not marked:
        return column
    cells = zip(column, numbers, strict=True)
    return [shown_cell(cell, True) or None if n in marked else cell for cell, n in cells]


def _filled(cell: Any) -> bool:
    return cell is not None and cell != ""
