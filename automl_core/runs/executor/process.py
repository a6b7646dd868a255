"""One worker process, seen from its parent: start it, write tasks, read frames, end it.

LocalExecutor creates it and calls its methods from the thread that polls, which never waits for a
pipe. One thread writes what is sent; another reads the child's frames and puts them into the inbox
that all workers of an executor share; a frame of None says that the process has ended.

Frames travel over the child's first stdin and stdout, which the child moves to other descriptors
before it imports anything; its printed text goes to the log. Started with `python -m` instead of
multiprocessing, which would run a Streamlit page again in each child.
"""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, cast

from automl_core.files import make_folder, storage_errors
from automl_core.runs.executor.protocol import Frame, read_frame, write_frame

ROOT = Path(__file__).resolve().parents[3]
_ONE_THREAD = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")

Inbox = queue.SimpleQueue[tuple["WorkerProcess", Frame | None]]
"""Frames of all workers in the order of arrival; None: this worker has ended."""


class WorkerProcess:
    """A child process that reads tasks and writes results until its stdin closes."""

    def __init__(self, inbox: Inbox, log: Path, device: str) -> None:
        make_folder(log.parent)
        environment = {**os.environ, **dict.fromkeys(_ONE_THREAD, "1")}
        environment["PYTHONPATH"] = os.pathsep.join(
            [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        )
        environment["TORCHLIGHT_DEVICE"] = device
        with storage_errors(log), log.open("ab") as stderr:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "automl_core.runs.worker.main"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env=environment,
                start_new_session=True,  # Ctrl-C reaches the coordinator, which stops the run
            )
        self.pid = self._process.pid
        # set by the executor:
        self.task: int | None = None  # that it works on
        self.cancelled_at: float | None = None  # time.monotonic() when that was cancelled
        self.stood_still = False  # when it was killed
        self.ready = False
        self.device = ""  # for its networks; "": the one that each task names
        self._inbox = inbox
        self._outbox = queue.SimpleQueue[Frame | None]()
        for target, name in ((self._read, "reader"), (self._write, "writer")):
            threading.Thread(target=target, name=f"{name}-{self.pid}", daemon=True).start()

    def _read(self) -> None:
        """Put frames into the inbox until the process ends; runs in the worker's own thread."""
        stream = cast("IO[bytes]", self._process.stdout)
        try:
            while (frame := read_frame(stream)) is not None:  # type: ignore[arg-type]
                self._inbox.put((self, frame))
        except (ValueError, OSError):
            self.kill()
        finally:
            self._process.wait()
            stream.close()
            self.close_input()
            self._inbox.put((self, None))

    def _write(self) -> None:
        """Write frames until the process ends; the only thread that touches the child's stdin."""
        stream = cast("IO[bytes]", self._process.stdin)
        with contextlib.suppress(OSError):  # it has ended, as the reader says
            while (frame := self._outbox.get()) is not None:
                write_frame(stream, frame)  # type: ignore[arg-type]
        with contextlib.suppress(OSError):  # unsent bytes have no reader any more
            stream.close()

    def send(self, frame: Frame) -> None:
        """Hand one frame to the writer. Returns at once, also where the worker does not read.

        What is sent to a process that has ended is lost.
        """
        self._outbox.put(frame)

    def kill(self) -> None:
        """End the process at once; None follows in the inbox."""
        if self._process.poll() is None:
            self._process.kill()

    def end(self) -> None:
        """End the process at once and close its pipe."""
        self.kill()
        self.close_input()

    def close_input(self) -> None:
        """Close its pipe once all that was sent is written: it then ends by itself."""
        self._outbox.put(None)

    @property
    def was_killed(self) -> bool:
        """It was ended by the system, not by itself."""
        return self._process.returncode == -9

    @property
    def exit_words(self) -> str:
        """The cause of its end, for people: "ended unexpectedly (exit code 1)"."""
        code = self._process.returncode
        if self.was_killed:
            return "was killed by the system, most likely because memory ran out"
        return f"ended unexpectedly (exit code {code})"
