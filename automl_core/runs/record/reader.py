"""Follows a run from its log: pages and the command line read, they never ask the coordinator."""

from __future__ import annotations

import time

from automl_core.runs.record.commands import is_held
from automl_core.runs.record.folder import RunFolder
from automl_core.runs.record.log import LogReader
from automl_core.runs.record.state import RunState
from automl_core.types import RunStatus


class RunReader:
    """The state of one run, kept up to date by reading on. One reader a thread."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self.spec = folder.spec()
        self._log = LogReader(folder.log_path)
        self._state = RunState()
        self._probed = -10.0

    def refresh(self) -> RunState:
        """Read what is new and return the state; INTERRUPTED where its process is gone."""
        self._read()
        active = self._state.status.active
        if active and time.monotonic() - self._probed > 2:
            self._probed = time.monotonic()
            if not is_held(self.folder.path):
                self._read()  # it may have ended between the two looks
                if self._state.status.active:
                    self._state.status = RunStatus.INTERRUPTED
        return self._state

    def _read(self) -> None:
        for entry in self._log.read():
            self._state.apply(entry.event, entry.t, entry.wall)
