"""The run's event log: JSON lines with a CRC-32, one writer, any number of readers.

A line is `{"v":1,"seq":n,"t":seconds,"wall":seconds,"kind":...,...,"crc":"8 hex digits"}`; the
CRC covers everything before `,"crc"`, and `seq` counts the lines from 0. A line torn by a crash is
cut before the first append. `log_reader` reads. The log knows nothing about what events mean.
"""

from __future__ import annotations

import contextlib
import io
import os
import time
import zlib
from pathlib import Path
from typing import NamedTuple

import msgspec

from automl_core.errors import RunError
from automl_core.files import storage_errors
from automl_core.runs.record.events import Event
from automl_core.runs.record.older_events import migrate

LOG_VERSION = 1
_CRC_LENGTH = len(',"crc":"00000000"}\n')
_KIND = b',"kind":'  # an event's first key: what stands before it is the line's head


class _Head(msgspec.Struct, frozen=True):
    v: int
    seq: int
    t: float
    wall: float


class Entry(NamedTuple):
    """One event and when it happened: `t` on the run's clock, `wall` since 1970, in seconds."""

    seq: int  # its number in the log, from 0
    t: float
    wall: float
    event: Event


_encoder = msgspec.json.Encoder()
_heads = msgspec.json.Decoder(_Head)
_events: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


def encode_line(seq: int, t: float, wall: float, event: Event) -> bytes:
    """One line, newline included."""
    head, body = _encoder.encode(_Head(LOG_VERSION, seq, t, wall)), _encoder.encode(event)
    line = head[:-1] + b"," + body[1:-1]
    return line + b',"crc":"%08x"}\n' % zlib.crc32(line)


def decode_line(line: bytes) -> Entry | None:
    """The entry of a whole line (newline included); None where it is torn or damaged.

    Raises RunError where the line is sound but of a newer version.
    """
    if not line.endswith(b'"}\n'):
        return None
    whole, tail = line[:-_CRC_LENGTH], line[-_CRC_LENGTH:]
    if tail != b',"crc":"%08x"}\n' % zlib.crc32(whole):
        return None
    head, _, event = whole.partition(_KIND)
    try:
        fields = _heads.decode(head + b"}")
    except msgspec.MsgspecError:
        return None
    if fields.v != LOG_VERSION:
        raise _newer_version(fields.v)
    return Entry(fields.seq, fields.t, fields.wall, _event(b'{"kind":' + event + b"}"))


def _event(body: bytes) -> Event:
    try:
        return _events.decode(body)
    except msgspec.ValidationError:
        plain = msgspec.json.decode(body)
    try:
        event: Event = msgspec.convert(migrate(plain), Event)
        return event
    except msgspec.ValidationError as error:
        if error.args[0].endswith("`$.kind`"):
            raise _newer_version(LOG_VERSION, plain["kind"]) from None
        raise RunError(f"The run's log has an unreadable event: {error}") from error


def _newer_version(version: int, kind: str = "") -> RunError:
    what = f"event {kind!r}" if kind else f"log version {version}"
    return RunError(
        f"This run was written by a newer version ({what}).",
        "Open it with the version that wrote it.",
    )


def sound_length(data: bytes) -> int:
    """Number of bytes up to the end of the last whole, undamaged line."""
    length = end = 0
    for line in io.BytesIO(data):
        end += len(line)
        if decode_line(line) is not None:
            length = end
    return length


class LogWriter:
    """Appends events; there is one writer a run (the run's lock sees to that)."""

    def __init__(self, path: Path) -> None:
        data = path.read_bytes() if path.exists() else b""
        length = sound_length(data)
        last = decode_line(data[data.rfind(b"\n", 0, length - 1) + 1 : length])
        self._path, self._length = path, length
        with storage_errors(path):
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
            self._cut()
        self._seq = 0 if last is None else last.seq + 1

    def entry(self, event: Event, t: float) -> Entry:
        """The entry that the event would be now, as a reader would see it."""
        return Entry(self._seq, round(t, 4), round(time.time(), 4), event)

    def append(self, event: Event, t: float, durable: bool = False) -> Entry:
        """Write one event; `durable` waits until the disk has it.

        Raises StorageError where the disk does not take it, which leaves the log as it was.
        """
        entry = self.entry(event, t)
        line = encode_line(entry.seq, entry.t, entry.wall, event)
        with storage_errors(self._path):
            try:
                rest = line
                while rest:
                    rest = rest[os.write(self._file, rest) :]
                if durable:
                    os.fsync(self._file)
            except OSError:
                self._cut()
                raise
        self._length += len(line)
        self._seq += 1
        return entry

    def _cut(self) -> None:
        """Take off what follows the last whole line."""
        os.ftruncate(self._file, self._length)
        os.lseek(self._file, self._length, os.SEEK_SET)

    def close(self) -> None:
        """Flush and release the file."""
        with contextlib.suppress(OSError):  # every event that has to be durable has been
            os.fsync(self._file)
        os.close(self._file)


def append_event(path: Path, event: Event, t: float) -> None:
    """Add one event to the log of a run that has ended; the caller holds the run's lock."""
    writer = LogWriter(path)
    try:
        writer.append(event, t, durable=True)
    finally:
        writer.close()
