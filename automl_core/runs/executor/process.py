"""One worker process, seen from its parent: start, write, read, end.

The protocol runs over the child's first stdin and stdout, which the child moves aside before it
imports anything; what it prints goes to a log. `python -m`, not multiprocessing: a pool started
from a page would run the page again in each child.
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

from automl_core.runs.executor.protocol import Frame, read_frame, write_frame

ROOT = Path(__file__).resolve().parents[3]
_ONE_THREAD = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")

Inbox = queue.SimpleQueue[tuple["WorkerProcess", Frame | None]]
"""Where frames of all workers arrive; None: this worker is gone."""


class WorkerProcess:
    """A child that answers frames until its stdin closes."""

    def __init__(self, inbox: Inbox, log: Path, device: str) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, **dict.fromkeys(_ONE_THREAD, "1")}
        environment["PYTHONPATH"] = os.pathsep.join(
            [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        )
        environment["TORCHLIGHT_DEVICE"] = device
        with log.open("ab") as stderr:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "automl_core.runs.worker.main"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env=environment,
                start_new_session=True,  # Ctrl-C reaches the coordinator, which stops the run
            )
        self.pid = self._process.pid
        self.task: int | None = None
        self.cancelled_at: float | None = None
        self.ready = False
        self.device = ""  # that its networks train on; "": what each task says
        self._inbox = inbox
        threading.Thread(target=self._read, name=f"worker-{self.pid}", daemon=True).start()

    def _read(self) -> None:
        stream = cast("IO[bytes]", self._process.stdout)
        try:
            while (frame := read_frame(stream)) is not None:  # type: ignore[arg-type]
                self._inbox.put((self, frame))
        except (ValueError, OSError):
            self.kill()
        finally:
            self._process.wait()
            stream.close()
            self._close_input()
            self._inbox.put((self, None))

    def send(self, frame: Frame) -> bool:
        """Write one frame; False where the worker is gone."""
        stream = self._process.stdin
        assert stream is not None
        try:
            write_frame(stream, frame)  # type: ignore[arg-type]
        except (OSError, ValueError):
            return False
        return True

    def kill(self) -> None:
        """End it at once; its end arrives in the inbox."""
        if self._process.poll() is None:
            self._process.kill()

    def end(self) -> None:
        """Close its pipe, which it takes as the order to leave, and make sure that it did."""
        self.kill()
        self._close_input()

    def _close_input(self) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # what was not sent yet has no reader any more
            self._process.stdin.close()

    @property
    def exit_words(self) -> str:
        """Why it ended, in words."""
        code = self._process.returncode
        if code == -9:
            return "was killed by the system, most likely because memory ran out"
        return f"ended unexpectedly (exit code {code})"
