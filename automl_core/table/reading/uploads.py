"""Uploaded files on our disk, under names of ours, and files that lie on the server.

Knows nothing of tables. The name a user gives is kept for showing only.
"""

from __future__ import annotations

import os
import re
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from automl_core.errors import TableError
from automl_core.files import is_of_people
from automl_core.limits import check_uploads

_CHUNK = 4 * 2**20
_ID = re.compile(r"[0-9a-f]{32}")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True)
class Upload:
    """A file that was copied into the workspace."""

    id: str
    name: str  # for showing; never used as a path
    bytes: int


def save_upload(source: BinaryIO, name: str, root: Path) -> Upload:
    """Copy `source` from its start to `root`/uploads/<id>, chunk by chunk.

    Raises AccessError, with nothing left, where it is larger than is allowed.
    """
    check_uploads([source.seek(0, os.SEEK_END)], root)
    folder = root / "uploads"
    folder.mkdir(parents=True, exist_ok=True)
    id = uuid.uuid4().hex
    path, temporary = folder / id, folder / f".{id}.tmp"
    source.seek(0)
    size = 0
    try:
        with temporary.open("xb") as file:
            while chunk := source.read(_CHUNK):
                size += file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return Upload(id, shown_name(name), size)


def upload_path(id: str, root: Path) -> Path:
    """The path of an upload; raises TableError for an unknown or malformed id."""
    path = root / "uploads" / id if _ID.fullmatch(id) else None
    if path is None or not path.is_file():
        raise TableError("The uploaded file is no longer here.", "Upload it again.")
    return path


def shown_name(name: str) -> str:
    """A file's name for people: its last part, without control characters, at most 120 long."""
    last = re.split(r"[/\\]", _UNPRINTABLE.sub("", name))[-1].strip()
    return last[-120:] or "table"


def open_server_path(text: str, roots: tuple[Path, ...] | None) -> Path:
    """The file that a user named, if it lies below one of `roots` (None: anywhere).

    Links are followed before the check. Outside the roots nothing is said about what exists.
    """
    try:
        path = Path(text.strip()).expanduser().resolve()
        allowed = roots is None or any(path.is_relative_to(root.resolve()) for root in roots)
        if not text.strip() or not allowed or (roots is not None and is_of_people(path)):
            raise TableError(
                f"{text[:200]!r} is not in a folder that may be opened here.",
                "Upload the file instead, or ask the server's owner to allow its folder.",
            )
        if path.is_file():
            return path
    except (OSError, ValueError, RuntimeError):  # names that no file can have, loops, no home
        pass
    raise TableError(f"There is no file {text[:200]!r} on the server.", "Check the path.")
