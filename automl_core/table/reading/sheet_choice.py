"""The sheet of a workbook that people mean: the first visible one that holds a table.

Cover sheets, notes and hidden sheets are not taken silently: the decision names them.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from automl_core.errors import TableError, did_you_mean
from automl_core.table import shown
from automl_core.table.reading.decision import Decision
from automl_core.table.reading.workbook import Cells, Sheet, Workbook
from automl_core.words import count

_LOOKED_AT = 1_000  # rows of a sheet by which it is judged
_SHEETS = 50  # that are looked at
_NAMED = 4  # sheets that a decision lists
_FEW_ROWS = 3  # of words alone that make a table, where numbers need two


@dataclass(frozen=True)
class ChosenSheet:
    """A sheet, its cells, and why it was taken; no reason where there is only one."""

    name: str
    cells: Cells
    decision: Decision | None = None


@dataclass(frozen=True)
class _Seen:
    sheet: Sheet
    cells: Cells
    size: int  # cells of the table in it; 0: none
    numbers: bool  # whether there are numbers or dates in it


def choose_sheet(book: Workbook, wanted: str) -> ChosenSheet:
    """The sheet named `wanted`, or where that is "" the one that people mean.

    Raises TableError for a workbook without sheets and for a name that it does not have.
    """
    names = [sheet.name for sheet in book.sheets]
    if not names:
        raise TableError("The workbook has no sheet with cells.", "Upload one that has a table.")
    if wanted:
        if wanted not in names:
            raise TableError(f"The workbook has no sheet {wanted!r}.", did_you_mean(wanted, names))
        return ChosenSheet(wanted, book.cells(wanted))
    if len(names) == 1:
        return ChosenSheet(names[0], book.cells(names[0]))
    seen = [_look(sheet, book.cells(sheet.name)) for sheet in book.sheets[:_SHEETS]]
    chosen = _best(seen)
    return ChosenSheet(chosen.sheet.name, chosen.cells, _decision(chosen, seen, len(names)))


def _best(seen: list[_Seen]) -> _Seen:
    visible = [s for s in seen if s.sheet.visible]
    tables = [s for s in visible if s.size] or [s for s in seen if s.size]
    if not tables:  # one column, or hardly any rows: the fullest sheet
        return max(visible or seen, key=lambda s: sum(len(row) for _, row in s.cells.rows))
    first, largest = tables[0], max(tables, key=lambda s: s.size)
    # A list of words before a far larger table with numbers explains that table.
    explains = not first.numbers and largest.numbers and largest.size >= 10 * first.size
    return largest if explains else first


def _look(sheet: Sheet, cells: Cells) -> _Seen:
    rows = cells.rows[:_LOOKED_AT]
    widths = [sum(cell is not None and cell != "" for cell in row) for _, row in rows]
    wide = Counter(width for width in widths if width > 1)
    if not wide:
        return _Seen(sheet, cells, 0, False)
    typical = max(wide, key=lambda width: (wide[width] * width, width))
    body = [row for (_, row), width in zip(rows, widths, strict=True) if 2 * width > typical]
    numbers = any(_is_quantity(cell) for row in body[1:] for cell in row)
    enough = len(body) >= (2 if numbers else _FEW_ROWS)
    scale = max(1.0, len(cells.rows) / _LOOKED_AT)
    return _Seen(sheet, cells, int(len(body) * typical * scale) if enough else 0, numbers)


def _is_quantity(cell: object) -> bool:
    return isinstance(cell, (int, float, dt.date, dt.time, dt.timedelta))


def _decision(chosen: _Seen, seen: list[_Seen], count: int) -> Decision:
    others = [s for s in seen if s is not chosen]
    rivals = [s for s in others if s.sheet.visible and 2 * s.size >= chosen.size > 0]
    rival = max(rivals, key=lambda s: s.size).sheet.name if rivals else ""
    what = "holds a table" if chosen.size else "has the most cells"
    listed = "; ".join(_words(s) for s in others[:_NAMED])
    more = count - 1 - min(len(others), _NAMED)
    why = f"It {what}. Others: {listed}{f'; and {more:,} more' if more else ''}."
    return Decision("sheet", chosen.sheet.name, why, rival)


def _words(seen: _Seen) -> str:
    name = shown(seen.sheet.name)
    hidden = "" if seen.sheet.visible else "hidden, "
    if not seen.cells.rows:
        return f"{name} ({hidden}empty)"
    return (
        f"{name} ({hidden}{count(len(seen.cells.rows), 'row')}{'' if seen.size else ', no table'})"
    )
