"""Ray nodes on this machine, for tests and figures: started, killed, stopped.

Each node is `ray start --block` with folders of its own: no other Ray of this machine is touched.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from automl_core.runs.executor.process import ROOT
from tests.browser.server import free_port

STORE_BYTES = 100 * 2**20  # of a node's object store
START_SECONDS = 60.0


class RayNodes:
    """A head and further nodes; the first CPU is the head's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder  # a short path: sockets lie in it
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.processes: list[subprocess.Popen[bytes]] = []  # the head first

    def start(self, cpus: int = 1, before: Path | None = None) -> subprocess.Popen[bytes]:
        """Start the head, or one more node; `before`: a folder where it finds modules first."""
        if not self.processes:
            where = ["--head", f"--port={self.port}", "--node-ip-address=127.0.0.1"]
            where += [f"--temp-dir={self.folder}", "--include-dashboard=false"]
        else:
            where = [f"--address={self.address}", "--node-ip-address=127.0.0.1"]
        command = [sys.executable, "-c", "from ray.scripts.scripts import main; main()", "start"]
        options = [f"--num-cpus={cpus}", "--num-gpus=0", "--disable-usage-stats", "--block"]
        options += [f"--object-store-memory={STORE_BYTES}"]
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(
                [*([str(before)] if before else []), str(ROOT), os.environ.get("PYTHONPATH", "")]
            ),
            "RAY_DISABLE_IMPORT_WARNING": "1",
        }
        with (self.folder / f"node-{len(self.processes)}.log").open("wb") as log:
            process = subprocess.Popen(
                [*command, *where, *options],
                stdout=log,
                stderr=log,
                env=environment,
                start_new_session=True,
            )
        self.processes.append(process)
        self._wait_for(process)
        return process

    def _wait_for(self, process: subprocess.Popen[bytes]) -> None:
        log = self.folder / f"node-{len(self.processes) - 1}.log"
        until = time.monotonic() + START_SECONDS
        while b"Ray runtime started" not in log.read_bytes():
            words = log.read_text(errors="replace")[-2000:]
            assert process.poll() is None and time.monotonic() < until, words
            time.sleep(0.1)

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Kill a node with all that runs on it, as where its machine loses power."""
        for pid in _descendants(process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        """Kill all nodes."""
        for process in self.processes:
            if process.poll() is None:
                self.kill(process)


def _descendants(pid: int) -> list[int]:
    import psutil

    try:
        process = psutil.Process(pid)
        return [pid, *(child.pid for child in process.children(recursive=True))]
    except psutil.NoSuchProcess:
        return []


@contextmanager
def ray_nodes(*cpus: int) -> Iterator[RayNodes]:
    """A head and further nodes with so many CPUs each."""
    folder = Path(tempfile.mkdtemp(prefix="tl-ray-", dir="/tmp"))
    nodes = RayNodes(folder)
    token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    with mock.patch.dict(os.environ, token):  # of this cluster alone; none is left in a home folder
        try:
            for number in cpus:
                nodes.start(number)
            yield nodes
        finally:
            nodes.stop()
            shutil.rmtree(folder, ignore_errors=True)
