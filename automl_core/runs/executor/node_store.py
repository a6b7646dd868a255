"""The tables that workers of a node read: pieces that travelled through the cluster, put together.

    <root>/tables/                 as in a workspace
    <root>/.in-use                 locked by each worker that reads here

All workers of a node share one folder; the last one removes it. What killed workers left is removed
by the next ones.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import uuid
from pathlib import Path
from typing import BinaryIO

from automl_core.runs.executor.cluster_data import NODE_FOLDER


class NodeStore:
    """The folder of one session on this node, for one worker of it."""

    def __init__(self, root: Path) -> None:
        self._root = root
        _remove_left(root)
        self._lock = _held_folder(root)
        self._writing: BinaryIO | None = None
        self._temporary = root / "tables" / f".{uuid.uuid4().hex}.tmp"

    def add(self, name: str, piece: bytes, number: int, count: int) -> None:
        """Piece `number` of `count` of a table's file; they come in their order.

        Raises ValueError where cells are not those of the hash that the name has.
        """
        path = self._root / "tables" / Path(name).name
        if number == 0:
            self._writing = None if path.is_file() else self._temporary.open("wb")
        if self._writing is None:  # another worker of this node was faster
            return
        self._writing.write(piece)
        if number + 1 == count:
            self._writing.close()
            self._writing = None
            if path.suffix == ".arrow" and _hash_of(self._temporary) != path.stem:
                self._temporary.unlink()
                raise ValueError(f"table {path.stem} arrived damaged")
            os.replace(self._temporary, path)

    def close(self) -> None:
        """Leave the folder; it is removed where no other worker reads there."""
        self._lock.close()
        _remove_unused(self._root)


def _hash_of(path: Path) -> str:
    """The hash that names a file of cells."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def _held_folder(root: Path) -> BinaryIO:
    """The lock of the folder, held as one of many; the folder is made where it is not there."""
    while True:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        (root / "tables").mkdir(exist_ok=True)
        lock = (root / ".in-use").open("ab")
        fcntl.flock(lock, fcntl.LOCK_SH)
        with contextlib.suppress(OSError):  # the last one before has removed it meanwhile
            if os.path.samestat(os.fstat(lock.fileno()), (root / ".in-use").stat()):
                return lock
        lock.close()


def _remove_left(root: Path) -> None:
    """Remove the folders of sessions of which no worker is left."""
    for folder in root.parent.glob(f"{NODE_FOLDER}*"):
        if folder != root:
            _remove_unused(folder)


def _remove_unused(folder: Path) -> None:
    with contextlib.suppress(OSError), (folder / ".in-use").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # OSError: somebody reads there
        shutil.rmtree(folder)
