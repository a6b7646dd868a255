"""JSON documents and JSON lines to tables: documents whole, lines a batch at a time.

Nested objects become columns of their own, lists JSON text. Knows nothing of roles.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from automl_core.errors import TableError
from automl_core.table import Meter, Sink, clean_names
from automl_core.table.reading.json_records import (
    Key,
    choose_records,
    column_name,
    flat_records,
    objects_kept,
)
from automl_core.table.reading.python_values import column_of_kinds, column_of_values, kinds_of
from automl_core.table.reading.settings import ReadSettings
from automl_core.words import size

MAX_BYTES = 512 * 2**20
"""No JSON document that is larger is read: all of it is in memory at once."""

_DECODE = msgspec.json.Decoder().decode  # three times as fast as Python's
_BATCH = 4 * 2**20  # characters of JSON lines
_SHAPES = "a list of objects, an object of lists, or one with such a list in it"


def read_json(path: Path, settings: ReadSettings) -> tuple[pa.Table, ReadSettings]:
    """A JSON document: a list of objects or rows, an object of columns, or one with such in it.

    Returns the table, and the settings with the list that was taken, its name as the sheet's.
    Raises TableError for what is no table, and for a sheet that is no list of objects in it.
    """
    if path.stat().st_size > MAX_BYTES:
        raise TableError(
            f"A JSON document is read as a whole, up to {size(MAX_BYTES)}; this one is larger.",
            "Write it as JSON lines, one object a line, or as CSV or Parquet.",
        )
    text = _text(path, settings)
    try:
        document = _parsed(text)
    except RecursionError:
        raise TableError("The JSON is nested too deeply to be a table.", _hint()) from None
    except ValueError as error:
        raise TableError(f"The file is not valid JSON ({error}).", _hint()) from None
    chosen = choose_records(document, settings.sheet)
    table = _table_of(chosen.records)
    settings = replace(settings, sheet=chosen.name, sheets=chosen.names)
    decided = (chosen.decision,) if chosen.decision else ()
    return table, replace(settings, decisions=(*settings.decisions, *decided))


def pour_json_lines(path: Path, settings: ReadSettings, sink: Sink, meter: Meter) -> None:
    """One JSON object a line; blank lines are left out.

    Read twice, a batch at a time: what columns there are and of which types is known only at
    the end. The sink never sees `begin` where there are no rows.
    """
    kinds: dict[Key, set[str]] = {}
    whole: set[str] = set()
    size = path.stat().st_size
    meter.begin(size, ahead=size)
    for records in _batches(path, settings, meter):
        flat, names = flat_records(records, whole)
        for name in names:
            found = kinds_of(record.get(name) for record in flat)
            kinds[name] = kinds.get(name, set()) | found
        whole |= objects_kept(kinds)
        kinds = {name: found for name, found in kinds.items() if not _is_part(name, whole)}
    if not kinds and not whole:
        return
    kinds |= {name: {"text"} for name in whole}
    types = [column_of_kinds([], found).type for found in kinds.values()]
    titles = clean_names([column_name(key) for key in kinds])
    schema = pa.schema(list(zip(titles, types, strict=True)))
    sink.begin(schema)
    meter.begin(size)
    for records in _batches(path, settings, meter):
        flat, _ = flat_records(records, whole)
        columns = [column_of_kinds([r.get(n) for r in flat], k) for n, k in kinds.items()]
        sink.write(pa.RecordBatch.from_arrays(columns, schema=schema))


def _parsed(text: str) -> Any:
    """The value of a JSON text; ValueError or RecursionError where it is none."""
    try:
        return _DECODE(text)
    except msgspec.DecodeError:  # also for what Python's reader allows: NaN, 1e400, half characters
        return json.loads(text)


def _is_part(name: Key, whole: set[str]) -> bool:
    return not isinstance(name, str) and name[0] in whole


def _batches(path: Path, settings: ReadSettings, meter: Meter) -> Iterator[list[dict[str, Any]]]:
    records: list[dict[str, Any]] = []
    size = 0
    for number, line in enumerate(_lines(path, settings, meter), start=1):
        if not line.strip():
            continue
        try:
            record = _parsed(line)
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
        return _table_of_lists(document)
    if not isinstance(document, list):
        raise TableError("The JSON holds a single value, not a table.", _hint())
    if not document:
        raise TableError("The JSON holds no rows.", _hint())
    if all(isinstance(row, list) for row in document):
        return _table_of_rows(document)
    if not all(isinstance(row, dict) for row in document):
        raise TableError("The JSON list holds something else than objects.", _hint())
    flat, names = flat_records(document, set())
    return _build(map(column_name, names), ([row.get(name) for row in flat] for name in names))


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
