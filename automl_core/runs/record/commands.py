"""Commands to a run, from any process, as files in its inbox/; and the lock of a run.

Knows nothing about what a command does.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from automl_core.errors import RunError
from automl_core.files import dump_json, storage_errors, write_atomic

QUEUED = ".queued"
"""Lies in the folder of a run from the wish that it go on until it does; void without the lock."""


def send_command(run: Path, name: str, argument: str = "") -> None:
    """Put a command into the run's inbox; its coordinator takes it within a second.

    Raises StorageError where the run's folder is gone, or cannot be written.
    """
    with storage_errors(run / "inbox"):
        (run / "inbox").mkdir(exist_ok=True)
    file = f"{time.time_ns():020d}-{uuid.uuid4().hex[:8]}.json"
    write_atomic(run / "inbox" / file, dump_json({"name": name, "argument": argument}))


def take_commands(run: Path) -> list[tuple[str, str]]:
    """(name, argument) in the order they were sent; removed. Damaged ones are dropped."""
    commands = []
    for path in sorted((run / "inbox").glob("*.json")):
        try:
            plain = json.loads(path.read_bytes())
            commands.append((str(plain["name"]), str(plain["argument"])))
        except (ValueError, KeyError, TypeError):
            pass
        path.unlink(missing_ok=True)
    return commands


def hold(run: Path) -> FileLock:
    """The lock of a run, which its coordinator acquires, from any thread, before the run starts.

    Acquiring raises filelock.Timeout where another process holds it.
    """
    return FileLock(run / "lock", timeout=2, thread_local=False)


@contextmanager
def held(run: Path, otherwise: str = "") -> Iterator[None]:
    """Hold the lock of a run; RunError where another process was faster, `otherwise` its words."""
    lock = hold(run)
    try:
        lock.acquire()
    except Timeout as error:
        if otherwise:
            raise RunError(otherwise, "Try again in a moment.") from error
        raise RunError(f"There is a run in {run} already.", "Choose another folder.") from error
    try:
        yield
    finally:
        lock.release()


def is_held(run: Path) -> bool:
    """A coordinator, in any process, holds the lock of this run."""
    lock = run / "lock"
    if not (run / "spec.json").is_file() or not lock.is_file():  # asking makes no file
        return False
    try:
        with FileLock(lock, timeout=0):
            return False
    except Timeout:
        return True
    except OSError:  # a copy that cannot be written to: nobody writes a run there
        return False


def mark_queued(run: Path) -> None:
    """Say that a run which is over goes on as soon as it can; the caller holds its lock.

    Commands that nobody took any more are void: they were for the part that is over. Raises
    StorageError where the run's folder cannot be written.
    """
    with storage_errors(run / QUEUED):
        take_commands(run)
        (run / QUEUED).touch()


def waits_to_go_on(run: Path) -> bool:
    """A process has a run that is over in its queue, and its log says nothing of that yet."""
    return (run / QUEUED).is_file() and is_held(run)
