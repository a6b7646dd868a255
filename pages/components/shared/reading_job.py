"""A table being read in a thread of its own, so that no page waits for it.

The thread reads, stores and infers the schema; pages show its progress, and may cancel it.
Draws nothing.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from automl_core.errors import AutoMLError
from automl_core.table import (
    ReadOptions,
    Report,
    SourceFormat,
    TableInfo,
    load_schema,
    open_table,
    save_schema,
)
from automl_core.table.inference import infer_schema
from automl_core.table.reading import ReadSettings, ingest_file
from pages.components.shared.session import Source
from pages.components.shared.text import one_line

logger = logging.getLogger("torchlight.pages")


Store = Callable[[Report], TableInfo | None]
"""Brings a table into the store; None where it was cancelled."""


def of_file(
    source: Source, path: Path, root: Path, how: ReadSettings | ReadOptions | None
) -> Store:
    """Reads one file: by all settings, by those that were set, or as it is found."""
    settings = how if isinstance(how, ReadSettings) else None
    asked = SourceFormat("", asked=how) if isinstance(how, ReadOptions) else None
    name = one_line(source.name, 120)

    def store(report: Report) -> TableInfo | None:
        return ingest_file(path, name, root, settings, source.upload, report, asked)

    return store


class ReadingJob:
    """A table that a thread reads into the store; its result is there once it is over."""

    def __init__(
        self,
        name: str,
        store: Store,
        root: Path,
        source: Source | None = None,
        settings: ReadSettings | None = None,
    ) -> None:
        """`source` and `settings`: of one file that can be read again in another way."""
        self.name, self.source, self.settings = name, source, settings
        self._store, self._root = store, root
        self.info: TableInfo | None = None  # None where cancelled or failed
        self.error: Exception | None = None
        self.done, self.total = 0, 0  # bytes; a total of 0: not known yet
        self.stored = False  # the rows are there, the columns are being looked at
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reading", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def wait(self, seconds: float) -> bool:
        """Wait at most so long; True where it is over."""
        self._thread.join(seconds)
        return self.over

    def cancel(self) -> None:
        """Read no further; nothing of it is kept."""
        self._cancelled.set()

    @property
    def over(self) -> bool:
        """True once it was read, failed or was cancelled."""
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            info = self._store(self._report)
            self.stored = info is not None
            if info is not None:
                self._infer(info)
            self.info = None if self._cancelled.is_set() else info
        except Exception as error:  # the page that waits for it shows what went wrong
            if not isinstance(error, AutoMLError):
                logger.exception("reading failed")
            self.error = error

    def _report(self, done: int, total: int) -> bool:
        self.done, self.total = done, total
        return not self._cancelled.is_set()

    def _infer(self, info: TableInfo) -> None:
        try:
            known = load_schema(info.hash, self._root)
        except AutoMLError:  # damaged, or written by a newer version
            known = None
        if known is None and not self._cancelled.is_set():
            table = open_table(info.hash, self._root)
            save_schema(info.hash, infer_schema(table, info.decimal), self._root)
