"""The state of a training, sent to the parent every few seconds, so that another worker can go on.

The training stands still only while its weights are copied; they are packed and sent by a thread
of its own.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from automl_core.records import RecordError, from_plain, to_plain
from automl_core.runs.executor import FoldTask, TrainingKept
from automl_core.runs.worker.connection import Connection

EVERY_SECONDS = 8.0  # of training, so that a state is never older than ten


@dataclass(frozen=True)
class Reached:
    """How far an interrupted training had come, beside its state."""

    seconds: float = 0.0  # that it had taken
    share: float = 0.0  # of its time limit
    best: tuple[float | None, ...] = ()  # by fold: its best score, as a loss; None: none yet
    epoch: int = 0  # the last one that was reported


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """What a TrainingKept carries: a line of JSON, then the state of the training."""

    reached: Reached
    state: bytes

    def to_bytes(self) -> bytes:
        """One file's content."""
        return json.dumps(to_plain(self.reached)).encode() + b"\n" + self.state

    @staticmethod
    def from_bytes(data: bytes) -> Checkpoint:
        """What `to_bytes` wrote; one of nothing where it is none."""
        head, _, state = data.partition(b"\n")
        try:
            return Checkpoint(from_plain(Reached, json.loads(head)), state)
        except (ValueError, RecordError):
            return Checkpoint(Reached(), b"")


class CheckpointSender:
    """Keeps the state of the training of some folds; a Keeper of models.FitControl."""

    def __init__(
        self,
        jobs: tuple[FoldTask, ...],
        before: Checkpoint,
        reached: Callable[[], Reached],
        connection: Connection,
        rarer: float = 1.0,
    ) -> None:
        """`before` is what an interrupted training of these folds had sent last; a state is kept
        `rarer` times as rarely as usual."""
        self._rarer = rarer
        self._jobs, self._before, self._reached = jobs, before, reached
        self._connection = connection
        self._last = time.monotonic()
        self._answered = False  # somebody asked for the state, and has it
        self._thread: threading.Thread | None = None

    @property
    def saved(self) -> bytes:
        """The state of the interrupted training; b"" where there was none."""
        return self._before.state

    def is_due(self) -> bool:
        """True where the last one is old enough, or one is asked for; not with one on its way."""
        asked = self._connection.keeps_now() and not self._answered
        if not asked and time.monotonic() - self._last < self._rarer * EVERY_SECONDS:
            return False
        return self._thread is None or not self._thread.is_alive()

    def keep(self, write: Callable[[], bytes]) -> None:
        """Send what `write` gives, from another thread."""
        self._last, self._answered = time.monotonic(), self._connection.keeps_now()
        reached = self._reached()
        self._thread = threading.Thread(target=self._send, args=(write, reached), name="keep")
        self._thread.start()

    def close(self) -> None:
        """Wait for the one that is on its way: later it would belong to another task."""
        if self._thread is not None:
            self._thread.join()

    def _send(self, write: Callable[[], bytes], reached: Reached) -> None:
        folds = tuple(job.fold for job in self._jobs)
        data = Checkpoint(reached, write()).to_bytes()
        kept = TrainingKept(self._jobs[0].trial, folds, {"state": data}, reached.epoch)
        self._connection.send(kept)
