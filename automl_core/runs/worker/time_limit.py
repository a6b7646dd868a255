"""The time that a fit may take, and how fits that are made at once share it."""

from __future__ import annotations

import time

from automl_core.runs.worker.connection import Connection
from automl_core.types import StopReason


class TimeLimit:
    """The time that a fit may take, and the cancellation of its task."""

    def __init__(
        self, began: float, seconds: float | None, connection: Connection, used: float = 0.0
    ) -> None:
        """`began` is time.monotonic() at the start; `seconds` of None is no limit.

        An earlier process has `used` that share of them.
        """
        self._began, self._connection, self._used = began, connection, used
        self._seconds = None if seconds is None else (1.0 - used) * seconds

    def interrupted(self) -> StopReason | None:
        """The reason why the fit should stop now; None while it should not."""
        if (reason := self._connection.cancelled()) is not None:
            return reason
        over = self._seconds is not None and time.monotonic() - self._began > self._seconds
        return StopReason.TIME if over else None

    def elapsed(self) -> float:
        """The share of the limit that is used, 0 where there is none."""
        if self._seconds is None:
            return 0.0
        share = min(1.0, (time.monotonic() - self._began) / max(1e-9, self._seconds))
        return self._used + (1.0 - self._used) * share


class SharedTime:
    """Divides the seconds of a task among the fits that go on at once, in equal shares."""

    def __init__(self) -> None:
        self._last = time.monotonic()
        self._seconds: dict[int, float] = {}  # of those that go on
        self._ended: dict[int, float] = {}

    def begin(self, fit: int) -> None:
        """From now on the fit has a share."""
        self._divide()
        self._seconds[fit] = 0.0

    def end(self, fit: int) -> None:
        """From now on it has none."""
        self._divide()
        self._ended[fit] = self._seconds.pop(fit)

    def of(self, fit: int) -> float:
        """Seconds that a fit has taken; 0 for one that has not begun."""
        self._divide()
        return self._seconds.get(fit, self._ended.get(fit, 0.0))

    def _divide(self) -> None:
        now = time.monotonic()
        for fit in self._seconds:
            self._seconds[fit] += (now - self._last) / len(self._seconds)
        self._last = now
