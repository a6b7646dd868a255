"""JSON documents and JSON lines to tables.

Nested values become JSON text. Knows nothing of roles.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa

from automl_core.errors import TableError
from automl_core.table.names import clean_names
from automl_core.table.settings import ReadSettings
from automl_core.table.values import column_of_values

_SHAPES = "a list of objects, an object of lists, or one with such a list under 'data'"
_LIST_KEYS = ("data", "rows", "records", "items", "results")


def read_json(path: Path, settings: ReadSettings) -> pa.Table:
    """A JSON document: a list of objects, an object of lists, or {"data": [...]}."""
    text = _text(path, settings)
    try:
        document = json.loads(text)
    except RecursionError:
        raise TableError("The JSON is nested too deeply to be a table.", _hint()) from None
    except ValueError as error:
        raise TableError(f"The file is not valid JSON ({error}).", _hint()) from None
    return _table_of(document)


def read_json_lines(path: Path, settings: ReadSettings) -> pa.Table:
    """One JSON object a line; blank lines are left out."""
    records = []
    for number, line in enumerate(_text(path, settings).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise TableError(f"Line {number:,} is not valid JSON ({error}).", _hint()) from None
        if not isinstance(record, dict):
            raise TableError(f"Line {number:,} is no JSON object.", _hint())
        records.append(record)
    return _table_of(records)


def _text(path: Path, settings: ReadSettings) -> str:
    try:
        return path.read_bytes().decode(settings.encoding).removeprefix("\ufeff")
    except (UnicodeDecodeError, LookupError):
        raise TableError(
            f"The file is not {settings.encoding} text.", "Choose another encoding."
        ) from None


def _hint() -> str:
    return f"Expected {_SHAPES}."


def _table_of(document: Any) -> pa.Table:
    if isinstance(document, dict):
        for key in _LIST_KEYS:
            inner = document.get(key)
            if isinstance(inner, list) and inner and isinstance(inner[0], (dict, list)):
                return _table_of(inner)
        return _table_of_lists(document)
    if not isinstance(document, list):
        raise TableError("The JSON holds a single value, not a table.", _hint())
    if not document:
        raise TableError("The JSON holds no rows.", _hint())
    if all(isinstance(row, list) for row in document):
        return _table_of_rows(document)
    if not all(isinstance(row, dict) for row in document):
        raise TableError("The JSON list holds something else than objects.", _hint())
    names = dict.fromkeys(key for row in document for key in row)
    return _build(names, ([row.get(name) for row in document] for name in names))


def _table_of_lists(document: dict[str, Any]) -> pa.Table:
    # pandas' default writes {"column": {"0": value, ...}}: an object of objects is a column too.
    lists = {
        name: list(values.values()) if isinstance(values, dict) else values
        for name, values in document.items()
    }
    if not lists or not all(isinstance(values, list) for values in lists.values()):
        raise TableError("The JSON object is no table.", _hint())
    lengths = {len(values) for values in lists.values()}
    if len(lengths) != 1:
        raise TableError(f"The JSON columns differ in length: {sorted(lengths)[:5]}.", _hint())
    return _build(lists, iter(lists.values()))


def _table_of_rows(rows: list[list[Any]]) -> pa.Table:
    width = max(len(row) for row in rows)
    names = [""] * width
    if all(isinstance(cell, str) for cell in rows[0]) and len(rows) > 1:
        names, rows = rows[0] + [""] * (width - len(rows[0])), rows[1:]
    return _build(names, ([r[i] if i < len(r) else None for r in rows] for i in range(width)))


def _build(names: Iterable[str], columns: Iterable[list[Any]]) -> pa.Table:
    return pa.Table.from_arrays(
        [column_of_values(c) for c in columns], names=clean_names(list(names))
    )
