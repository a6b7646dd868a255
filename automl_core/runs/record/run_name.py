"""The name that a person gave a run: a file of its own in the run's folder.

Anyone may write it at any time, also while the run goes on, so it has no checksum.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from automl_core.errors import RunError
from automl_core.files import dump_json, write_atomic
from automl_core.records import RecordError, from_plain, parse_json, to_plain

NAME_FILE = "name.json"
LONGEST_NAME = 80  # characters


@dataclass(frozen=True)
class _RunName:
    name: str
    format_version: int = 1


def load_name(run: Path) -> str:
    """The name of the run in this folder, on one line; "" where it has none, or it is damaged."""
    try:
        return _clean(from_plain(_RunName, parse_json((run / NAME_FILE).read_bytes())).name)
    except (OSError, RecordError):
        return ""


def save_name(run: Path, name: str) -> None:
    """Name the run in this folder; "" takes its name away.

    Raises RunError where the name is too long, StorageError where it cannot be written.
    """
    clean = " ".join(name.split())
    if len(clean) > LONGEST_NAME:
        raise RunError(
            f"The name has {len(clean)} characters.", f"A run's name has {LONGEST_NAME} at most."
        )
    write_atomic(run / NAME_FILE, dump_json(to_plain(_RunName(clean))))


def _clean(name: str) -> str:
    """What anyone may have written there, fit to be shown."""
    return " ".join("".join(c if c.isprintable() else " " for c in name).split())[:LONGEST_NAME]
