"""Stored tables: content hash to memory-mapped Arrow file, and what is known of each beside it.

    <root>/tables/<hash>.arrow         the cells, uncompressed, never changed
    <root>/tables/<hash>.json          TableInfo: name, size, how it was read
    <root>/tables/<hash>.schema.json   the roles as the user left them
    <root>/tables/<hash>.judged.json   what people judged of its labels
    <root>/tables/<hash>.drawn.npy     of rows drawn from a longer table: their numbers there

Knows nothing of how a file was read or of what the columns mean.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeVar
from weakref import WeakValueDictionary

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from automl_core.errors import TableError
from automl_core.files import dump_json, make_folder, replace, storage_errors, write_atomic
from automl_core.limits import TableLimits, room_of
from automl_core.records import from_plain, to_plain
from automl_core.table.arrow_types import plain_table
from automl_core.table.decision import Decision
from automl_core.table.read_options import options_of_words
from automl_core.table.schema import Schema
from automl_core.table.sinks import pour_table
from automl_core.table.source_format import SourceFormat, source_format_of
from automl_core.words import count

FORMAT_VERSION = 1
BATCH_ROWS = 65_536
HASH = re.compile(r"[0-9a-f]{32}")
DRAWN = ".drawn.npy"

T = TypeVar("T")


@dataclass(frozen=True)
class Correction:
    """How a table came from another one, by people's judgement of its labels."""

    table: str  # hash of the other one
    name: str  # of the table that was uploaded, also after several corrections
    target: str  # the column of the labels
    changed: tuple[int, ...]  # rows of the other table whose label was corrected, ascending
    aside: tuple[int, ...]  # rows of the other table that are left out, ascending
    labels: int  # corrected in all, since the upload
    rows: int  # left out in all

    @property
    def words(self) -> str:
        """What was changed since the upload."""
        parts = []
        if self.labels:
            parts.append(f"{count(self.labels, 'label')} corrected")
        if self.rows:
            parts.append(f"{count(self.rows, 'row')} set aside")
        return ", ".join(parts)


@dataclass(frozen=True)
class TableInfo:
    """Facts about a stored table that need no opening."""

    hash: str
    name: str  # what the user called it; never used as a path
    rows: int
    columns: int
    settings: dict[str, str]  # how it was read, for people
    upload: str = ""  # id of the uploaded file it came from, if any
    decisions: tuple[Decision, ...] = ()  # why it was read so
    corrected: Correction | None = None  # None: it is as it was read
    format_version: int = FORMAT_VERSION

    @property
    def decimal(self) -> str:
        """The decimal mark of the file that it was read from."""
        return "," if self.settings.get("decimal") == "comma" else "."

    def source_format(self, schema: Schema) -> SourceFormat:
        """The format of the table's source, for reading others of its kind."""
        usual = options_of_words(self.settings)
        return source_format_of(schema.columns, self.settings.get("encoding", ""), usual)


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


class TableWriter:
    """Writes a table into the store batch by batch: its hash is known when the last one is.

    A sink (see sinks.py) and a context: what was not committed leaves nothing behind. Holds
    BATCH_ROWS rows at most, so that equal content makes equal files however it comes in pieces.
    Raises StorageError where the disk does not take it, AccessError where it is more than allowed.
    """

    def __init__(self, root: Path, limits: TableLimits | None = None) -> None:
        """`limits` of a table that people bring; None: only the workspace's room counts."""
        self._limits = limits or TableLimits(room=room_of(root))
        self._folder = root / "tables"
        make_folder(self._folder)
        self._path = self._folder / f".{uuid.uuid4().hex}.tmp"
        self._file: BinaryIO | None = None
        self._waiting: list[pa.RecordBatch] = []
        self.rows = 0
        self.schema = pa.schema([])

    def __enter__(self) -> TableWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()
        self._path.unlink(missing_ok=True)

    def begin(self, schema: pa.Schema) -> None:
        """A table with these columns, of plain types; one begun before is dropped."""
        self._limits.check_columns(len(schema))
        self._close()
        with storage_errors(self._folder):
            self._file = self._path.open("wb")
            self._sink = _HashingFile(self._file)
            self._writer = pa.ipc.new_file(pa.PythonFile(self._sink, "w"), schema)
        self.rows, self.schema, self._waiting = 0, schema, []

    def write(self, batch: pa.RecordBatch) -> None:
        """More rows; raises TableError where their text is too long to be stored."""
        self.rows += batch.num_rows
        self._limits.check_rows(self.rows)
        while batch.num_rows:
            room = BATCH_ROWS - sum(part.num_rows for part in self._waiting)
            self._waiting.append(batch.slice(0, room))
            batch = batch.slice(room)
            if room <= self._waiting[-1].num_rows:
                self._flush()

    def commit(self) -> str:
        """Keep what was written since `begin`; the hash of its content."""
        assert self._file is not None, "commit before begin"
        if self._waiting:
            self._flush()
        with storage_errors(self._folder):
            self._writer.close()
            self._file.flush()
            os.fsync(self._file.fileno())
            self._close()
            name = self._sink.digest.hexdigest()
            _keep(self._path, self._folder / f"{name}.arrow")
        return name

    def _flush(self) -> None:
        try:
            columns = [
                _one_layout([part.column(i) for part in self._waiting])
                for i in range(len(self.schema))
            ]
        except pa.ArrowInvalid:  # a batch's text cannot be longer than 2 GB
            raise TableError(
                "The cells of the table are too long to be stored.", "Leave out long texts."
            ) from None
        with storage_errors(self._folder):
            self._writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=self.schema))
        self._limits.check_bytes(self._sink.tell())
        self._waiting = []

    def _close(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):  # what a full disk did not take is dropped
                self._file.close()


