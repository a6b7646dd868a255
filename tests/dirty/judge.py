"""Reads dirty files through the public reader and compares the table with the truth."""

from __future__ import annotations

import math
import re
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from automl_core.errors import TableError
from automl_core.table.reading import read_file
from tests.dirty.files import DirtyFile

NUMBER = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True)
class Verdict:
    """What became of one file."""

    right: bool
    asked: bool  # a decision was doubtful
    crashed: bool = False
    why: str = ""  # how the table differs from the truth


def judge(file: DirtyFile, folder: Path) -> Verdict:
    """Reads the file; the folder holds it meanwhile."""
    path = folder / "dirty.csv"
    path.write_bytes(file.data)
    try:
        table, settings = read_file(path, path.name)
    except TableError as error:
        return Verdict(False, False, why=f"refused: {error}")
    except Exception:
        return Verdict(False, False, True, traceback.format_exc())
    asked = any(decision.doubtful for decision in settings.decisions) or settings.unsure
    why = _difference(table, file)
    return Verdict(not why, asked, why=why)


def _difference(table: pa.Table, file: DirtyFile) -> str:
    """What is not as it should be; "" where all is."""
    width = len(file.rows[0])
    names = file.names or tuple(f"column_{i + 1}" for i in range(width))
    if tuple(table.column_names) != names:
        return f"names {table.column_names} instead of {list(names)}"
    if table.num_rows != len(file.rows):
        return f"{table.num_rows} rows instead of {len(file.rows)}"
    for name, column, cells in zip(names, table.columns, zip(*file.rows, strict=True), strict=True):
        for row, (got, wanted) in enumerate(zip(column.to_pylist(), cells, strict=True)):
            if not _same(got, wanted, file.decimal):
                return f"{name}, row {row}: {got!r} instead of {wanted!r}"
    return ""


def _same(got: Any, wanted: str | None, decimal: str) -> bool:
    """True if the cell is the truth, as a number or as text; marks of missing cells stay text."""
    if wanted is None:
        return got is None or got in ("NA", "?", "-", "\\N", "n/a", "NULL")
    if isinstance(got, str):
        return got in (wanted, wanted.replace(".", decimal))
    if got is None or not NUMBER.fullmatch(wanted):
        return False
    if isinstance(got, int):
        return wanted.lstrip("-").isdecimal() and got == int(wanted)
    return math.isclose(got, float(wanted), rel_tol=1e-12)
