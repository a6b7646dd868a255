"""Stored tables: content hash to memory-mapped Arrow file, and what is known of each beside it.

    <root>/tables/<hash>.arrow         the cells, uncompressed, never changed
    <root>/tables/<hash>.json          TableInfo: name, size, how it was read
    <root>/tables/<hash>.schema.json   the roles as the user left them

Knows nothing of how a file was read or of what the columns mean.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import pyarrow as pa

from automl_core.errors import TableError
from automl_core.files import dump_json, write_atomic
from automl_core.records import from_plain, to_plain
from automl_core.table.plain import plain_table
from automl_core.table.schema import Schema

FORMAT_VERSION = 1
BATCH_ROWS = 65_536
HASH = re.compile(r"[0-9a-f]{32}")

T = TypeVar("T")


@dataclass(frozen=True)
class TableInfo:
    """What is known of a stored table without opening it."""

    hash: str
    name: str  # what the user called it; never used as a path
    rows: int
    columns: int
    settings: dict[str, str]  # how it was read, for people
    upload: str = ""  # id of the uploaded file it came from, if any
    format_version: int = FORMAT_VERSION


class _HashingFile:
    """The part of a file that an Arrow writer needs; hashes what passes through."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.digest = hashlib.blake2b(digest_size=16)
        self.closed = False

    def write(self, data: Any) -> int:
        self.digest.update(data)
        return self.file.write(data)

    def tell(self) -> int:
        return self.file.tell()

    def flush(self) -> None:
        self.file.flush()

    def writable(self) -> bool:
        return True


def put_table(table: pa.Table, root: Path) -> str:
    """Store the table below `root`; the hash of its content, the same for the same cells."""
    folder = root / "tables"
    folder.mkdir(parents=True, exist_ok=True)
    # One layout for equal content, however the table was cut into chunks before.
    batches = plain_table(table).combine_chunks().to_batches(max_chunksize=BATCH_ROWS)
    temporary = folder / f".{uuid.uuid4().hex}.tmp"
    try:
        with temporary.open("wb") as file:
            sink = _HashingFile(file)
            with pa.ipc.new_file(
                pa.PythonFile(sink, "w"), plain_table(table.slice(0, 0)).schema
            ) as w:
                for batch in batches:
                    w.write_batch(batch)
            file.flush()
            os.fsync(file.fileno())
        name = sink.digest.hexdigest()
        temporary.replace(folder / f"{name}.arrow")
    finally:
        temporary.unlink(missing_ok=True)
    return name


def open_table(hash: str, root: Path) -> pa.Table:
    """The stored table, memory-mapped: opening costs no reading.

    Raises TableError where no table of that hash is stored below `root`.
    """
    path = _path(hash, ".arrow", root)
    if not path.is_file():
        raise TableError(
            "The table is no longer stored here.", "Upload the file again, then go on."
        )
    try:
        return pa.ipc.open_file(pa.memory_map(str(path))).read_all()
    except pa.ArrowInvalid:
        raise TableError("The stored table is damaged.", "Upload the file again.") from None


def save_info(info: TableInfo, root: Path) -> None:
    """Store what is known of a table beside it."""
    write_atomic(_path(info.hash, ".json", root), dump_json(to_plain(info)))


def load_info(hash: str, root: Path) -> TableInfo:
    """What is known of a stored table; raises TableError where nothing is."""
    info = _load(TableInfo, _path(hash, ".json", root))
    if info is None:
        raise TableError(
            "The table is no longer stored here.", "Upload the file again, then go on."
        )
    return info


def save_schema(hash: str, schema: Schema, root: Path) -> None:
    """Store the roles of a table as the user left them."""
    write_atomic(_path(hash, ".schema.json", root), dump_json(to_plain(schema)))


def load_schema(hash: str, root: Path) -> Schema | None:
    """The roles as the user left them, None where they were never stored."""
    return _load(Schema, _path(hash, ".schema.json", root))


def _path(hash: str, suffix: str, root: Path) -> Path:
    # Ids come from addresses that anyone may type: nothing but a hash becomes a path.
    if not HASH.fullmatch(hash):
        raise TableError(f"{hash[:40]!r} is not the id of a table.", "Open the table from Data.")
    return root / "tables" / f"{hash}{suffix}"


def _load(cls: type[T], path: Path) -> T | None:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        plain = json.loads(data)
    except ValueError:
        raise TableError(f"{path.name} is damaged.", "Upload the file again.") from None
    return from_plain(cls, plain)
