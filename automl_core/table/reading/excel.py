"""Excel workbooks (.xlsx) to tables: one sheet, dates kept as dates.

Knows nothing of roles.
"""

from __future__ import annotations

import datetime as dt
import itertools
import warnings
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa

from automl_core.errors import TableError, did_you_mean
from automl_core.table import clean_names
from automl_core.table.reading.csv_dialect import has_header
from automl_core.table.reading.python_values import column_of_values
from automl_core.table.reading.settings import ReadSettings

T = TypeVar("T")
_DAMAGE = (
    *(OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, EOFError),
    # Of XML that is not well-formed, of bits that changed, and of parts packed in unknown ways.
    *(SyntaxError, zipfile.BadZipFile, zlib.error, RuntimeError, ArithmeticError),
)
Row = tuple[Any, ...]


def read_excel(path: Path, settings: ReadSettings) -> pa.Table:
    """One sheet of a workbook; cells with formulas give their last computed value.

    Raises TableError for a workbook that is damaged, an unknown sheet, and one without rows.
    """
    rows = _with_workbook(path, lambda book: _rows(book, settings.sheet, None))
    rows = _without_blank_columns([row for n, row in rows if n >= settings.skip_rows])
    names = [""] * len(rows[0]) if rows else []
    if settings.header and rows:
        names = [_title(cell) for cell in rows.pop(0)]
    if not rows:
        raise TableError("The sheet has no rows of data.", "Choose another sheet, or fill it.")
    columns = zip(*rows, strict=True)
    return pa.Table.from_arrays([column_of_values(c) for c in columns], names=clean_names(names))


def excel_header(path: Path) -> bool:
    """True if the first filled row of the first sheet names the columns."""
    rows = _with_workbook(path, lambda book: _rows(book, "", 60))
    return has_header([[_title(cell) for cell in row] for _, row in rows])


def sheet_names(path: Path) -> tuple[str, ...]:
    """The workbook's sheets, in order."""
    return _with_workbook(path, lambda book: tuple(str(name) for name in book.sheetnames))


def _with_workbook(path: Path, use: Callable[[Any], T]) -> T:
    import openpyxl

    try:
        with warnings.catch_warnings(), path.open("rb") as file:
            warnings.simplefilter("ignore")  # styles and validations, which do not matter here
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
            try:
                return use(book)
            finally:
                book.close()
    except _DAMAGE as error:
        raise TableError(
            f"The Excel file is damaged or cannot be read ({str(error)[:100]}).",
            "Save it again as .xlsx, or as CSV.",
        ) from None


def _rows(book: Any, sheet: str, limit: int | None) -> list[tuple[int, Row]]:
    """The filled rows, each with its place in the sheet: blank ones may be a million."""
    sheets = {s.title: s for s in book.worksheets}
    if not sheets:
        raise TableError("The workbook has no sheet with cells.", "Upload one that has a table.")
    if sheet and sheet not in sheets:
        raise TableError(f"The workbook has no sheet {sheet!r}.", did_you_mean(sheet, sheets))
    chosen = sheets[sheet] if sheet else next(iter(sheets.values()))
    chosen.reset_dimensions()  # some programs write a wrong size
    rows = enumerate(chosen.iter_rows(values_only=True))
    filled = ((number, tuple(row)) for number, row in rows if any(map(_is_filled, row)))
    return list(itertools.islice(filled, limit))


def _without_blank_columns(rows: list[Row]) -> list[Row]:
    """Rows of the same width, without the columns in which no cell is filled."""
    filled = sorted({i for row in rows for i, cell in enumerate(row) if _is_filled(cell)})
    return [tuple(row[i] if i < len(row) else None for i in filled) for row in rows]


def _is_filled(cell: Any) -> bool:
    return cell is not None and cell != ""


def _title(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, (dt.date, dt.time)) else str(cell)
