"""Runs as they are now, for all threads of the process: each log is read once, by one reader.

A reader goes on where it stopped. The runs that were asked for last are kept.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from automl_core.errors import RunError
from automl_core.runs.record import RunFolder, RunReader, RunSpec, RunState

MOST_RUNS = 16

Stamp = tuple[int, int, int]
"""Of a file: which it is, its size, and when it last changed."""

_NO_FILE: Stamp = (0, 0, 0)


@dataclass(frozen=True, eq=False)
class RunSnapshot:
    """A run at one moment; what happens later does not change it."""

    folder: RunFolder
    spec: RunSpec
    state: RunState


class RunSnapshots:
    """The latest snapshots of up to `most` runs. Any thread may ask."""

    def __init__(self, most: int = MOST_RUNS) -> None:
        self._most = most
        self._changing = threading.Lock()
        self._runs: OrderedDict[Path, _SharedReader] = OrderedDict()

    def take(self, path: Path) -> RunSnapshot:
        """The run in this folder as it is now. Raises RunError where it cannot be read."""
        with self._changing:
            shared = self._runs.setdefault(path, _SharedReader(path))
            self._runs.move_to_end(path)
            while len(self._runs) > self._most:
                self._runs.popitem(last=False)
        return shared.take()


class _SharedReader:
    """One run: threads that ask at the same time wait for the one that reads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reading = threading.Lock()
        self._reader: RunReader | None = None
        self._spec = self._log = _NO_FILE  # as they were before the last look
        self._snapshot: RunSnapshot | None = None

    def take(self) -> RunSnapshot:
        with self._reading:
            spec, log = stamp(self._path / "spec.json"), stamp(self._path / "events.jsonl")
            grown = log != self._log
            if spec != self._spec or (grown and not self._has_grown(log)):
                self._reader = self._snapshot = None
            self._spec, self._log = spec, log
            if self._reader is None:
                self._reader = RunReader(RunFolder(self._path))
            known = self._snapshot
            if known is not None and not grown and not known.state.status.active:
                return known
            folder, its_spec = self._reader.folder, self._reader.spec
            self._snapshot = RunSnapshot(folder, its_spec, self._reader.refresh().snapshot())
            return self._snapshot

    def _has_grown(self, log: Stamp) -> bool:
        """True where a log that has changed goes on from what was read of it."""
        if self._log == _NO_FILE or self._reader is None:
            return True
        same_file_longer = self._log[0] == log[0] and self._log[1] < log[1]
        return same_file_longer and self._reader.is_same_log()


def stamp(path: Path) -> Stamp:
    """The stamp of a file; zeros where there is none."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return _NO_FILE
    except OSError as error:
        raise RunError(f"{path} cannot be read: {error.strerror}.") from error
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


_shared = RunSnapshots()


def take_snapshot(path: Path) -> RunSnapshot:
    """The run in this folder as it is now, for any thread.

    Raises RunError where it cannot be read.
    """
    return _shared.take(path)
