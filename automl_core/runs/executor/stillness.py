"""Measures for how many seconds a process has not used the processor: stopped, or waiting.

The sign of life is the processor's time that a process has used, as the system counts it. A fit
uses it in whatever library it is, without a word to its parent; a process that was stopped, and one
whose threads wait for each other, do not.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

import psutil

LOOK_EVERY = 1.0  # seconds between two looks
UNSEEN = 10.0  # seconds without a look, after which nothing is known: all may have stood still

Clock = Callable[[], float]


def processor_seconds(pid: int) -> float:
    """Seconds that all threads of a process have used; -1 where it has ended."""
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.Error:
        return -1.0
    return float(times.user + times.system)


class Stillness:
    """The processes of one executor. Knows nothing of their tasks."""

    def __init__(
        self, used: Callable[[int], float] = processor_seconds, now: Clock = time.monotonic
    ) -> None:
        self._used, self._now = used, now
        self._looked = float("-inf")
        self._seen: dict[int, tuple[float, float]] = {}  # by process: its seconds, since when

    def look(self, pids: Iterable[int]) -> None:
        """See what these processes have used since the last look; cheap to call again and again."""
        now = self._now()
        if now - self._looked < LOOK_EVERY:
            return
        if now - self._looked > UNSEEN:
            self._seen.clear()
        self._looked = now
        seen: dict[int, tuple[float, float]] = {}
        for pid in pids:
            used, before = self._used(pid), self._seen.get(pid)
            seen[pid] = before if before is not None and before[0] == used else (used, now)
        self._seen = seen

    def begin(self, pid: int) -> None:
        """The process gets something to do: what it did not do before does not count."""
        self._seen[pid] = (self._used(pid), self._now())

    def seconds(self, pid: int) -> float:
        """Seconds for which the process has not been seen to use the processor."""
        return self._now() - self._seen[pid][1] if pid in self._seen else 0.0
