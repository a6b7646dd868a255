"""JSON documents and JSON lines to tables: documents whole, lines a batch at a time.

Nested values become JSON text. Knows nothing of roles.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from automl_core.errors import TableError
from automl_core.table import Meter, Sink, clean_names
from automl_core.table.reading.python_values import column_of_kinds, column_of_values, kinds_of
from automl_core.table.reading.settings import ReadSettings

MAX_BYTES = 512 * 2**20
"""No JSON document that is larger is read: all of it is in memory at once."""

_BATCH = 4 * 2**20  # characters of JSON lines
_SHAPES = "a list of objects, an object of lists, or one with such a list under 'data'"
_LIST_KEYS = ("data", "rows", "records", "items", "results")


def read_json(path: Path, settings: ReadSettings) -> pa.Table:
    """A JSON document: a list of objects, an object of lists, or {"data": [...]}."""
    if path.stat().st_size > MAX_BYTES:
        raise TableError(
            f"A JSON document is read as a whole, up to {MAX_BYTES // 2**20:,} MB; this one is "
            f"larger.",
            "Write it as JSON lines, one object a line, or as CSV or Parquet.",
        )
    text = _text(path, settings)
    try:
        document = json.loads(text)
    except RecursionError:
        raise TableError("The JSON is nested too deeply to be a table.", _hint()) from None
    except ValueError as error:
        raise TableError(f"The file is not valid JSON ({error}).", _hint()) from None
    return _table_of(document)


def pour_json_lines(path: Path, settings: ReadSettings, sink: Sink, meter: Meter) -> None:
    """One JSON object a line; blank lines are left out.

    Read twice, a batch at a time: what columns there are and of which types is known only at
    the end. The sink never sees `begin` where there are no rows.
    """
    kinds: dict[str, set[str]] = {}
    size = path.stat().st_size
    meter.begin(size, ahead=size)
    for records in _batches(path, settings, meter):
        for name in dict.fromkeys(key for record in records for key in record):
            found = kinds_of(record.get(name) for record in records)
            kinds[name] = kinds.get(name, set()) | found
    if not kinds:
        return
    types = [column_of_kinds([], found).type for found in kinds.values()]
    schema = pa.schema(list(zip(clean_names(list(kinds)), types, strict=True)))
    sink.begin(schema)
    meter.begin(size)
    for records in _batches(path, settings, meter):
        columns = [column_of_kinds([r.get(n) for r in records], k) for n, k in kinds.items()]
        sink.write(pa.RecordBatch.from_arrays(columns, schema=schema))


def _batches(path: Path, settings: ReadSettings, meter: Meter) -> Iterator[list[dict[str, Any]]]:
    records: list[dict[str, Any]] = []
    size = 0
    for number, line in enumerate(_lines(path, settings, meter), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise TableError(f"Line {number:,} is not valid JSON ({error}).", _hint()) from None
        if not isinstance(record, dict):
            raise TableError(f"Line {number:,} is no JSON object.", _hint())
        records.append(record)
        size += len(line)
        if size > _BATCH:
            yield records
            records, size = [], 0
    if records:
        yield records


def _lines(path: Path, settings: ReadSettings, meter: Meter) -> Iterator[str]:
    """Lines by their line feed only: other ends of lines may stand inside of text."""
    try:
        with (
            path.open("rb") as raw,
            io.TextIOWrapper(raw, settings.encoding, newline="\n") as file,
        ):
            for number, line in enumerate(file):
                yield line if number else line.removeprefix("\ufeff")
                if number % 1_000 == 0:
                    meter.at(raw.tell())
    except (UnicodeError, LookupError):
        raise _wrong_encoding(settings) from None


def _text(path: Path, settings: ReadSettings) -> str:
    try:
        return path.read_bytes().decode(settings.encoding).removeprefix("\ufeff")
    except (UnicodeDecodeError, LookupError):
        raise _wrong_encoding(settings) from None


def _wrong_encoding(settings: ReadSettings) -> TableError:
    return TableError(f"The file is not {settings.encoding} text.", "Choose another encoding.")


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
