"""Files to tables: what a file is, how it is written, and what is in it.

Content decides first, the name second. Knows nothing of roles; returns plain columns under
clean names. The formats are in formats.py.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pyarrow as pa

from automl_core.errors import TableError
from automl_core.table import (
    MemorySink,
    Meter,
    Report,
    Sink,
    SourceFormat,
    clean_names,
)
from automl_core.table.reading.archive import Compression, is_workbook, packed_name, unpacked
from automl_core.table.reading.csv_blocks import MAX_COLUMNS, too_wide
from automl_core.table.reading.csv_settings import SAMPLE, csv_settings
from automl_core.table.reading.file_type import describe_kind, detect_encoding, looks_like_text
from automl_core.table.reading.formats import FORMATS, Reading, format_of, known_formats
from automl_core.table.reading.settings import Format, ReadSettings

__all__ = [
    "Format",
    "ReadSettings",
    "detect_settings",
    "pour_file",
    "read_file",
    "read_table",
]


def read_file(
    path: Path,
    name: str,
    settings: ReadSettings | None = None,
    report: Report | None = None,
    source_format: SourceFormat | None = None,
) -> tuple[pa.Table, ReadSettings]:
    """The table in a file, in memory, and how it was read (detected where not given).

    `source_format` decides what the file leaves in doubt: of rows to be scored, their training's.

    `name` is what the user calls the file; it is never used as a path. Raises TableError
    in words for everything that is no table, ReadingCancelledError where `report` says no. For a
    table that goes into the store, ingest.py needs far less memory.
    """
    sink = MemorySink()
    used = pour_file(path, name, sink, Meter(report), settings, source_format)
    return sink.table(), used


def pour_file(
    path: Path,
    name: str,
    sink: Sink,
    meter: Meter,
    settings: ReadSettings | None = None,
    source_format: SourceFormat | None = None,
) -> ReadSettings:
    """The table in a file into the sink, a few batches at a time; how it was read.

    Raises what `read_file` raises, and ReadingCancelledError.
    """
    try:
        head = _head(path)
        if not head:
            raise TableError(
                "The file is empty (0 bytes).", f"Upload a table as {known_formats()}."
            )
        compression = settings.compression if settings else _compression(path, head)
        with unpacked(path, compression, meter) as inner:
            if settings is not None:
                return _pour(Reading(inner, settings, sink, meter, source_format))
            called = packed_name(path, name, compression) if compression else name
            found = _detect_unpacked(inner, called, compression, meter, source_format)
            return _pour(Reading(inner, found, sink, meter, source_format, given=False))
    except OSError as error:
        reason = error.strerror or "it is damaged"
        raise TableError(f"{name!r} cannot be read: {reason}.", "Check the file.") from error


def detect_settings(path: Path, name: str) -> ReadSettings:
    """The settings that fit the file; raises TableError where it cannot be a table."""
    head = _head(path)
    if not head:
        raise TableError("The file is empty (0 bytes).", f"Upload a table as {known_formats()}.")
    compression = _compression(path, head)
    with unpacked(path, compression) as inner:
        called = packed_name(path, name, compression) if compression else name
        found = _detect_unpacked(inner, called, compression, Meter(), None)
        if not FORMATS[found.format].detects:
            return found
        return _pour(Reading(inner, found, MemorySink(), Meter(), None, given=False))


def read_table(path: Path, settings: ReadSettings) -> pa.Table:
    """The table in the file, read as the settings say: at least one row and one column."""
    return read_file(path, path.name, settings)[0]


def _detect_unpacked(
    path: Path,
    name: str,
    compression: Compression,
    meter: Meter,
    source_format: SourceFormat | None,
) -> ReadSettings:
    head = _head(path)
    if compression and _compression(path, head):
        raise TableError("The file is compressed twice.", "Unpack it once, then upload.")
    settings = _detect_plain(path, name, head, meter, source_format or SourceFormat(""))
    return dataclasses.replace(settings, compression=compression)


def _pour(reading: Reading) -> ReadSettings:
    checked = _CheckedSink(reading.sink)
    used = FORMATS[reading.settings.format].pour(dataclasses.replace(reading, sink=checked))
    if not checked.rows:
        raise TableError(
            "The file has no rows of data: at most a header.", "Upload a table with rows."
        )
    return used


class _CheckedSink:
    """A sink that refuses tables that are too wide, and cleans their names."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._schema = pa.schema([])
        self.rows = 0

    def begin(self, schema: pa.Schema) -> None:
        if len(schema) > MAX_COLUMNS:
            raise too_wide(len(schema))
        fields = zip(clean_names(schema.names), schema.types, strict=True)
        self._schema, self.rows = pa.schema(list(fields)), 0
        self._sink.begin(self._schema)

    def write(self, batch: pa.RecordBatch) -> None:
        self.rows += batch.num_rows
        self._sink.write(pa.RecordBatch.from_arrays(batch.columns, schema=self._schema))


def _compression(path: Path, head: bytes) -> Compression:
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")) and not is_workbook(path):
        return "zip"
    return ""


def _detect_plain(
    path: Path, name: str, head: bytes, meter: Meter, source_format: SourceFormat
) -> ReadSettings:
    if not head:
        raise TableError("The file is empty (0 bytes).", f"Upload a table as {known_formats()}.")
    format = format_of(head)
    if format:
        return ReadSettings(format)
    kind = describe_kind(head)
    if kind:
        raise TableError(f"{name!r} is {kind}, not a table.", f"Upload it as {known_formats()}.")
    if not looks_like_text(head):
        raise TableError(
            f"{name!r} holds binary data, and no table that is known here.",
            f"Upload it as {known_formats()}.",
        )
    found = detect_encoding(path, meter, source_format.encoding)
    encoding = found.encoding
    text = head.decode(encoding, errors="replace").removeprefix("\ufeff")
    if not text.strip():
        raise TableError(
            "The file holds nothing but blanks.", f"Upload a table as {known_formats()}."
        )
    json_format = _json_format(text, name)
    if json_format:
        unsure = found.unsure or bool(found.strays)
        return ReadSettings(json_format, found.strays or encoding, unsure=unsure)
    return csv_settings(path, text, found, source_format)


def _json_format(text: str, name: str) -> Format | None:
    """JSON where the text begins like it; a single line that is an object makes JSON lines."""
    start = text.lstrip()
    if not start.startswith(("{", "[")):
        return None
    first = start.partition("\n")[0]
    try:
        document = json.loads(first)
    except (ValueError, RecursionError):
        named = name.lower().endswith((".json", ".jsonl", ".ndjson"))
        # "{" alone, or [ followed by { or a value, is JSON; anything else may be a CSV cell.
        return "json" if named or first.strip() in ("{", "[") or first[1:2] in '{["' else None
    rest = start[len(first) :].strip()
    named_lines = name.lower().endswith((".jsonl", ".ndjson"))
    if isinstance(document, dict) and (rest.startswith("{") or (named_lines and not rest)):
        return "jsonl"
    return "json" if not rest else None


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(SAMPLE)
