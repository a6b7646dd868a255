"""A running run's log, state and clock in one place: what is written is folded at once.

Knows nothing about what happens, only when.
"""

from __future__ import annotations

import contextlib
import logging
import time
from pathlib import Path

from automl_core.errors import StorageError
from automl_core.files import storage_errors
from automl_core.runs.record.events import Event, RunFinished
from automl_core.runs.record.log import LogWriter
from automl_core.runs.record.log_reader import LogReader
from automl_core.runs.record.state import RunState

logger = logging.getLogger(__name__)


RESERVE_BYTES = 256 * 2**10
"""Kept free on the disk, so that a run that fills it can still say how it ended."""


class RunLog:
    """Opened by the run's coordinator, its one writer; of a run that goes on, with its state.

    `began` is time.monotonic() at Start, or now, where the clock of an earlier part goes on.
    """

    def __init__(self, log: Path, began: float) -> None:
        """Raises StorageError where the log cannot be written, RunError where it is of a newer
        version.
        """
        self.state = RunState()
        for entry in LogReader(log).read():
            self.state.apply(entry.event, entry.t, entry.wall)
        self._log = LogWriter(log)
        self._reserve = log.with_name(".reserve")
        with storage_errors(self._reserve):
            self._reserve.write_bytes(bytes(RESERVE_BYTES))
        self.began = began - self.state.clock

    @property
    def clock(self) -> float:
        """Seconds since Start."""
        return time.monotonic() - self.began

    def go_on(self) -> None:
        """The clock of a run that goes on stood still since its last event, and goes on now."""
        self.began = time.monotonic() - self.state.clock

    def write(self, event: Event, durable: bool = False) -> None:
        """Log an event and fold it into the state; `durable` waits for the disk.

        Raises StorageError where it cannot be written; the state is as it was then.
        """
        entry = self._log.append(event, self.clock, durable)
        self.state.apply(entry.event, entry.t, entry.wall)

    def release_reserve(self) -> None:
        """Give back the space that was kept for the end."""
        with contextlib.suppress(OSError):
            self._reserve.unlink(missing_ok=True)

    def write_last(self, event: RunFinished) -> None:
        """Log the run's end; where the disk does not take it, only the state knows of it.

        A reader then takes the run for interrupted, with all models that are there.
        """
        self.release_reserve()
        try:
            self.write(event, durable=True)
        except StorageError:
            logger.exception("the end of a run could not be logged: %s", event.reason)
            entry = self._log.entry(event, self.clock)
            self.state.apply(entry.event, entry.t, entry.wall)

    def close(self) -> None:
        """Release the file."""
        self.release_reserve()
        self._log.close()
