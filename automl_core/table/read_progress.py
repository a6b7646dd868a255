"""Progress of reading a file, reported to a callback that may cancel it.

Knows nothing of what is read. Cancelling ends the work by an exception of this module, which
ingest.py turns into a returned value: no caller sees it.
"""

from __future__ import annotations

import time
from collections.abc import Callable

Report = Callable[[int, int], bool]
"""Takes bytes done and bytes in all; False ends the reading."""

_EVERY = 0.1  # seconds between two reports


class ReadingCancelledError(Exception):
    """Whoever watches the reading wants no more of it."""


class Meter:
    """Adds up the passes over a file: unpacking, recoding, finding its encoding, reading it.

    Each pass counts its own bytes from nothing; the bytes in all grow where a pass turns out
    to be needed only on the way. They are 0 while nobody knows how many there will be.
    """

    def __init__(self, report: Report | None = None) -> None:
        self._report = report
        self._before = 0  # bytes of the passes that are over
        self._size = 0  # bytes of this pass
        self._ahead = 0  # bytes of passes that are sure to follow
        self._told = 0.0

    def begin(self, size: int, ahead: int = 0) -> None:
        """A pass over so many bytes begins, the one before is over; `ahead` are to follow."""
        self._before += self._size
        self._size, self._ahead = size, ahead
        self._told = 0.0
        self.at(0)

    def at(self, done: int) -> None:
        """So many bytes are done; raises ReadingCancelledError where that is enough."""
        now = time.monotonic()
        if self._report is None or now - self._told < _EVERY:
            return
        self._told = now
        done = self._before + min(done, self._size)
        if not self._report(done, self._before + self._size + self._ahead):
            raise ReadingCancelledError
