"""Cells of workbooks and of statistics programs to columns of one type, and to text.

Whole numbers are int though every number comes as a float, and days that lost their format are
days among dates. Knows nothing of files.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from automl_core.table.reading.python_values import column_of_values

EXACT = 2.0**53
"""A whole number from here on may have lost digits as a float."""

_EXCEL_START = dt.datetime(1899, 12, 30)
_LAST_DAY = 2_958_466  # the first of the year 10000, as spreadsheets count days


def column_of_cells(column: Sequence[Any]) -> pa.Array:
    """Cells as one column: whole numbers, days among dates, and times are of one kind."""
    kinds = {*map(type, column)} - {type(None)}
    if kinds == {float}:
        floats = pa.array(column, pa.float64())
        whole = pc.all(pc.equal(floats, pc.floor(floats))).as_py()
        low, high = pc.min_max(floats).as_py().values()
        return floats.cast(pa.int64()) if whole and max(-low, high) < EXACT else floats
    if kinds & {dt.datetime, dt.date}:
        return column_of_values(_dates(column, kinds))
    if kinds <= {dt.time, dt.timedelta}:
        return column_of_values([shown_cell(cell) or None for cell in column])
    if float in kinds:
        column = [int(c) if isinstance(c, float) and c.is_integer() else c for c in column]
    return column_of_values(column)


def _dates(column: Sequence[Any], kinds: set[type]) -> list[Any]:
    """Days that lost their format are days among dates; beside text, all is text."""
    days = [c for c in column if isinstance(c, (int, float)) and not isinstance(c, bool)]
    moments = sum(isinstance(cell, dt.date) for cell in column)
    if days and len(days) < moments and all(1 <= day < _LAST_DAY for day in days):
        return _dates([_moment(cell) for cell in column], kinds - {int, float})
    if kinds <= {dt.datetime, dt.date}:
        return list(column)
    return [shown_cell(cell) or None for cell in column]


def _moment(cell: Any) -> Any:
    if isinstance(cell, bool) or not isinstance(cell, (int, float)):
        return cell
    return _EXCEL_START + dt.timedelta(days=cell)


def shown_cell(cell: Any, percent: bool = False) -> str:
    """A cell as text, as a text file would have it; "" for an empty one."""
    if cell is None:
        return ""
    if percent and isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return f"{Decimal(repr(cell)).scaleb(2).normalize():f}%"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(" ")
    if isinstance(cell, dt.timedelta):
        minutes, seconds = divmod(cell.days * 86_400 + cell.seconds, 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return cell.isoformat() if isinstance(cell, (dt.date, dt.time)) else str(cell)
