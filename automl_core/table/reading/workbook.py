"""A workbook's sheets and their filled cells, by python-calamine; by openpyxl where cells stand
so far apart that the grid between them would fill the memory.

Knows nothing of tables: excel.py says what the cells mean.
"""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from automl_core.errors import TableError

Row = list[Any]
NumberedRow = tuple[int, Row]
"""A row of a sheet and its number, from 0 on; cells are None where they are empty."""

Span = tuple[int, int, int, int]
"""Cells that are merged: first and last row, first and last column, from 0 on."""


_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # names a part of such files
SPARSE_DAMAGE = (
    *(OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, EOFError),
    # Of XML that is not well-formed, of bits that changed, and of parts packed in unknown ways.
    *(SyntaxError, zipfile.BadZipFile, zlib.error, RuntimeError, ArithmeticError),
)
"""What openpyxl raises for a workbook that is damaged, or has parts that it does not know."""


@dataclass(frozen=True)
class Sheet:
    """A sheet of cells, by its name."""

    name: str
    visible: bool


@dataclass(frozen=True)
class Cells:
    """The cells of a sheet."""

    rows: list[NumberedRow]  # those with a filled cell, in order; they may differ in length
    merged: list[Span]  # where the format tells


class Workbook(Protocol):
    """An open workbook."""

    sheets: list[Sheet]

    def cells(self, sheet: str) -> Cells:
        """The cells of the sheet with this name."""
        ...


class DenseWorkbook:
    """Any workbook (.xlsx, .xlsm, .xlsb, .xls, .ods): fast, the whole grid in memory."""

    def __init__(self, path: Path) -> None:
        import python_calamine as calamine

        _check_sums(path)
        try:
            self._book = calamine.CalamineWorkbook.from_path(str(path))
        except calamine.PasswordError:
            raise _encrypted() from None
        except calamine.CalamineError:
            if _ENCRYPTED in path.read_bytes():
                raise _encrypted() from None
            raise
        worksheet = calamine.SheetTypeEnum.WorkSheet
        shown = calamine.SheetVisibleEnum.Visible
        self.sheets = [
            Sheet(found.name, found.visible == shown)
            for found in self._book.sheets_metadata
            if found.typ == worksheet
        ]

    def cells(self, sheet: str) -> Cells:
        """As `Workbook.cells`; numbers are floats, and errors of formulas empty."""
        found = self._book.get_sheet_by_name(sheet)
        start = found.start
        if start is None:
            return Cells([], [])
        left = [None] * start[1]
        rows = ([None if cell == "" else cell for cell in row] for row in found.iter_rows())
        filled = [(n, left + row) for n, row in enumerate(rows) if any(c is not None for c in row)]
        ranges = found.merged_cell_ranges or []
        return Cells(filled, [(top, bottom, a, b) for (top, a), (bottom, b) in ranges])


class SparseWorkbook:
    """A workbook of the newer kind (.xlsx, .xlsm), a row at a time: slow, in little memory."""

    def __init__(self, path: Path) -> None:
        import openpyxl

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # styles and validations, which do not matter here
            data = io.BytesIO(path.read_bytes())  # the name of a file is no evidence
            self._book = openpyxl.load_workbook(data, read_only=True, data_only=True)
        self.sheets = [Sheet(s.title, s.sheet_state == "visible") for s in self._book.worksheets]

    def cells(self, sheet: str) -> Cells:
        """As `Workbook.cells`; whole numbers are int and keep all their digits."""
        chosen = self._book[sheet]
        chosen.reset_dimensions()  # some programs write a wrong size
        rows = enumerate(chosen.iter_rows(values_only=True))
        filled = [(n, list(row)) for n, row in rows if any(c not in (None, "") for c in row)]
        return Cells(filled, [])  # which are merged stands after them


def _check_sums(path: Path) -> None:
    """Raises TableError where a part of a zip is not what was written: its cells would be wrong."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        damaged = archive.testzip()
    if damaged is not None:
        raise TableError(
            f"The workbook is damaged: {damaged[:60]!r} in it is not what was written.",
            "Save it again, or as CSV.",
        )


def _encrypted() -> TableError:
    return TableError(
        "The workbook is encrypted: it opens with a password only.",
        "Open it, take the password away, save it, and upload it again.",
    )
