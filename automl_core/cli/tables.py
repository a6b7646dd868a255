"""Reading and writing the files that a command line names."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from automl_core.errors import AutoMLError, TableError
from automl_core.files import write_atomic
from automl_core.runs.reading_line import shown_progress
from automl_core.table.precedent import Precedent
from automl_core.table.read import ReadSettings, read_file


def read_path(path: Path, precedent: Precedent | None = None) -> tuple[pa.Table, ReadSettings]:
    """The table in this file, and how it was read; `precedent` settles what it leaves in doubt.

    Raises TableError where it is not there or cannot be read.
    """
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise TableError(f"{str(path)!r} {what}.", "Give the name of a file with a table.")
    with shown_progress(path) as report:
        return read_file(path, path.name, report=report, precedent=precedent)


def write_path(path: Path, data: bytes) -> None:
    """Write a whole file; AutoMLError in words where that is not possible."""
    try:
        write_atomic(path, data)
    except OSError as error:
        reason = error.strerror or str(error)
        raise AutoMLError(
            f"{str(path)!r} cannot be written: {reason}.", "Choose another --out."
        ) from error
