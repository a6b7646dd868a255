"""Checksums of the files of a run folder: written before each file, verified when it is read.

    checksums.jsonl    a line a file: {"file":"trials/3/oof.npz","bytes":512,"blake2b":"..."}

A file that is written again gets another line. Any of its lines will do, so that a crash between
line and file leaves the file that was there valid. A file without a line is read as it is: runs of
version 0.5.0 have none, and of a later run the reader says what cannot be verified.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

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


class _Known(NamedTuple):
    """What the file said when it was read last."""

    read_at: tuple[int, int]  # its size and time
    lines: Mapping[str, set[_Line]]  # by file


class Checksums:
    """The checksums of one folder. Any thread may ask."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._path = folder, folder / FILE
        self._known = _Known((-1, -1), {})

    def add(self, files: Files) -> None:
        """Note what is about to be written; names are relative to the folder.

        Raises StorageError.
        """
        lines = b"".join(_encoder.encode(_line(n, data)) + b"\n" for n, data in files.items())
        with storage_errors(self._path):
            length = self._path.stat().st_size if self._path.exists() else 0
            try:
                with self._path.open("ab") as file:
                    if not self._is_whole(length):  # a crash tore the last line
                        file.write(b"\n")
                    file.write(lines)
            except OSError:
                if self._path.exists():
                    os.truncate(self._path, length)  # a part of a line would spoil the next one
                raise

    def _is_whole(self, length: int) -> bool:
        """The last line of the file, of so many bytes, has its end."""
        if not length:
            return True
        with self._path.open("rb") as file:
            file.seek(length - 1)
            return file.read(1) == b"\n"

    def verify(self, name: str, data: bytes) -> None:
        """RunError where the file has checksums, and `data` fits none of them."""
        lines = self._lines().get(name)
        if lines is not None and _line(name, data) not in lines:
            raise RunError(
                f"{name} of the run in {self._folder} is damaged: its checksum is another."
            )

    def below(self, prefix: str) -> set[str]:
        """Names of the files that were written below a folder."""
        return {name for name in self._lines() if name.startswith(prefix)}

    def _lines(self) -> Mapping[str, set[_Line]]:
        """The lines by file; where the file is gone, those that were there before."""
        known = self._known
        try:
            stat = self._path.stat()
            read_at = (stat.st_size, stat.st_mtime_ns)
            if read_at == known.read_at:
                return known.lines
            content = self._path.read_bytes()
        except FileNotFoundError:
            return known.lines
        except OSError as error:
            raise RunError(f"{self._path} cannot be read: {error.strerror}.") from error
        lines: dict[str, set[_Line]] = {}
        for text in content.split(b"\n"):
            with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError):  # a damaged line
                line = _decoder.decode(text)
                lines.setdefault(line.file, set()).add(line)
        self._known = _Known(read_at, lines)  # at once: another thread may be asking
        return lines


def _line(name: str, data: bytes) -> _Line:
    return _Line(name, len(data), hashlib.blake2b(data, digest_size=16).hexdigest())
