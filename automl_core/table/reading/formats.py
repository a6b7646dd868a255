"""The formats of files that tables are read from: one entry each, with everything that it needs.

What decides is in a file's first bytes; formats of text are told apart by read.py.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from automl_core.table import Meter, Sink, SourceFormat, pour_table
from automl_core.table.reading.arrow_files import ARROW_FILE, pour_arrow, pour_orc, pour_parquet
from automl_core.table.reading.csv_table import pour_delimited
from automl_core.table.reading.excel import excel_header, read_excel
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


Pour = Callable[[Reading], ReadSettings]
"""Writes the table in the file into the sink; how it was read."""


@dataclass(frozen=True)
class FileFormat:
    """A format: its name for people, what its files begin with, and how they are read."""

    title: str
    starts: tuple[bytes, ...]  # (): a format of text, or one that is told otherwise
    pour: Pour
    detect: Callable[[Path], ReadSettings] | None = None  # None: nothing but the format matters


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


def _excel(reading: Reading) -> ReadSettings:
    pour_table(read_excel(reading.path, reading.settings), reading.sink)
    return reading.settings


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


FORMATS: dict[Format, FileFormat] = {
    "csv": FileFormat("CSV or TSV", (), _csv),
    "excel": FileFormat(
        "Excel", (b"PK",), _excel, lambda path: ReadSettings("excel", header=excel_header(path))
    ),
    "parquet": FileFormat("Parquet", (b"PAR1",), _batches(pour_parquet)),
    "json": FileFormat("JSON", (), _json),
    "jsonl": FileFormat("JSON lines", (), _json_lines),
    "arrow": FileFormat(
        "Feather or Arrow", (ARROW_FILE, b"\xff\xff\xff\xff"), _batches(pour_arrow)
    ),
    "orc": FileFormat("ORC", (b"ORC",), _batches(pour_orc)),
}
