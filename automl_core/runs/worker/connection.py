"""A worker's end of the pipe: tasks and what is asked of them come in, results go out.

A thread of its own reads the pipe, so that a cancellation is seen while a task runs; the main
thread takes tasks, does them and sends their results. `main.py` creates the one Connection.
"""

from __future__ import annotations

import os
import queue
import threading
from typing import BinaryIO

from automl_core.runs.executor import (
    Blobs,
    Cancel,
    Keep,
    Result,
    Work,
    WorkerReady,
    read_frame,
    read_request,
    result_frame,
    write_frame,
)
from automl_core.types import StopReason


class Connection:
    """Tasks from the parent, results to it."""

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        self._incoming, self._outgoing = incoming, outgoing
        self._tasks: queue.SimpleQueue[tuple[int, Work, Blobs]] = queue.SimpleQueue()
        self._cancelled: dict[int, StopReason] = {}  # by task
        self._to_keep: set[int] = set()  # tasks whose trainings are to be kept now
        self._task = 0  # the number of the current one
        self._sending = threading.Lock()

    def start(self) -> None:
        """Start the thread that reads the pipe."""
        threading.Thread(target=self._read, name="read", daemon=True).start()

    def _read(self) -> None:
        try:
            while (frame := read_frame(self._incoming)) is not None:
                number, request = read_request(frame)
                if isinstance(request, Cancel):
                    self._cancelled[number] = request.reason
                elif isinstance(request, Keep):
                    self._to_keep.add(number)
                else:
                    self._tasks.put((number, request, frame.blobs))
        finally:  # the parent has ended or sends nonsense: end at once, also within a task
            os._exit(0)

    def next_task(self, seconds: float | None = None) -> tuple[Work, Blobs] | None:
        """Wait for the next task, which becomes the current one; None after so many seconds."""
        try:
            self._task, work, blobs = self._tasks.get(timeout=seconds)
        except queue.Empty:
            return None
        return work, blobs

    def cancelled(self) -> StopReason | None:
        """The reason why the current task should stop; None while it should not.

        Cheap: a fit calls it at every step.
        """
        return self._cancelled.get(self._task)

    def keeps_now(self) -> bool:
        """True once the state of the current task's training was asked for; cheap, too."""
        return self._task in self._to_keep

    def send(self, result: WorkerReady | Result) -> None:
        """Send the parent a result of the current task."""
        frame = result_frame(self._task, result)
        with self._sending:
            write_frame(self._outgoing, frame)
