"""The real app as a process of its own, on a free port, with a workspace of its own.

Knows nothing of pages or browsers.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import psutil

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """A port on the loopback address that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A fresh server process; `with` starts it and ends it, its workers included."""

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace
        self.log = workspace.parent / "server.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the app and wait until it answers; once stopped, it can be started again."""
        self.workspace.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "streamlit", "run", "app.py"]
        command += ["--server.port", str(self.port), "--server.address", "127.0.0.1"]
        command += ["--server.headless", "true"]
        self._process = self._spawn(command, stdin=subprocess.DEVNULL)
        try:
            self._wait_until_healthy(60)
        except BaseException:
            self.stop()
            raise

    def _spawn(self, command: list[str], stdin: int | None = None) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "TORCHLIGHT_WORKSPACE": str(self.workspace)}
        with self.log.open("ab") as log:
            return subprocess.Popen(
                command, cwd=ROOT, env=environment, stdin=stdin, stdout=log, stderr=log
            )

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "the server was not started"
        return self._process

    def text(self) -> str:
        """What the server has printed so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def workers(self) -> list[psutil.Process]:
        """The worker processes that the server has now."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def has_loaded(self, library: str) -> bool:
        """Whether the app's own process has a shared library of that name in memory."""
        alive = self.process.poll() is None
        maps = psutil.Process(self.process.pid).memory_maps() if alive else []
        return any(library in part.path for part in maps)

    @contextmanager
    def torchlight(self, arguments: Sequence[object]) -> Iterator[subprocess.Popen[bytes]]:
        """`python -m automl_core ...` in the same workspace, ended with the block."""
        command = [sys.executable, "-m", "automl_core", *map(str, arguments)]
        process = self._spawn(command)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(15)

    def kill(self) -> None:
        """Ends the server at once, as a crash would; its workers must notice by themselves."""
        self.process.kill()
        self.process.wait(10)

    def stop(self) -> list[psutil.Process]:
        """Ends the server; returns those of its workers that outlived it by 15 seconds."""
        if self._process is None:
            return []
        alive = self._process.poll() is None
        workers = self.workers() if alive else []
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
        _, left = psutil.wait_procs(workers, timeout=15)
        for process in left:
            process.kill()
        return left

    def _wait_until_healthy(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise RuntimeError(f"The app did not start:\n{self.text()[-2000:]}")
