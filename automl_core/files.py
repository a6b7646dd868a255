"""Files that are whole or absent: temporary name, flush, rename. What goes wrong is said in words.

Knows nothing about what is in them.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from automl_core.errors import StorageError
from automl_core.records import indented
from automl_core.settings import WORKSPACE

REPLACE_SECONDS = 1.0  # Windows refuses to replace a file while a reader has it open

_FULL = (errno.ENOSPC, errno.EDQUOT)


def write_atomic(path: Path, data: bytes, durable: bool = True) -> None:
    """Write `data` so that `path` either has all of it or what it had before.

    The folder of `path` must be there: who writes into a folder that was moved or deleted should
    hear of it. `durable` waits until the disk has the file. Raises StorageError.
    """
    with atomic_file(path, durable) as file:
        file.write(data)


@contextmanager
def atomic_file(path: Path, durable: bool = True) -> Iterator[BinaryIO]:
    """A file to be written piece by piece, which is at `path` once all of it is written.

    Where the body raises, `path` has what it had before. Else as `write_atomic`.
    """
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.tmp")
    with storage_errors(path):
        try:
            with temporary.open("wb") as file:
                yield file
                file.flush()
                if durable:
                    os.fsync(file.fileno())
            replace(temporary, path)
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
        if durable:
            sync_folder(path.parent)


def replace(temporary: Path, path: Path) -> None:
    """Rename a file that is written and closed, over `path` where that is there.

    On Windows a file that is open cannot be replaced: readers get a moment to close it.
    """
    until = time.monotonic() + (REPLACE_SECONDS if os.name == "nt" else 0.0)
    while True:
        try:
            temporary.replace(path)
        except PermissionError:
            if time.monotonic() >= until:
                raise
            time.sleep(0.02)
        else:
            return


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the names in a folder, where the system can do that."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some network file systems cannot
            os.fsync(handle)
    finally:
        os.close(handle)


def sync_below(folder: Path) -> None:
    """Wait until the disk has all files below a folder, and their names. Raises StorageError."""
    with storage_errors(folder):
        for path in [folder, *folder.rglob("*")]:
            if path.is_dir():
                sync_folder(path)
            else:
                with path.open("rb+") as file:
                    os.fsync(file.fileno())


def make_folder(path: Path) -> None:
    """Make a folder with its parents, where it is not there. Raises StorageError."""
    with storage_errors(path):
        path.mkdir(parents=True, exist_ok=True)


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn an OSError of writing `path` into a StorageError, in words."""
    try:
        yield
    except OSError as error:
        raise storage_error(error, path) from error


def storage_error(error: OSError, path: Path) -> StorageError:
    """What kept `path` from being written, and what to do about it, in words."""
    if error.errno in _FULL:
        return StorageError(
            f"No space is left on the disk: {path} could not be written.",
            "Free some space, then try again.",
        )
    if error.errno == errno.EROFS:
        return StorageError(
            f"{path} could not be written: the disk is read-only.", "Choose another folder."
        )
    if isinstance(error, PermissionError):
        return StorageError(
            f"{path} could not be written: there is no permission.", "Choose another folder."
        )
    if isinstance(error, FileNotFoundError):
        return StorageError(
            f"{path} could not be written: the folder {path.parent} is not there.",
            "Was it moved or deleted?",
        )
    words = error.strerror or type(error).__name__
    return StorageError(f"{path} could not be written: {words}.", "Choose another folder.")


def as_storage_error(error: BaseException) -> StorageError | None:
    """The error in words, where the disk is full or read-only; None for any other."""
    if not isinstance(error, OSError) or error.errno not in (*_FULL, errno.EROFS):
        return None
    return storage_error(error, Path(error.filename or "a file of the workspace"))


@contextmanager
def scratch_folder(root: Path) -> Iterator[Path]:
    """A folder for files that are needed for a moment; it is gone afterwards.

    In the workspace `root`, which has room for tables; where that cannot be written, in the
    system's own folder for such files. A workspace that was not there before is gone, too.
    """
    folder, prefix, new = root / "scratch", "torchlight-", not root.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        made = tempfile.TemporaryDirectory(None, prefix, folder, ignore_cleanup_errors=True)
    except OSError:
        made = tempfile.TemporaryDirectory(None, prefix, ignore_cleanup_errors=True)
    try:
        with made as name:
            yield Path(name)
    finally:
        if new:
            with contextlib.suppress(OSError):  # by now it has other files
                folder.rmdir()
                root.rmdir()


def dump_json(plain: Any) -> bytes:
    """UTF-8 JSON with stable key order, readable by people; NaN and infinity are refused."""
    # with an indent json is slower by far, which counts where columns are many
    return indented(json.dumps(plain, ensure_ascii=False, allow_nan=False).encode())


def workspace() -> Path:
    """The folder that holds tables, uploads and runs (`TORCHLIGHT_WORKSPACE`, `./workspace`)."""
    return Path(WORKSPACE.text() or "workspace").resolve()


PEOPLE = "users"
"""Folder of the workspace in which each person who signs in has a workspace of their own."""


def workspace_of(path: Path) -> Path:
    """The workspace that a file or folder lies in: a person's own, else the server's.

    The server's also for what lies elsewhere.
    """
    root, path = workspace(), Path(os.path.abspath(path))
    inside = path.relative_to(root).parts if path.is_relative_to(root) else ()
    return root / PEOPLE / inside[1] if inside[:1] == (PEOPLE,) and inside[1:] else root


def is_of_people(path: Path) -> bool:
    """True where a path, with its links followed, leads into the workspaces of people."""
    return path.resolve().is_relative_to(workspace() / PEOPLE)
