"""Files to tables: what a file is, how it is written, and what is in it.

Content decides first, the name second. Knows nothing of roles; returns plain columns under
clean names. The formats are in formats.py.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from automl_core.errors import AutoMLError, TableError
from automl_core.files import as_storage_error
from automl_core.table import (
    NOTHING_SET,
    MemorySink,
    Meter,
    Report,
    Sink,
    SourceFormat,
    clean_names,
    match_names,
)
from automl_core.table.reading.archive import (
    Compression,
    Member,
    choose_member,
    compression_of,
    packed_name,
    unpacked,
)
from automl_core.table.reading.arff import is_arff
from automl_core.table.reading.as_set import AS_SET, as_asked, refuse_unused
from automl_core.table.reading.beginning import first_rows
from automl_core.table.reading.csv_blocks import MAX_COLUMNS, too_wide
from automl_core.table.reading.csv_settings import SAMPLE, csv_settings
from automl_core.table.reading.decision import Decision
from automl_core.table.reading.encoding import Found
from automl_core.table.reading.file_type import (
    describe_kind,
    describe_markup,
    detect_encoding,
    hint_for,
    looks_like_text,
)
from automl_core.table.reading.formats import FORMATS, Reading, format_of, known_formats
from automl_core.table.reading.settings import Format, ReadSettings

__all__ = [
    "Format",
    "ReadSettings",
    "detect_settings",
    "pour_file",
    "preview",
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
    usual = source_format or SourceFormat("")
    with _opened(path, name, settings, usual, meter) as file:
        if settings is not None:
            inner = file.without_member(settings)
            used = _pour(Reading(file.path, inner, sink, meter, source_format))
            return dataclasses.replace(used, sheet=settings.sheet or used.sheet)
        usual = file.format_within(usual)
        found = _detect_unpacked(file, meter, usual)
        return file.with_member(_pour(Reading(file.path, found, sink, meter, usual, given=False)))


def detect_settings(
    path: Path, name: str, source_format: SourceFormat | None = None
) -> ReadSettings:
    """The settings that fit the file; raises TableError where it cannot be a table."""
    usual = source_format or SourceFormat("")
    with _opened(path, name, None, usual, Meter()) as file:
        usual = file.format_within(usual)
        found = _detect_unpacked(file, Meter(), usual)
        if FORMATS[found.format].detects:
            found = _pour(Reading(file.path, found, MemorySink(), Meter(), usual, given=False))
        return file.with_member(found)


def preview(path: Path, name: str, settings: ReadSettings, rows: int = 5) -> pa.Table:
    """The first rows of the file, read as the settings say; errors as `read_file`."""
    with _opened(path, name, settings, SourceFormat(""), Meter()) as file:
        return first_rows(file.path, file.without_member(settings), rows)


@dataclasses.dataclass(frozen=True)
class _Opened:
    """A file without its compression."""

    path: Path
    name: str  # what it is called
    compression: Compression
    member: Member | None = None  # of a zip with several files, the one that it is

    def without_member(self, settings: ReadSettings) -> ReadSettings:
        """The settings of what is packed: a sheet that names the file in the zip is none in it."""
        return dataclasses.replace(settings, sheet="") if self.member else settings

    def format_within(self, source_format: SourceFormat) -> SourceFormat:
        """The same for what a person has set."""
        if self.member is None:
            return source_format
        asked, usual = (o.without(("sheet",)) for o in (source_format.asked, source_format.usual))
        return dataclasses.replace(source_format, asked=asked, usual=usual)

    def with_member(self, settings: ReadSettings) -> ReadSettings:
        """The settings with the file in the zip as the sheet, and why it was taken."""
        if self.member is None:
            return settings
        chosen = self.member.decision or Decision("sheet", self.member.name, AS_SET)
        decisions = (chosen, *(d for d in settings.decisions if d.setting != "sheet"))
        given = settings.given if self.member.decision else ("sheet", *settings.given)
        return dataclasses.replace(
            settings,
            sheet=self.member.name,
            sheets=self.member.names,
            decisions=decisions,
            given=given,
        )


@contextmanager
def _opened(
    path: Path,
    name: str,
    settings: ReadSettings | None,
    source_format: SourceFormat,
    meter: Meter,
) -> Iterator[_Opened]:
    """The file without its compression.

    Raises TableError where it is empty or cannot be opened or read.
    """
    try:
        head = _head(path)
        if not head:
            raise TableError(
                "The file is empty (0 bytes).", f"Upload a table as {known_formats()}."
            )
        compression = settings.compression if settings else compression_of(path, head)
        called, member = packed_name(name, compression), None
        if compression == "zip":
            asked = settings.sheet if settings else source_format.asked.sheet
            member = choose_member(path, asked or source_format.usual.sheet or "", bool(asked))
            called = Path(member.name).name
        with unpacked(path, compression, meter, member.name if member else "") as inner:
            several = member if member and len(member.names) > 1 else None
            yield _Opened(inner, called, compression, several)
    except OSError as error:
        if (full := as_storage_error(error)) is not None:
            raise full from error
        reason = error.strerror or "it is damaged"
        raise TableError(f"{name!r} cannot be read: {reason}.", "Check the file.") from error


def read_table(path: Path, settings: ReadSettings) -> pa.Table:
    """The table in the file, read as the settings say: at least one row and one column."""
    return read_file(path, path.name, settings)[0]


def _detect_unpacked(file: _Opened, meter: Meter, source_format: SourceFormat) -> ReadSettings:
    head = _head(file.path)
    if file.compression and compression_of(file.path, head):
        raise TableError("The file is compressed twice.", "Unpack it once, then upload.")
    found = _as_training(file.path, file.name, head, meter, source_format)
    return dataclasses.replace(found, compression=file.compression)


def _as_training(
    path: Path, name: str, head: bytes, meter: Meter, source_format: SourceFormat
) -> ReadSettings:
    """The settings that were set for the training file, unless others give more of its names."""
    usual = source_format.usual.without(source_format.asked.given)
    plain = dataclasses.replace(source_format, usual=NOTHING_SET)
    found = _as_asked(path, name, head, meter, plain)
    if not usual.given or FORMATS[found.format].detects:
        return found
    others = tuple(n for n in usual.given if n not in FORMATS[found.format].options)
    both = source_format.asked.over(usual.without(others))
    try:
        alike = _as_asked(path, name, head, meter, dataclasses.replace(plain, asked=both))
        share = _known_names(path, alike, source_format.names)
    except AutoMLError:  # such as a sheet that is not there
        return found
    better = share < 1.0 and _known_names(path, found, source_format.names) > share
    return found if better else alike


def _known_names(path: Path, settings: ReadSettings, names: Sequence[str]) -> float:
    """The share of the names that the file's columns have; 1 where none are known."""
    if not names:
        return 1.0
    return len(match_names(names, first_rows(path, settings).column_names)) / len(names)


