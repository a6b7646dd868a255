"""The limits that a server's owner sets on what is brought into a workspace.

What no setting limits is not limited. Whoever brings too much is told what was found, what is
allowed and what to do next; what was there before stays as it was.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from automl_core.errors import AccessError
from automl_core.files import PEOPLE, workspace
from automl_core.settings import MAX_COLUMNS, MAX_ROWS, MAX_UPLOAD, MAX_WORKSPACE, Setting
from automl_core.words import size

MB = 1e6  # bytes
_MEGABYTES, _NUMBER = "a number of megabytes, such as 500", "a whole number, such as 100000"


@dataclass(frozen=True)
class TableLimits:
    """The largest numbers of rows and columns of a stored table; None: no limit."""

    rows: float | None = None
    columns: float | None = None
    room: Room | None = None  # of the workspace that it comes into

    def check_rows(self, rows: int) -> None:
        """Raises AccessError where a table has more rows than are allowed."""
        _check_number("rows", rows, self.rows, MAX_ROWS)

    def check_columns(self, columns: int) -> None:
        """Raises AccessError where a table has more columns than are allowed."""
        _check_number("columns", columns, self.columns, MAX_COLUMNS)

    def check_bytes(self, written: int) -> None:
        """Raises AccessError where the workspace has no room for so many more bytes."""
        if self.room is not None:
            self.room.check(written, "The table")


@dataclass(frozen=True)
class Room:
    """The bytes that a workspace uses, and the most that it may use."""

    used: int
    most: float

    @property
    def is_full(self) -> bool:
        """True where nothing more may come in."""
        return self.used >= self.most

    def check(self, more: int, what: str) -> None:
        """Raises AccessError where `what`, of so many bytes, does not fit in."""
        if self.used + more > self.most:
            raise AccessError(
                f"{what} does not fit into this workspace: {size(self.used)} of "
                f"{size(self.most)} are taken.",
                "On Runs, delete runs that are not needed, then free the tables that no run "
                f"needs; or ask the owner of this server to raise {MAX_WORKSPACE.name}.",
            )


def table_limits(root: Path) -> TableLimits:
    """The limits of a table that people bring into the workspace `root`.

    Raises SpecError where a setting makes no sense.
    """
    return TableLimits(MAX_ROWS.limit(_NUMBER), MAX_COLUMNS.limit(_NUMBER), room_of(root))


def room_of(root: Path) -> Room | None:
    """The room of a workspace now; None where nothing limits it. Raises as `table_limits`."""
    most = MAX_WORKSPACE.limit(_MEGABYTES)
    return None if most is None else Room(bytes_in(root), most * MB)


def check_room_for_run(root: Path) -> None:
    """Raises AccessError where the workspace is full, so that no run starts in it."""
    room = room_of(root)
    if room is not None and room.is_full:
        room.check(1, "A new run")


def most_uploaded() -> float | None:
    """Bytes that an uploaded file may have; None where no setting limits it.

    Raises SpecError where the setting makes no sense.
    """
    most = MAX_UPLOAD.limit(_MEGABYTES)
    return None if most is None else most * MB


def check_uploads(sizes: Sequence[int], root: Path) -> None:
    """Raises AccessError where one of these files is too large, or the workspace lacks room."""
    most, largest = most_uploaded(), max(sizes, default=0)
    if most is not None and largest > most:
        raise AccessError(
            f"The file has {size(largest)}; up to {size(most)} may be uploaded here.",
            "Pack it, upload a part of its rows, or ask the owner of this server to raise "
            f"{MAX_UPLOAD.name}.",
        )
    if (room := room_of(root)) is not None:
        room.check(sum(sizes), "The file" if len(sizes) == 1 else "What is uploaded")


def bytes_in(root: Path) -> int:
    """The size of all files below a folder; of the server's workspace, without those of people."""
    people = workspace() / PEOPLE
    total, folders = 0, [root]
    while folders:
        with contextlib.suppress(OSError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):  # gone meanwhile
                    if not entry.is_dir(follow_symlinks=False):
                        total += entry.stat(follow_symlinks=False).st_size
                    elif Path(entry.path) != people:
                        folders.append(Path(entry.path))
    return total


def _check_number(what: str, found: int, most: float | None, setting: Setting) -> None:
    if most is not None and found > most:
        raise AccessError(
            f"The table has more than the {most:,.0f} {what} that are allowed here.",
            f"Give it fewer {what}, or ask the owner of this server to raise {setting.name}.",
        )
