"""A worker's end of the pipe: incoming tasks and cancels, outgoing messages.

Knows frames, nothing of what a task does.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
from typing import BinaryIO

from automl_core.runs.executor import (
    Blobs,
    Result,
    Work,
    WorkerReady,
    read_frame,
    read_task,
    result_frame,
    write_frame,
)
from automl_core.types import StopReason


class Link:
    """Frames in on a thread of their own, so that a cancel is seen while a task runs."""

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        self._incoming, self._outgoing = incoming, outgoing
        self._tasks: queue.SimpleQueue[tuple[int, Work, Blobs]] = queue.SimpleQueue()
        self._cancelled: dict[int, StopReason] = {}
        self._sending = threading.Lock()
        self.task = 0

    def start(self) -> None:
        """Begin to listen."""
        threading.Thread(target=self._listen, name="listen", daemon=True).start()

    def _listen(self) -> None:
        try:
            while (frame := read_frame(self._incoming)) is not None:
                if frame.head["kind"] == "cancel":
                    reason = StopReason(frame.head["reason"])
                    self._cancelled[frame.head["task"]] = reason
                else:
                    number, work = read_task(frame)
                    self._tasks.put((number, work, frame.blobs))
        finally:  # the parent is gone, or talks nonsense: leave at once, mid-task or not
            os._exit(0)

    def next_task(self, seconds: float | None = None) -> tuple[Work, Blobs] | None:
        """Wait for the next task; None where there is none within so many seconds."""
        try:
            self.task, work, blobs = self._tasks.get(timeout=seconds)
        except queue.Empty:
            return None
        return work, blobs

    def cancelled(self) -> StopReason | None:
        """Why the current task should stop, if it should. Cheap: called every step."""
        return self._cancelled.get(self.task)

    def send(self, result: WorkerReady | Result) -> None:
        """Send the parent a result of the current task, or that tasks may come."""
        frame = result_frame(self.task, result)
        with self._sending:
            write_frame(self._outgoing, frame)


def take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Move the protocol's pipes aside; from then on prints go to the log (stderr)."""
    incoming, outgoing = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return os.fdopen(incoming, "rb"), os.fdopen(outgoing, "wb")
