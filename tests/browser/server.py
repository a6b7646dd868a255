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
        self.workspace.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "streamlit", "run", "app.py"]
        command += ["--server.port", str(self.port), "--server.address", "127.0.0.1"]
        command += ["--server.headless", "true"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, "TORCHLIGHT_WORKSPACE": str(self.workspace)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            self._wait_until_healthy(60)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

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

    @contextmanager
    def torchlight(self, arguments: Sequence[object]) -> Iterator[subprocess.Popen[bytes]]:
        """`python -m automl_core ...` in the same workspace, ended with the block."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "automl_core", *map(str, arguments)],
                cwd=ROOT,
                env={**os.environ, "TORCHLIGHT_WORKSPACE": str(self.workspace)},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
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
