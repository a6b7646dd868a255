"""Checksums of the files of a run folder: written before each file, verified when it is read.

    checksums.jsonl    a line a file: {"file":"trials/3/oof.npz","bytes":512,"blake2b":"..."}

A file that is written again gets another line. Any of its lines will do, so that a crash between
line and file leaves the file that was there valid. Runs of version 0.5.0 have no checksums, and
are read as they are.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import msgspec

from automl_core.errors import RunError
from automl_core.files import storage_errors
from automl_core.types import Files

FILE = "checksums.jsonl"


class _Line(msgspec.Struct, frozen=True):
    file: str
    bytes: int
    blake2b: str


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(_Line)


class Checksums:
    """The checksums of one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._path = folder, folder / FILE
        self._read_at = (-1, -1)  # size and time of the file when it was read
        self._lines: dict[str, set[_Line]] = {}
        self._unread = 0  # damaged lines

    def add(self, files: Files) -> None:
        """Note what is about to be written; names are relative to the folder.

        Raises StorageError.
        """
        lines = b"".join(_encoder.encode(_line(n, data)) + b"\n" for n, data in files.items())
        with storage_errors(self._path):
            length = self._path.stat().st_size if self._path.exists() else 0
            try:
                with self._path.open("ab") as file:
                    file.write(lines)
            except OSError:
                if self._path.exists():
                    os.truncate(self._path, length)  # a part of a line would spoil the next one
                raise

    def verify(self, name: str, data: bytes) -> None:
        """RunError where the file has checksums, and `data` fits none of them."""
        self._refresh()
        lines = self._lines.get(name)
        if lines is None and not self._unread:
            return
        if lines is None:
            raise RunError(
                f"{name} of the run in {self._folder} cannot be verified: its checksum is damaged."
            )
        if _line(name, data) not in lines:
            raise RunError(
                f"{name} of the run in {self._folder} is damaged: its checksum is another."
            )

    def below(self, prefix: str) -> set[str]:
        """Names of the files that were written below a folder."""
        self._refresh()
        return {name for name in self._lines if name.startswith(prefix)}

    def _refresh(self) -> None:
        try:
            stat = self._path.stat()
            if (stat.st_size, stat.st_mtime_ns) == self._read_at:
                return
            content = self._path.read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            raise RunError(f"{self._path} cannot be read: {error.strerror}.") from error
        self._read_at = (stat.st_size, stat.st_mtime_ns)
        self._lines, self._unread = {}, 0
        for text in content.split(b"\n"):
            try:
                line = _decoder.decode(text)
                self._lines.setdefault(line.file, set()).add(line)
            except (msgspec.MsgspecError, UnicodeDecodeError):
                self._unread += bool(text)


def _line(name: str, data: bytes) -> _Line:
    return _Line(name, len(data), hashlib.blake2b(data, digest_size=16).hexdigest())
