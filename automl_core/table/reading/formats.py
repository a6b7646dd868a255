"""The formats of files that tables are read from: one entry each, with everything that it needs.

What decides is in a file's first bytes; formats of text are told apart by read.py.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from automl_core.errors import TableError
from automl_core.table import Meter, Sink, SourceFormat, pour_table
from automl_core.table.reading.apart import OutOfMemoryError, read_apart
from automl_core.table.reading.archive import is_newer_workbook
from automl_core.table.reading.arrow_files import ARROW_FILE, pour_arrow, pour_orc, pour_parquet
from automl_core.table.reading.csv_table import pour_delimited
from automl_core.table.reading.json_table import pour_json_lines, read_json
from automl_core.table.reading.settings import Format, ReadSettings


@dataclass(frozen=True)
class Reading:
    """A file to be read, how, and where its rows go."""

    path: Path
    settings: ReadSettings
    sink: Sink
    meter: Meter
    source_format: SourceFormat | None
    given: bool = True  # whether people gave the settings; else a format may find out its own


Pour = Callable[[Reading], ReadSettings]
"""Writes the table in the file into the sink; how it was read."""


@dataclass(frozen=True)
class FileFormat:
    """A format: its name for people, what its files begin with, and how they are read."""

    title: str
    starts: tuple[bytes, ...]  # (): a format of text, or one that is told otherwise
    pour: Pour
    detects: bool = False  # whether reading the file is what tells its settings


def format_of(head: bytes) -> Format | None:
    """The format of a file with these first bytes; None where they do not tell."""
    return next((name for name, f in FORMATS.items() if head.startswith(f.starts)), None)


def known_formats() -> str:
    """The formats in words, for people: "CSV or TSV, Parquet, ..."."""
    titles = [f.title for f in FORMATS.values()]
    return f"{', '.join(titles[:-1])} or {titles[-1]}"


def _csv(reading: Reading) -> ReadSettings:
    pour_delimited(
        reading.path, reading.settings, reading.sink, reading.meter, reading.source_format
    )
    return reading.settings


def _apart(reading: Reading) -> ReadSettings:
    """In a process of its own; again with little memory where cells stand far apart."""
    settings, known = reading.settings, reading.source_format
    how = settings if reading.given else settings.format
    names = known.names if known else ()
    try:
        used = read_apart(reading.path, how, reading.sink, reading.meter, names)
    except OutOfMemoryError:
        if not is_newer_workbook(reading.path):
            raise _too_large() from None
        try:
            used = read_apart(reading.path, how, reading.sink, reading.meter, names, sparse=True)
        except OutOfMemoryError:
            raise _too_large() from None
    return dataclasses.replace(used, compression=settings.compression)


def _too_large() -> TableError:
    return TableError(
        "The file is damaged, or needs more memory than there is: in a workbook, a cell may stand "
        "far away from the table.",
        "Delete what is outside of the table, or save the table as CSV.",
    )


def _json(reading: Reading) -> ReadSettings:
    pour_table(read_json(reading.path, reading.settings), reading.sink)
    return reading.settings


def _json_lines(reading: Reading) -> ReadSettings:
    pour_json_lines(reading.path, reading.settings, reading.sink, reading.meter)
    return reading.settings


def _batches(pour: Callable[[Path, Sink, Meter], tuple[str, ...]]) -> Pour:
    """A reader of Arrow's own formats, which needs no settings and may leave columns out."""

    def read(reading: Reading) -> ReadSettings:
        left_out = pour(reading.path, reading.sink, reading.meter)
        return dataclasses.replace(reading.settings, left_out=left_out)

    return read


WORKBOOK = (b"PK", b"\xd0\xcf\x11\xe0")  # a zip with a workbook in it, and the files before those
FORMATS: dict[Format, FileFormat] = {
    "csv": FileFormat("CSV or TSV", (), _csv),
    "excel": FileFormat(
        "Excel or OpenDocument", (b"PK", b"\xd0\xcf\x11\xe0"), _apart, detects=True
    ),
    "parquet": FileFormat("Parquet", (b"PAR1",), _batches(pour_parquet)),
    "json": FileFormat("JSON", (), _json),
    "jsonl": FileFormat("JSON lines", (), _json_lines),
    "arrow": FileFormat(
        "Feather or Arrow", (ARROW_FILE, b"\xff\xff\xff\xff"), _batches(pour_arrow)
    ),
    "orc": FileFormat("ORC", (b"ORC",), _batches(pour_orc)),
}
