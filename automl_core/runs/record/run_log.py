"""A running run's log, state and clock in one place: what is written is folded at once.

Knows nothing about what happens, only when.
"""

from __future__ import annotations

import time
from pathlib import Path

from automl_core.runs.record.events import Event
from automl_core.runs.record.log import LogWriter
from automl_core.runs.record.state import RunState


class RunLog:
    """Opened by the run's coordinator, its one writer. `began`: time.monotonic() at Start."""

    def __init__(self, log: Path, began: float) -> None:
        self._log = LogWriter(log)
        self.began = began
        self.state = RunState()

    @property
    def clock(self) -> float:
        """Seconds since Start."""
        return time.monotonic() - self.began

    def write(self, event: Event, durable: bool = False) -> None:
        """Log an event and fold it into the state; `durable` waits for the disk."""
        entry = self._log.append(event, self.clock, durable)
        self.state.apply(entry.event, entry.t, entry.wall)

    def close(self) -> None:
        """Release the file."""
        self._log.close()