def _one_layout(parts: list[pa.Array]) -> pa.Array:
    """The cells in fresh memory, the same bytes for the same cells: zeros where there is none."""
    whole = pa.concat_arrays([*parts, parts[0].slice(0, 0)])
    if not whole.null_count or pa.types.is_string(whole.type):
        return whole
    nothing = pa.scalar(False if pa.types.is_boolean(whole.type) else 0, whole.type)
    filled = pc.fill_null(whole, nothing)
    return pa.Array.from_buffers(whole.type, len(whole), [whole.buffers()[0], filled.buffers()[1]])


def put_table(table: pa.Table, root: Path, limits: TableLimits | None = None) -> str:
    """Store the table below `root`; the hash of its content, the same for the same cells.

    `limits` as in `TableWriter`.
    """
    with TableWriter(root, limits) as writer:
        pour_table(plain_table(table), writer)
        return writer.commit()


_verified: dict[Path, tuple[int, int]] = {}  # size and time of tables whose content fits the name
_opened: WeakValueDictionary[tuple[Path, tuple[int, int]], pa.Table] = WeakValueDictionary()
"""Tables that somebody holds: to map 50 million rows again takes a tenth of a second."""


def _seen(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


def _keep(temporary: Path, path: Path) -> None:
    """Put a table that was just written in its place."""
    try:
        replace(temporary, path)
    except PermissionError:  # Windows: somebody has the same table open
        if not path.exists():
            raise
    _verified[path] = _seen(path)


def _verify(path: Path) -> None:
    """TableError where the content of a table is not that of its name; read once a process."""
    digest, seen = hashlib.blake2b(digest_size=16), _seen(path)
    if _verified.get(path) == seen:
        return
    with path.open("rb") as file:
        while data := file.read(2**22):
            digest.update(data)
    if digest.hexdigest() != path.stem:
        raise TableError("The stored table is damaged.", "Upload the file again.")
    _verified[path] = seen


def open_table(hash: str, root: Path, verify: bool = True) -> pa.Table:
    """The stored table, memory-mapped: opening costs no reading, but for the first time, and
    nothing while another holds the table.

    A process reads a table once to `verify` that its content is that of its hash; workers open
    what their coordinator has verified. Raises TableError where no sound table of that hash is
    stored below `root`.
    """
    path = _path(hash, ".arrow", root)
    if not path.is_file():
        raise TableError(
            "The table is no longer stored here.", "Upload the file again, then go on."
        )
    try:
        if verify:
            _verify(path)
        key = path, _seen(path)
        table = _opened.get(key)
        if table is None:
            _opened[key] = table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
        return table
    except (pa.ArrowInvalid, OSError):
        raise TableError("The stored table is damaged.", "Upload the file again.") from None


def stored_pieces(hash: str, root: Path) -> Iterator[pa.Table]:
    """The stored table, BATCH_ROWS rows at a time, read and not mapped: memory for one piece.

    Raises TableError where no table of that hash is stored below `root`, or it is damaged.
    """
    path = _path(hash, ".arrow", root)
    if not path.is_file():
        raise TableError(
            "The table is no longer stored here.", "Upload the file again, then go on."
        )
    try:
        with pa.OSFile(str(path)) as file:
            reader = pa.ipc.open_file(file)
            for number in range(reader.num_record_batches):
                yield pa.Table.from_batches([reader.get_batch(number)])
    except (pa.ArrowInvalid, OSError):
        raise TableError("The stored table is damaged.", "Upload the file again.") from None


def save_info(info: TableInfo, root: Path) -> None:
    """Store what is known of a table beside it."""
    write_atomic(_path(info.hash, ".json", root), dump_json(to_plain(info)))


def load_info(hash: str, root: Path) -> TableInfo:
    """The facts about a stored table; raises TableError where there are none."""
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


def save_beside(record: object, hash: str, suffix: str, root: Path) -> None:
    """Store another record beside the table, which goes when the table does."""
    write_atomic(_path(hash, suffix, root), dump_json(to_plain(record)))


def load_beside(cls: type[T], hash: str, suffix: str, root: Path) -> T | None:
    """The record that `save_beside` stored; None where there is none."""
    return _load(cls, _path(hash, suffix, root))


def save_drawn(hash: str, rows: NDArray[np.int64], root: Path) -> None:
    """Store beside a table which `rows` (n,) of a longer one its rows are, ascending."""
    buffer = io.BytesIO()
    np.save(buffer, rows)
    write_atomic(_path(hash, DRAWN, root), buffer.getvalue())


def load_drawn(hash: str, root: Path) -> NDArray[np.int64]:
    """What `save_drawn` stored; TableError where it is gone or damaged."""
    try:
        rows = np.load(_path(hash, DRAWN, root), allow_pickle=False)
        return np.asarray(rows, np.int64).reshape(-1)
    except (OSError, ValueError, EOFError):
        raise TableError(
            "Which rows were drawn is no longer known.", "Start the run again."
        ) from None


def stored_names(hash: str, whole: str = "") -> tuple[str, ...]:
    """Names of the files, below `tables`, that hold the cells of a table.

    `whole` is the hash of the longer table that its rows were drawn from: that one's come with it,
    and which rows they are.
    """
    return (f"{hash}.arrow", f"{whole}.arrow", f"{hash}{DRAWN}") if whole else (f"{hash}.arrow",)


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
