"""The cells of one row: what a person filled in, what a row had, typed as the model reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from automl_core.table import Column, TypedColumn, TypedTable, single_names
from automl_core.table.parsing import parse_column

_NUMBERS = ("number", "boolean", "datetime")


@dataclass(frozen=True)
class Cell:
    """The value of one column; neither number nor text: it has none."""

    column: str
    number: float | None = None  # as `TypedColumn.numbers`: dates in seconds since 1970
    text: str | None = None  # as a file would have it


def row_of_cells(columns: Sequence[Column], cells: Sequence[Cell]) -> TypedTable:
    """The table of one row that these cells are; columns without a cell are missing."""
    by_name = {cell.column: cell for cell in cells}
    typed = {c.name: typed_cell(c, by_name.get(c.name, Cell(c.name))) for c in columns}
    return TypedTable(typed, 1)


def cells_of_row(columns: Sequence[Column], table: pa.Table) -> tuple[Cell, ...]:
    """The cells of the only row of a raw table; what a column's rule cannot read is missing."""
    single = single_names(table)
    return tuple(
        _cell(column, table.column(column.name)) if column.name in single else Cell(column.name)
        for column in columns
    )


def _cell(column: Column, raw: pa.ChunkedArray) -> Cell:
    typed = parse_column(raw, column.name, column.parse)
    if typed.gaps[0]:
        return Cell(column.name)
    if typed.numbers is not None:
        return Cell(column.name, number=float(typed.numbers[0]))
    if column.parse.kind == "string":
        assert typed.codes is not None
        return Cell(column.name, text=typed.words[typed.codes[0]])
    return Cell(column.name, text=str(raw[0].as_py()))  # a text as it is written


def typed_cell(column: Column, cell: Cell) -> TypedColumn:
    """The column of one row that this cell is."""
    if column.parse.kind in _NUMBERS:
        number = np.nan if cell.number is None else cell.number
        return TypedColumn(column.name, numbers=np.array([number], np.float64))
    return parse_column(pa.array([cell.text], pa.string()), column.name, column.parse)
