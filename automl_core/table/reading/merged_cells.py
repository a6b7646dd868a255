"""Cells that are merged: a value for all of them, and headers of two rows joined into one.

Knows nothing of files or tables: cells in, cells out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from automl_core.table.reading.header_groups import are_groups, joined
from automl_core.table.reading.workbook import NumberedRow, Row, Span

_TOP = 40  # rows of the table's top in which headers of several rows are looked for
_MOST_CELLS = 2_000_000  # that are filled below merged ones


def unmerged(rows: list[NumberedRow], merged: Iterable[Span]) -> list[NumberedRow]:
    """The rows with the value of each merged range in all of its rows.

    A row of names over several columns, above the names of these columns, is joined with them:
    "Price" over "low" and "high" gives "Price low" and "Price high", and its own row goes.
    """
    spans = [span for span in merged if span[:2] != span[2:]]
    if not spans or not rows:
        return rows
    numbered = dict(rows)
    joined = _join_headers(numbered, spans, rows[0][0])
    left = _MOST_CELLS
    for top, bottom, first, _ in spans:
        source = numbered.get(top)
        value = _cell(source, first)
        if top in joined or value is None:
            continue
        for number in range(top + 1, bottom + 1):
            if number in numbered and left:
                _put(numbered[number], first, value)
                left -= 1
    return [(number, row) for number, row in numbered.items() if number not in joined]


def _join_headers(rows: dict[int, Row], spans: list[Span], start: int) -> set[int]:
    """Joins rows of groups with the row below, in place; the rows that are gone."""
    gone: set[int] = set()
    for number in sorted({top for top, *_ in spans if top < start + _TOP}):
        groups = [s for s in spans if s[0] == s[1] == number and s[3] > s[2]]
        below = rows.get(number + 1)
        if number not in rows or below is None:
            continue
        columns = [(first, last) for *_, first, last in groups]
        upper, lower = ([_words(cell) for cell in row] for row in (rows[number], below))
        if not are_groups(columns, upper, lower):
            continue
        for _, _, first, last in groups:
            for column in range(first, last + 1):
                _put(rows[number], column, _cell(rows[number], first))
        for column in range(max(len(rows[number]), len(below))):
            _put(below, column, _joined(_cell(rows[number], column), _cell(below, column)))
        gone.add(number)
    return gone


def _joined(group: Any, name: Any) -> Any:
    if group is None or name is None or group == name:
        return group if name is None else name
    return joined(_words(group), _words(name))


def _words(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()


def _cell(row: Row | None, column: int) -> Any:
    return row[column] if row is not None and column < len(row) else None


def _put(row: Row, column: int, value: Any) -> None:
    if value is None:
        return
    row.extend([None] * (column + 1 - len(row)))
    row[column] = value
