"""Reading and writing the files that a command line names."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from automl_core.cli.progress_line import shown_progress
from automl_core.errors import TableError
from automl_core.files import make_folder, scratch_folder, workspace, write_atomic
from automl_core.runs.setup import refuse_options, source_of, store_source
from automl_core.table import SourceFormat, TableInfo, open_table
from automl_core.table.reading import ReadSettings, is_address, read_file


def read_path(
    path: Path, source_format: SourceFormat | None = None
) -> tuple[pa.Table, ReadSettings]:
    """The table in this file, and how it was read; `source_format` decides what it leaves in doubt.

    Raises TableError where it is not there or cannot be read.
    """
    _refuse_absent(path)
    with shown_progress(path) as report:
        return read_file(path, path.name, report=report, source_format=source_format)


def _refuse_absent(path: Path) -> None:
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise TableError(f"{str(path)!r} {what}.", "Give the name of a file with a table.")


@contextmanager
def opened_table(
    word: str, query: str | None, source_format: SourceFormat | None = None
) -> Iterator[tuple[pa.Table, ReadSettings]]:
    """The table in a file, or a database's answer, which is gone from the disk afterwards; and
    how it was read.

    Raises TableError where it cannot be read, SpecError where a query has no database to ask.
    """
    if query is None and not is_address(word):
        yield read_path(Path(word), source_format)
        return
    source = source_of([word], query)
    refuse_options(source_format)
    with tempfile.TemporaryDirectory(prefix="torchlight-") as folder:
        root = Path(folder)
        yield (
            open_table(store_source(source, root).hash, root),
            ReadSettings("parquet"),
        )  # typed already


@contextmanager
def stored_table(
    word: str, query: str | None, source_format: SourceFormat | None = None
) -> Iterator[tuple[Path, TableInfo]]:
    """The table in a file, or a database's answer, in a store that is gone afterwards.

    Read without all of it being in memory. Gives the store's root and the facts of the table.
    Raises TableError where it cannot be read, SpecError where a query has no database to ask.
    """
    if query is None and not is_address(word):
        _refuse_absent(Path(word))
    source = source_of([word], query)
    with scratch_folder(workspace()) as root:
        with shown_progress(Path(word)) as report:
            info = store_source(source, root, report, source_format)
        yield root, info


def write_path(path: Path, data: bytes) -> None:
    """Write a whole file; StorageError in words where that is not possible."""
    make_folder(path.parent)
    write_atomic(path, data)
