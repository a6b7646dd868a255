"""Keeps a run's log alive: an event about the workers where nothing else happens, and what the
executor remarks on them, once each.

What the log says last is all that is known of the clock of a run whose process was killed.
"""

from __future__ import annotations

from automl_core.runs.coordinator.context import RunContext
from automl_core.runs.record import events as e
from automl_core.types import Severity

CHANGES_EVERY = 0.5  # seconds between two events about workers that change
SILENCE_MOST = 1.8  # seconds without any event, after which there is one;
SILENCE_SHARE = 0.005  # of a budget: where that is less, so that it is right after a kill, too


class Heartbeat:
    """One run's; whoever waits, or computes for long, calls `beat` again and again."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._logged = -CHANGES_EVERY  # seconds on the run's clock, of the last event
        self._said: set[str] = set()  # remarks

    @property
    def _silence(self) -> float:
        budget = self._context.state.budget_seconds
        return SILENCE_MOST if budget is None else min(SILENCE_MOST, SILENCE_SHARE * budget)

    def beat(self) -> None:
        """Log the workers where they have changed, or where nothing was logged for a moment; and
        remarks that are new."""
        log, state = self._context.log, self._context.state
        now = log.clock
        if now - self._logged < CHANGES_EVERY:
            return
        s, last = self._context.dispatcher.status(), state.workers
        for words in s.remarks:
            if words not in self._said:
                self._said.add(words)
                log.write(e.Note(Severity.INFO, words))
        changed = last is None or s.busy != last.busy or s.memory_bytes != last.memory_bytes
        silent = now - state.clock >= self._silence and state.paused_at is None  # else it stands
        if changed or silent:
            self._logged = now
            log.write(e.Workers(s.device_title or "starting", s.count, s.busy, s.memory_bytes))
