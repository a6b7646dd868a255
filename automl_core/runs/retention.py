"""The rule for what of a workspace may be removed: tables, uploads and vectors that nobody needs.

Removed may be, once nobody has used it for `keep_days()` days (30, or TORCHLIGHT_KEEP_DAYS):

    tables/<hash>.*     a table that no run of the workspace was trained or tested on
    uploads/<id>        an upload that no table which stays came from
    sentences/*.npy     vectors of texts, which are computed again where they are missed

Where a setting limits the size of a workspace, whoever has it may remove these at any time but for
what was used in the last minutes: a full workspace is emptied by hand.

Nothing is removed while a run starts, nor while a run's settings cannot be read: nobody knows then
what it needs. Used means opened, stored, or named at the start of a run. Run folders elsewhere are
not known here; what they were trained on counts by its last use.
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from automl_core.errors import AutoMLError, RunError
from automl_core.limits import Room, room_of
from automl_core.runs.library import runs_folder
from automl_core.runs.record import is_held
from automl_core.settings import KEEP_DAYS
from automl_core.table import load_info

DAY = 86_400.0  # seconds
_HASH = re.compile(rb"\b[0-9a-f]{32}\b")
_JUST_NOW = 600.0  # seconds for which nothing is removed that was used
_PATIENCE = 10.0  # seconds that a start waits for a removal, and the other way round


@dataclass(frozen=True)
class Space:
    """What a workspace holds beside its runs."""

    used: int  # bytes of tables, uploads and vectors
    unneeded: tuple[Path, ...]  # files that may be removed
    freeable: int  # bytes of them
    blocked: str = ""  # why nothing may be removed now, for people; "": it may
    room: Room | None = None  # of the whole workspace, its runs too; None: nothing limits it


def keep_days() -> float:
    """Days that unused files are kept. Raises SpecError where the setting is no such number."""
    return KEEP_DAYS.number(30.0, "a number of days, such as 30")


@contextmanager
def nothing_removed(root: Path) -> Iterator[None]:
    """Nothing is removed within: for the start of a run, until its folder names its table."""
    root.mkdir(parents=True, exist_ok=True)
    lock = FileLock(root / "retention.lock", timeout=_PATIENCE, thread_local=False)
    try:
        lock.acquire()
    except Timeout as error:
        raise RunError("Files of the workspace are in use.", "Try again in a moment.") from error
    try:
        yield
    finally:
        lock.release()


def mark_used(table: str, root: Path) -> None:
    """Note that a table is used now; also where the disk does not note who reads."""
    path = root / "tables" / f"{table}.arrow"
    with contextlib.suppress(OSError):  # of a workspace that may only be read nothing is removed
        os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns))


def look_at_space(root: Path) -> Space:
    """What is used, and what of it may be removed. Raises SpecError for a wrong setting."""
    room = room_of(root)
    before = time.time() - _kept_seconds(room)
    files = {name: _files(root / name) for name in ("tables", "uploads", "sentences")}
    used = sum(size for found in files.values() for size, _ in found.values())
    needed = _needed(root)
    if needed is None:
        blocked = (
            "Nothing can be freed while the settings of a run cannot be read: put its folder back "
            "from a copy, or delete it."
        )
        return Space(used, (), 0, blocked, room)
    hashes = {path.name.split(".")[0] for path in files["tables"]}
    old = {h for h in hashes - needed if _last_use(h, files["tables"]) < before}
    uploads = _uploads_of(hashes - old, root)
    unneeded = [path for path in files["tables"] if path.name.split(".")[0] in old]
    for path, (_, last) in files["uploads"].items():
        if path.name not in uploads and last < before:
            unneeded.append(path)
    if not _active(root):
        unneeded += [path for path, (_, last) in files["sentences"].items() if last < before]
    sizes = {path: size for found in files.values() for path, (size, _) in found.items()}
    return Space(used, tuple(unneeded), sum(sizes[path] for path in unneeded), room=room)


def _kept_seconds(room: Room | None) -> float:
    """Seconds for which nothing is removed that was used."""
    return keep_days() * DAY if room is None else min(keep_days() * DAY, _JUST_NOW)


def free_space(root: Path) -> int:
    """Remove what the rule allows now; the bytes that were freed.

    Raises RunError while a run is being started, or where the disk refuses.
    """
    with nothing_removed(root):  # no start, and no other removal
        space, freed = look_at_space(root), 0
        before = time.time() - _kept_seconds(space.room)
        for path in space.unneeded:
            try:
                stat = path.stat()
                if _used(path.name, stat) >= before:  # stored or opened just now
                    continue
                path.unlink()
                freed += stat.st_size
            except FileNotFoundError:
                continue
            except OSError as error:
                raise RunError(
                    f"A file could not be removed: {error.strerror}.",
                    "Check that the program may write in its workspace.",
                ) from error
    return freed


def _files(folder: Path) -> dict[Path, tuple[int, float]]:
    """Size and last use of each file; temporary ones belong to whoever writes them."""
    found = {}
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        for entry in os.scandir(folder):
            with contextlib.suppress(FileNotFoundError):  # gone meanwhile
                if entry.is_file(follow_symlinks=False) and not entry.name.startswith("."):
                    stat = entry.stat(follow_symlinks=False)
                    found[Path(entry.path)] = stat.st_size, _used(entry.name, stat)
    return found


def _used(name: str, stat: os.stat_result) -> float:
    """When a file was last written or opened; what is known of a table is opened by this rule."""
    return stat.st_mtime if name.endswith(".json") else max(stat.st_mtime, stat.st_atime)


def _last_use(table: str, files: dict[Path, tuple[int, float]]) -> float:
    """When a table, or what is known of it, was last used."""
    return max(last for path, (_, last) in files.items() if path.name.split(".")[0] == table)


def _needed(root: Path) -> set[str] | None:
    """Hashes that the runs' settings name, damaged ones too; None where one cannot be read."""
    found: set[str] = set()
    try:
        runs = [path for path in runs_folder(root).iterdir() if path.is_dir()]
        for run in runs:
            with contextlib.suppress(FileNotFoundError):
                found |= {h.decode() for h in _HASH.findall((run / "spec.json").read_bytes())}
    except FileNotFoundError:
        return found  # there are no runs
    except OSError:
        return None
    return found


def _uploads_of(tables: set[str], root: Path) -> set[str]:
    """The uploads that these tables came from."""
    found = set()
    for table in tables:
        with contextlib.suppress(AutoMLError):  # nothing is known of it
            found.add(load_info(table, root).upload)
    return found


def _active(root: Path) -> bool:
    """True while a run of the workspace is going on, in any process."""
    folder = runs_folder(root)
    return folder.is_dir() and any(is_held(path) for path in folder.iterdir() if path.is_dir())
