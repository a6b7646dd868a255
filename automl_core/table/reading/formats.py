"""The formats of files that tables are read from: one entry each, with everything that it needs.

What decides is in a file's first bytes; formats of text are told apart by read.py.
"""

from __future__ import annotations

import contextlib
import dataclasses
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from automl_core.errors import TableError
from automl_core.table import Meter, Sink, SourceFormat, pour_table
from automl_core.table.reading.apart import Order, OutOfMemoryError, read_apart
from automl_core.table.reading.archive import is_newer_workbook
from automl_core.table.reading.arff import pour_arff
from automl_core.table.reading.arrow_files import ARROW_FILE, pour_arrow, pour_orc, pour_parquet
from automl_core.table.reading.csv_table import pour_delimited
from automl_core.table.reading.decision import repeated_header
from automl_core.table.reading.file_type import looks_like_text
from automl_core.table.reading.json_table import pour_json_lines, read_json
from automl_core.table.reading.settings import Format, ReadSettings
from automl_core.table.reading.statistics_files import (
    SAS_DATA,
    SAS_TRANSPORT,
    SPSS_DATA,
    STATA_DATA,
)


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
    options: tuple[str, ...] = ()  # of ReadOptions, those that matter


def format_of(head: bytes) -> Format | None:
    """The format of a file with these first bytes; None where they do not tell.

    Short marks count only together with bytes that no text has.
    """
    for name, known in FORMATS.items():
        start = next((start for start in known.starts if head.startswith(start)), b"")
        if len(start) > _SHORT or (start and not (start.isascii() and looks_like_text(head))):
            return name
    return None


def known_formats() -> str:
    """The formats in words, for people: "CSV or TSV, Parquet, ..."."""
    titles = [f.title for f in FORMATS.values()]
    return f"{', '.join(titles[:-1])} or {titles[-1]}"


_ROWS = ("header", "skip_rows", "units_row", "footer_rows", "decimal")


def _csv(reading: Reading) -> ReadSettings:
    settings = reading.settings
    repeats = pour_delimited(
        reading.path, settings, reading.sink, reading.meter, reading.source_format
    )
    said = tuple(d for d in repeated_header(repeats) if d not in settings.decisions)
    return dataclasses.replace(settings, decisions=(*settings.decisions, *said))


def _apart(reading: Reading) -> ReadSettings:
    """In a process of its own; what was set for the training file only where it can be."""
    known = reading.source_format or SourceFormat("")
    if reading.given:
        return _in_child(reading, known)
    usual = known.usual.without(("delimiter", *known.asked.given))
    if any(not re.fullmatch(r"column_\d+", name) for name in known.names):
        usual = usual.without(("header", "skip_rows"))  # the names show where the header is
    if usual.given:
        with contextlib.suppress(TableError):  # such as a sheet that is not there
            alike = dataclasses.replace(known, asked=known.asked.over(usual))
            return _in_child(reading, alike)
    return _in_child(reading, known)


def _in_child(reading: Reading, known: SourceFormat) -> ReadSettings:
    """Read in a child; again with little memory where cells stand far apart."""
    settings = reading.settings
    order = Order(settings if reading.given else settings.format, known.names, known.asked)
    try:
        used = read_apart(reading.path, order, reading.sink, reading.meter)
    except OutOfMemoryError:
        if not is_newer_workbook(reading.path):
            raise _too_large() from None
        try:
            sparse = dataclasses.replace(order, sparse=True)
            used = read_apart(reading.path, sparse, reading.sink, reading.meter)
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
    table, settings = read_json(reading.path, reading.settings)
    pour_table(table, reading.sink)
    if reading.given:  # the reason is known
        return dataclasses.replace(settings, decisions=reading.settings.decisions)
    return settings


def _json_lines(reading: Reading) -> ReadSettings:
    pour_json_lines(reading.path, reading.settings, reading.sink, reading.meter)
    return reading.settings


def _arff(reading: Reading) -> ReadSettings:
    pour_arff(reading.path, reading.settings, reading.sink, reading.meter)
    return reading.settings


def _batches(pour: Callable[[Path, Sink, Meter], tuple[str, ...]]) -> Pour:
    """A reader of Arrow's own formats, which needs no settings and may leave columns out."""

    def read(reading: Reading) -> ReadSettings:
        left_out = pour(reading.path, reading.sink, reading.meter)
        return dataclasses.replace(reading.settings, left_out=left_out)

    return read


_SHORT = 4  # bytes that may well begin a text
WORKBOOK = (
    b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0",
)  # a zip with a workbook in it, and the files before those
FORMATS: dict[Format, FileFormat] = {
    "csv": FileFormat("CSV or TSV", (), _csv, options=("delimiter", "encoding", *_ROWS)),
    "excel": FileFormat("Excel or OpenDocument", WORKBOOK, _apart, True, ("sheet", *_ROWS)),
    "parquet": FileFormat("Parquet", (b"PAR1",), _batches(pour_parquet), options=("decimal",)),
    "json": FileFormat("JSON", (), _json, options=("sheet", "encoding", "decimal")),
    "jsonl": FileFormat("JSON lines", (), _json_lines, options=("encoding", "decimal")),
    "arrow": FileFormat(
        "Feather or Arrow",
        (ARROW_FILE, b"\xff\xff\xff\xff"),
        _batches(pour_arrow),
        options=("decimal",),
    ),
    "orc": FileFormat("ORC", (b"ORC",), _batches(pour_orc), options=("decimal",)),
    "spss": FileFormat("SPSS", SPSS_DATA, _apart, options=("decimal",)),
    "sas": FileFormat("SAS", (SAS_DATA, *SAS_TRANSPORT), _apart, options=("decimal",)),
    "stata": FileFormat("Stata", STATA_DATA, _apart, options=("decimal",)),
    "arff": FileFormat("ARFF", (), _arff, options=("encoding", "decimal")),
}
