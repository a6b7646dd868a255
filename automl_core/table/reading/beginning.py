"""The first rows of a file, read as the settings say: what a setting would make of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from automl_core.files import scratch_folder, workspace
from automl_core.table import MemorySink, Meter, clean_names
from automl_core.table.reading.formats import FORMATS, Reading
from automl_core.table.reading.settings import ReadSettings

_BYTES = 2**17
_TEXT = ("csv", "jsonl")


def first_rows(path: Path, settings: ReadSettings, rows: int = 5) -> pa.Table:
    """The first rows of an unpacked file; raises TableError where it cannot be read so.

    Of a long text only the beginning is read, so types may differ from those of the whole.
    """
    sink = MemorySink()
    with _beginning(path, settings) as part:
        whole = replace(settings, footer_rows=0) if part != path else settings
        FORMATS[settings.format].pour(Reading(part, whole, sink, Meter(), None))
    table = sink.table().slice(0, rows)
    return table.rename_columns(clean_names(table.column_names))


@contextmanager
def _beginning(path: Path, settings: ReadSettings) -> Iterator[Path]:
    """The file itself, or a copy of its first lines where it is a long text."""
    if settings.format not in _TEXT or path.stat().st_size <= _BYTES:
        yield path
        return
    with path.open("rb") as file:
        data = file.read(_BYTES)
    if not settings.encoding.startswith(("utf-16", "utf-32")):  # whose units may hold a line end
        data = data[: max(data.rfind(b"\n"), data.rfind(b"\r")) + 1] or data
    with scratch_folder(workspace()) as folder:
        copy = folder / "beginning"
        copy.write_bytes(data)
        yield copy