def _as_asked(
    path: Path, name: str, head: bytes, meter: Meter, source_format: SourceFormat
) -> ReadSettings:
    """What is found in the file, given what a person has set."""
    asked = source_format.asked
    settings = _detect_plain(path, name, head, meter, source_format)
    refuse_unused(asked, FORMATS[settings.format].options, FORMATS[settings.format].title)
    return settings if FORMATS[settings.format].detects else as_asked(settings, asked)


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
        raise _no_table(name, kind)
    if not source_format.asked.encoding and not looks_like_text(head):
        raise TableError(
            f"{name!r} holds binary data, and no table that is known here.",
            f"Upload it as {known_formats()}.",
        )
    if source_format.asked.encoding:
        found = Found(source_format.asked.encoding)
    else:
        found = detect_encoding(path, meter, source_format.encoding)
    encoding = found.encoding
    text = head.decode(encoding, errors="replace").removeprefix("\ufeff")
    if not text.strip():
        raise TableError(
            "The file holds nothing but blanks.", f"Upload a table as {known_formats()}."
        )
    markup = describe_markup(text)
    if markup:
        raise _no_table(name, markup)
    if is_arff(text):
        return ReadSettings("arff", encoding)
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


def _no_table(name: str, kind: str) -> TableError:
    return TableError(f"{name!r} is {kind}, not a table.", hint_for(kind, known_formats()))


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(SAMPLE)
