"""One child process, seen from its parent: start it, write frames to it, read its frames, end it.

Whoever starts it calls its methods from the thread that polls, which never waits for a pipe. One
thread writes what is sent; another hands on the child's frames; None says that it has ended.

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
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, cast

from automl_core.files import make_folder, storage_errors
from automl_core.runs.executor.pool import Inbox
from automl_core.runs.executor.protocol import Frame, read_frame, write_frame
from automl_core.runs.executor.system_memory import ended_for_memory

ROOT = Path(__file__).resolve().parents[3]
KILLED = -9  # the exit code of a process that was ended without being asked
_ONE_THREAD = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


class PipedProcess:
    """A child process that reads frames and writes frames until its stdin closes."""

    def __init__(
        self,
        command: Sequence[str],
        variables: Mapping[str, str],
        log: Path,
        take: Callable[[Frame | None], None],
    ) -> None:
        """`command`: a module of ours and its arguments; `variables`: of its environment.

        `take` gets its frames, in a thread of the process, and None when it has ended.
        """
        make_folder(log.parent)
        path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        with storage_errors(log), log.open("ab") as stderr:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env={**os.environ, **variables, "PYTHONPATH": path},
                start_new_session=True,  # Ctrl-C reaches the coordinator, which stops the run
            )
        self.pid = self._process.pid
        self._take = take
        self._outbox = queue.SimpleQueue[Frame | None]()
        for target, name in ((self._read, "reader"), (self._write, "writer")):
            threading.Thread(target=target, name=f"{name}-{self.pid}", daemon=True).start()

    def _read(self) -> None:
        """Hand frames on until the process ends; runs in the process's own thread."""
        stream = cast("IO[bytes]", self._process.stdout)
        try:
            while (frame := read_frame(stream)) is not None:  # type: ignore[arg-type]
                self._take(frame)
        except (ValueError, OSError):
            self.kill()
        finally:
            self._process.wait()
            stream.close()
            self.close_input()
            self._take(None)

    def _write(self) -> None:
        """Write frames until the process ends; the only thread that touches the child's stdin."""
        stream = cast("IO[bytes]", self._process.stdin)
        with contextlib.suppress(OSError):  # it has ended, as the reader says
            while (frame := self._outbox.get()) is not None:
                write_frame(stream, frame)  # type: ignore[arg-type]
        with contextlib.suppress(OSError):  # unsent bytes have no reader any more
            stream.close()

    def send(self, frame: Frame) -> None:
        """Hand one frame to the writer. Returns at once, also where the child does not read.

        What is sent to a process that has ended is lost.
        """
        self._outbox.put(frame)

    def kill(self) -> None:
        """End the process at once; None follows."""
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
    def exit_code(self) -> int | None:
        """What it ended with; None while it goes on."""
        return self._process.returncode


class WorkerProcess:
    """A worker of this machine: a PoolWorker whose child reads tasks and writes results."""

    def __init__(self, inbox: Inbox, log: Path, device: str) -> None:
        variables = {**dict.fromkeys(_ONE_THREAD, "1"), "TORCHLIGHT_DEVICE": device}
        self.task: int | None = None
        self.cancelled_at: float | None = None
        self.stood_still = False
        self.ready = False
        self.device = self.node = ""
        self.is_placed = self.is_blameless = False
        self._ended_before: int | None = None  # processes ended for want of memory before its task
        self._process = PipedProcess(
            ["automl_core.runs.worker.main"], variables, log, lambda frame: inbox.put((self, frame))
        )
        self.pid = self._process.pid

    def send(self, frame: Frame) -> None:
        """Hand it one frame; returns at once."""
        self._ended_before = ended_for_memory()
        self._process.send(frame)

    def kill(self) -> None:
        """End it at once; None follows in the inbox."""
        self._process.kill()

    def end(self) -> None:
        """End it at once and close its pipe."""
        self._process.end()

    def close_input(self) -> None:
        """Let it end by itself once all that was sent is written."""
        self._process.close_input()

    @property
    def was_killed(self) -> bool:
        """It was ended by the system, most likely as memory ran out.

        Where the system counts such ends, and has counted none since the worker's last task, it was
        somebody else.
        """
        known = self._ended_before is not None and ended_for_memory() == self._ended_before
        return self._process.exit_code == KILLED and not known

    @property
    def exit_words(self) -> str:
        """The cause of its end, for people: "ended unexpectedly (exit code 1)"."""
        if self.was_killed:
            return "was killed by the system, most likely because memory ran out"
        if self._process.exit_code == KILLED:
            return "was killed from outside"
        return f"ended unexpectedly (exit code {self._process.exit_code})"
