"""The runs that come before one that waits: a file in its folder, for readers in any process.

The process that has the run in its queue writes it whenever the order changes. Void, as the wait
itself, once nobody holds the run's lock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from automl_core.files import dump_json, write_atomic
from automl_core.records import RecordError, from_plain, parse_json, to_plain

AHEAD_FILE = ".ahead.json"


@dataclass(frozen=True)
class RunAhead:
    """A run that comes before another."""

    path: str  # of its folder
    seconds: float | None  # of its budget when it starts; None: that is a number of trials


@dataclass(frozen=True)
class _RunsAhead:
    runs: tuple[RunAhead, ...]  # in their order, the one at work first
    format_version: int = 1


def save_runs_ahead(run: Path, ahead: Sequence[RunAhead]) -> None:
    """Say in the folder of a run that waits which runs come first. Raises StorageError."""
    data = dump_json(to_plain(_RunsAhead(tuple(ahead))))
    write_atomic(run / AHEAD_FILE, data, durable=False)


def load_runs_ahead(run: Path) -> tuple[RunAhead, ...] | None:
    """The runs that come before this one; None where nobody says so, or the file is damaged."""
    try:
        return from_plain(_RunsAhead, parse_json((run / AHEAD_FILE).read_bytes())).runs
    except (OSError, RecordError):
        return None


def forget_runs_ahead(run: Path) -> None:
    """Take the file away, where there is one: the run starts, or waits no more."""
    (run / AHEAD_FILE).unlink(missing_ok=True)
