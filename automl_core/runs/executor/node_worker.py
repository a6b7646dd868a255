"""A worker on a node of a cluster: one worker process, as on any machine, and what it reads there.

Ray makes an actor of NodeWorker, and calls its methods with bytes; `ray_cluster.py` is the other
side. Knows nothing of Ray.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import queue
import socket
from dataclasses import dataclass
from pathlib import Path

import psutil

from automl_core.records import to_plain
from automl_core.runs.executor.cluster_nodes import find_versions
from automl_core.runs.executor.node_store import NodeStore
from automl_core.runs.executor.pool import Inbox
from automl_core.runs.executor.process import WorkerProcess
from automl_core.runs.executor.protocol import Frame, write_frame
from automl_core.runs.executor.stillness import processor_seconds
from automl_core.runs.executor.system_memory import free_memory, total_memory

TAKE_SECONDS = 1.0  # for which a frame is waited for: how old signs of life may be

Numbered = list[tuple[int, bytes]]
"""Frames as bytes, with their numbers."""


@dataclass(frozen=True)
class Signs:
    """What a worker's node says of it, every second."""

    node: str  # name of the machine
    memory: int  # bytes, resident
    seconds: float  # of the processor, that it has used
    free: int  # bytes of the machine
    ended: str  # the cause of its end, in words; "": it goes on
    killed: bool  # by the system


def node_facts() -> str:
    """Name, memory, /dev/shm and versions of the machine that runs this, as JSON."""
    name, versions = socket.gethostname(), to_plain(find_versions())
    return json.dumps([name, total_memory(), _shared_memory(), versions])


def _shared_memory() -> int:
    try:
        found = os.statvfs("/dev/shm")
    except OSError:
        return 0
    return found.f_blocks * found.f_frsize


class NodeWorker:
    """One worker process. `take`, `end` and the others may be called side by side."""

    def __init__(self, root: str, device: str) -> None:
        self._store = NodeStore(Path(root))
        self._inbox: Inbox = queue.SimpleQueue()
        self._waiting: Numbered = []  # that may not have arrived at the bridge
        self._last = 0  # number of the last one
        self._ended = ""
        self._process = WorkerProcess(self._inbox, Path(root) / "workers.log", device)

    def add_file(self, name: str, piece: bytes, number: int, count: int) -> None:
        """Piece `number` of `count` of a table's file."""
        self._store.add(name, piece, number, count)

    def give(self, head: str, names: list[str], *blobs: bytes) -> None:
        """A frame for the process: its head as JSON, and its blobs."""
        named = {name: bytes(blob) for name, blob in zip(names, blobs, strict=True)}
        self._process.send(Frame(json.loads(head), named))

    def end(self) -> None:
        """End the process at once, and leave the folder."""
        self._process.end()
        self._store.close()

    def take(self, seen: int) -> tuple[Numbered, str]:
        """Frames after number `seen`, once there are some or a second is over; and Signs, as JSON.

        A frame comes again until a later call has seen it.
        """
        self._waiting = [frame for frame in self._waiting if frame[0] > seen]
        with contextlib.suppress(queue.Empty):
            while not self._waiting and not self._ended:
                self._put(self._inbox.get(timeout=TAKE_SECONDS)[1])
            while True:
                self._put(self._inbox.get_nowait()[1])
        return self._waiting, json.dumps(to_plain(self._signs()))

    def _put(self, frame: Frame | None) -> None:
        if frame is None:
            self._ended = self._process.exit_words
            self._store.close()
            return
        stream = io.BytesIO()
        write_frame(stream, frame)
        self._last += 1
        self._waiting.append((self._last, stream.getvalue()))

    def _signs(self) -> Signs:
        pid, memory = self._process.pid, 0
        with contextlib.suppress(psutil.Error):  # it has just ended
            memory = psutil.Process(pid).memory_info().rss
        killed, ended = self._process.was_killed, self._ended
        used, free = processor_seconds(pid), free_memory()
        return Signs(socket.gethostname(), memory, used, free, ended, killed)
