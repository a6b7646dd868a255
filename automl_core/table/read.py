"""Files to tables: what a file is, how it is written, and what is in it.

Content decides first, the name second. Knows nothing of roles; returns plain columns under
clean names. The formats are in delimited.py, json_table.py and spreadsheet.py.
"""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pyarrow as pa

from automl_core.errors import TableError
from automl_core.table.archive import Compression, is_excel, packed_name, unpacked
from automl_core.table.delimited import MAX_COLUMNS, read_delimited
from automl_core.table.json_table import read_json, read_json_lines
from automl_core.table.kinds import describe_kind, detect_encoding, looks_like_text
from automl_core.table.names import clean_names
from automl_core.table.plain import plain_table
from automl_core.table.settings import Format, ReadSettings
from automl_core.table.sniff import sniff
from automl_core.table.spreadsheet import excel_header, read_excel, sheet_names

__all__ = ["Format", "ReadSettings", "detect_settings", "read_file", "read_table", "sheet_names"]

_SAMPLE = 2**20
_ROW_LABELS = re.compile(r"__index_level_\d+__")
_FORMATS = "CSV, Parquet, Excel (.xlsx), JSON or JSON lines"


def read_file(
    path: Path, name: str, settings: ReadSettings | None = None
) -> tuple[pa.Table, ReadSettings]:
    """The table in a file, and how it was read (detected where not given).

    `name` is what the user calls the file; it is never used as a path. Raises TableError
    in words for everything that is no table.
    """
    try:
        settings = settings or detect_settings(path, name)
        return read_table(path, settings), settings
    except OSError as error:
        reason = error.strerror or "it is damaged"
        raise TableError(f"{name!r} cannot be read: {reason}.", "Check the file.") from error


def detect_settings(path: Path, name: str) -> ReadSettings:
    """How the file should be read; raises TableError where it cannot be a table."""
    head = _head(path)
    if not head:
        raise TableError("The file is empty (0 bytes).", f"Upload a table as {_FORMATS}.")
    compression = _compression(path, head)
    if compression:
        inner_name = packed_name(path, name, compression)
        with unpacked(path, compression) as inner:
            if _compression(inner, _head(inner)):
                raise TableError("The file is compressed twice.", "Unpack it once, then upload.")
            settings = detect_settings(inner, inner_name)
        return dataclasses.replace(settings, compression=compression)
    return _detect_plain(path, name, head)


def read_table(path: Path, settings: ReadSettings) -> pa.Table:
    """The table in the file, read as the settings say: at least one row and one column."""
    with unpacked(path, settings.compression) as inner:
        table = _read_plain(inner, settings)
    if table.num_rows == 0 or table.num_columns == 0:
        raise TableError("The file has no rows of data.", "Upload a table with rows.")
    if table.num_columns > MAX_COLUMNS:
        raise TableError(
            f"The table has {table.num_columns:,} columns; at most {MAX_COLUMNS:,} can be handled.",
            "Leave columns out.",
        )
    return table.rename_columns(clean_names(table.column_names))


def _read_plain(path: Path, settings: ReadSettings) -> pa.Table:
    if settings.format == "parquet":
        return _read_parquet(path)
    if settings.format == "excel":
        return read_excel(path, settings)
    if settings.format == "json":
        return read_json(path, settings)
    if settings.format == "jsonl":
        return read_json_lines(path, settings)
    return read_delimited(path, settings)


def _read_parquet(path: Path) -> pa.Table:
    import pyarrow.parquet as pq

    try:
        # A file object, so that nothing is read into the name of a path.
        with path.open("rb") as file:
            table = pq.ParquetFile(file).read()
        # A frame's nameless row labels, written by pandas beside the columns, are no column.
        nameless = [n for n in table.column_names if _ROW_LABELS.fullmatch(n)]
        return plain_table(table.drop_columns(nameless))
    except (pa.ArrowException, OSError) as error:
        reason = str(error).partition("\n")[0][:120]
        raise TableError(
            f"The Parquet file is damaged or cannot be read ({reason}).", "Write it again."
        ) from None


def _compression(path: Path, head: bytes) -> Compression:
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")) and not is_excel(path):
        return "zip"
    return ""


def _detect_plain(path: Path, name: str, head: bytes) -> ReadSettings:
    if not head:
        raise TableError("The file is empty (0 bytes).", f"Upload a table as {_FORMATS}.")
    if head.startswith(b"PAR1"):
        return ReadSettings("parquet")
    if head.startswith(b"PK"):
        return ReadSettings("excel", header=excel_header(path))
    kind = describe_kind(head)
    if kind:
        raise TableError(f"{name!r} is {kind}, not a table.", f"Upload it as {_FORMATS}.")
    if not looks_like_text(head):
        raise TableError(
            f"{name!r} holds binary data, and no table that is known here.",
            f"Upload it as {_FORMATS}.",
        )
    encoding = detect_encoding(path)
    text = head.decode(encoding, errors="replace").removeprefix("\ufeff")
    if not text.strip():
        raise TableError("The file holds nothing but blanks.", f"Upload a table as {_FORMATS}.")
    json_format = _json_format(text, name)
    if json_format:
        return ReadSettings(json_format, encoding=encoding)
    dialect = sniff(_whole_lines(text, complete=len(head) < _SAMPLE))
    return ReadSettings(
        "csv",
        encoding,
        dialect.delimiter,
        dialect.quote,
        dialect.decimal,
        dialect.header,
        dialect.skip_rows,
    )


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
        return file.read(_SAMPLE)


def _whole_lines(text: str, complete: bool) -> str:
    """The text without a last line that the sample may have cut."""
    if complete:
        return text
    end = max(text.rfind("\n"), text.rfind("\r"))
    return text[: end + 1] if end > 0 else text
