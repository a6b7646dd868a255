"""The run's event log: JSON lines with a CRC-32, one writer, any number of readers.

A line is `{"v":1,"seq":n,"t":seconds,"wall":seconds,"kind":...,...,"crc":"8 hex digits"}`; the
CRC covers everything before `,"crc"`. A line torn by a crash is cut before the first append;
readers ignore it. The log knows nothing about what events mean.
"""

from __future__ import annotations

import os
import time
import zlib
from dataclasses import fields
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from automl_core.errors import RunError
from automl_core.records import RecordError, from_plain
from automl_core.runs.record.events import EVENTS, Epochs, Event

LOG_VERSION = 1
_CRC_LENGTH = len(',"crc":"00000000"}')


class Entry(NamedTuple):
    """One event and when it happened: `t` on the run's clock, `wall` since 1970, in seconds."""

    t: float
    wall: float
    event: Event


def encode_line(seq: int, t: float, wall: float, event: Event) -> bytes:
    """One line, newline included."""
    head = {"v": LOG_VERSION, "seq": seq, "t": t, "wall": wall}
    body = {f.name: getattr(event, f.name) for f in fields(event)}
    line = orjson.dumps({**head, "kind": event.kind, **body})[:-1]
    return line + b',"crc":"%08x"}\n' % zlib.crc32(line)


def decode_line(line: bytes) -> Entry | None:
    """The entry of a whole line (newline included); None where it is torn or damaged.

    Raises RunError where the line is sound but of a newer version.
    """
    if not line.endswith(b'"}\n') or len(line) <= _CRC_LENGTH:
        return None
    body, tail = line[: -_CRC_LENGTH - 1], line[-_CRC_LENGTH - 1 :]
    if tail != b',"crc":"%08x"}\n' % zlib.crc32(body):
        return None
    plain: dict[str, Any] = orjson.loads(line)
    version, kind = plain.pop("v"), plain.pop("kind")
    if version != LOG_VERSION or kind not in EVENTS:
        raise RunError(
            f"This run was written by a newer version (log version {version}, event {kind!r}).",
            "Open it with the version that wrote it.",
        )
    t, wall = plain.pop("t"), plain.pop("wall")
    del plain["seq"], plain["crc"]
    return Entry(t, wall, _event(kind, plain))


def _event(kind: str, plain: dict[str, Any]) -> Event:
    if kind == Epochs.kind:  # nearly all of a log; the CRC vouches for its shape
        return Epochs(**plain)
    try:
        return from_plain(EVENTS[kind], plain)
    except RecordError as error:
        raise RunError(f"The run's log has an unreadable event: {error.message}") from error


def sound_length(data: bytes) -> int:
    """Number of leading bytes that are whole, undamaged lines.

    Raises RunError where sound lines follow a damaged one: that is not a torn tail.
    """
    length = 0
    lines = data.splitlines(keepends=True)
    for number, line in enumerate(lines):
        if decode_line(line) is None:
            if any(decode_line(later) is not None for later in lines[number + 1 :]):
                raise RunError(f"The run's log is damaged at line {number + 1}.")
            break
        length += len(line)
    return length


class LogWriter:
    """Appends events; there is one writer a run (the run's lock sees to that)."""

    def __init__(self, path: Path) -> None:
        data = path.read_bytes() if path.exists() else b""
        length = sound_length(data)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        os.ftruncate(self._file, length)
        os.lseek(self._file, length, os.SEEK_SET)
        self._seq = data[:length].count(b"\n")

    def append(self, event: Event, t: float, durable: bool = False) -> Entry:
        """Write one event; `durable` waits until the disk has it."""
        entry = Entry(round(t, 4), round(time.time(), 4), event)  # as a reader will see it
        line = encode_line(self._seq, entry.t, entry.wall, event)
        while line:
            line = line[os.write(self._file, line) :]
        self._seq += 1
        if durable:
            os.fsync(self._file)
        return entry

    def close(self) -> None:
        """Flush and release the file."""
        os.fsync(self._file)
        os.close(self._file)


class LogReader:
    """Reads on from where it stopped; never blocks the writer."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def read(self) -> list[Entry]:
        """Events that were written since the last call; [] where there are none."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                data = file.read()
        except FileNotFoundError:
            return []
        entries = []
        for line in data.splitlines(keepends=True):
            entry = decode_line(line)
            if entry is None:  # being written, or torn: wait until the writer mends it
                break
            self._offset += len(line)
            entries.append(entry)
        return entries
