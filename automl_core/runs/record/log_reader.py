"""Reads a run's event log: what is sound, in its order, and how much is not.

A damaged line costs itself only. Each line has its number, so that a line that is missing, there
twice or in another place is told apart from one that is still being written.
"""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from automl_core.errors import RunError
from automl_core.runs.record.log import Entry, decode_line

_TAIL = 64  # bytes; the checksum and the number of the last record are among them
_BEGIN = re.compile(rb'\{"v":\d+,"seq":')
_END = re.compile(rb',"crc":"[0-9a-f]{8}"\}')  # quotes in a text of an event are escaped


@dataclass(frozen=True)
class LogDamage:
    """What a log lacks."""

    lost: int = 0  # records that are missing, or cannot be read
    written: int = 0  # records that were written, as far as their numbers tell
    repeated: int = 0  # whole records that are there more than once; nothing is lost by them


class LogReader:
    """Reads on from where it stopped; never blocks the writer."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._next = 0  # the number of the record that should come next
        self._taken = self._repeated = 0
        self._unread = False  # damaged lines since the last record
        self._tail = b""  # the last bytes before the offset

    @property
    def damage(self) -> LogDamage:
        """What is lost of the lines that were read."""
        written = self._next + self._unread
        return LogDamage(written - self._taken, written, self._repeated)

    def read(self) -> list[Entry]:
        """Events that were written since the last call, in order; [] where there are none.

        Raises RunError where the log cannot be read at all, or is of a newer version.
        """
        data, before = self._unread_bytes(), self._offset
        found = list(self._records(data))
        if read := self._offset - before:
            self._tail = (self._tail + data[max(0, read - _TAIL) : read])[-_TAIL:]
        if any(later.seq <= entry.seq for entry, later in itertools.pairwise(found)):
            found.sort(key=lambda entry: entry.seq)  # lines have changed their places
        entries = []
        for entry in found:
            if entry.seq < self._next:
                self._repeated += 1
                continue
            entries.append(entry)
            self._next = entry.seq + 1
        self._taken += len(entries)
        return entries

    def is_same(self) -> bool:
        """False where another log lies there now than the one that was read so far."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset - len(self._tail))
                return file.read(len(self._tail)) == self._tail
        except OSError:
            return False

    def _unread_bytes(self) -> bytes:
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                return file.read()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise RunError(f"The log of the run cannot be read: {error.strerror}.") from error

    def _records(self, data: bytes) -> Iterator[Entry]:
        """The sound records of these bytes, which are what follows the last call's."""
        for line in io.BytesIO(data):
            entry = decode_line(line)
            if entry is not None:
                self._offset += len(line)
                self._unread = False
                yield entry
                continue
            begin = self._offset
            if line.endswith(b"\n"):  # else it is being written, or torn: wait for its end
                self._offset += len(line)
                self._unread = self._unread or bool(line.strip())
            for end, entry in _whole_records(line):
                self._offset = max(self._offset, begin + end)
                self._unread = False
                yield entry


def _whole_records(line: bytes) -> Iterator[tuple[int, Entry]]:
    """Sound records within a damaged line, such as one without its line break: end, entry."""
    for begin in _BEGIN.finditer(line):
        end = _END.search(line, begin.end())
        if end and (entry := decode_line(line[begin.start() : end.end()] + b"\n")) is not None:
            yield end.end(), entry
