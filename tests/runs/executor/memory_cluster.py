"""A cluster in this process: the other side of a bridge, without Ray and without a child.

Its nodes have a folder of their own; a worker there does its task at once, in the thread that sends
it. Tests send the reports that they want.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import cast

import pytest

from automl_core.runs.executor import cluster_bridge
from automl_core.runs.executor.cluster_frames import (
    Connected,
    EndWorker,
    FromWorker,
    ShareFile,
    StartWorker,
    Told,
    ToWorker,
    WorkerVitals,
    inner_frame,
    read_told,
    told_frame,
)
from automl_core.runs.executor.cluster_nodes import ClusterFacts, ClusterNode, find_versions
from automl_core.runs.executor.protocol import Blobs, Frame
from automl_core.runs.executor.results import WorkerReady, result_frame
from automl_core.runs.executor.tasks import Work, read_request
from tests.runs.inline import InlineExecutor

ADDRESS = "10.0.0.1:6379"


def here(cpus: int = 2) -> ClusterNode:
    """A node with the versions of this process."""
    return ClusterNode("1", "alpha", cpus, 0, 16 * 10**9, 8 * 10**9, find_versions())


class MemoryCluster:
    """The cluster that one bridge has joined; made as the bridge makes its child."""

    made: list[MemoryCluster]
    answers = True  # says at once what it has
    has_room = True  # starts workers

    def __init__(
        self,
        command: Sequence[str],
        variables: Mapping[str, str],
        log: Path,
        take: Callable[[Frame | None], None],
    ) -> None:
        del variables, log
        self.address, root = command[1:]
        self._root, self._take = Path(root), take
        self.asked: list[Told] = []
        self.done: list[str] = []  # kinds of tasks
        self.left = False
        self.made.append(self)
        if self.answers:
            self.connect()

    def send(self, frame: Frame) -> None:
        """Hear a request of the bridge."""
        request = read_told(frame)
        self.asked.append(request)
        if isinstance(request, ShareFile):
            (self._root / "tables").mkdir(parents=True, exist_ok=True)
            shutil.copy(Path(request.root) / "tables" / request.name, self._root / "tables")
        elif isinstance(request, StartWorker) and self.has_room:
            self.tell(WorkerVitals(request.worker, 10**8, 1.0, "alpha", 10**9))
            ready = result_frame(0, WorkerReady("cpu", "CPU", ()))
            self.tell(FromWorker(request.worker, json.dumps(ready.head)), ready.blobs)
        elif isinstance(request, ToWorker):
            self._do(request, frame.blobs)

    def _do(self, request: ToWorker, blobs: Blobs) -> None:
        inner = inner_frame(request, blobs)
        number, work = read_request(inner)
        self.done.append(type(work).__name__)
        executor = InlineExecutor()
        executor.submit(cast("Work", work), inner.blobs)
        for message in executor.poll(0.0):
            answer = result_frame(number, message.result)
            self.tell(FromWorker(request.worker, json.dumps(answer.head)), answer.blobs)

    def tell(self, told: Told, blobs: Blobs | None = None) -> None:
        """Send the bridge a report."""
        self._take(told_frame(told, blobs))

    def connect(self, *nodes: ClusterNode) -> None:
        """Say what the cluster has."""
        self.tell(Connected(ClusterFacts(nodes or (here(),))))

    def close_input(self) -> None:
        """The bridge leaves."""
        self.left = True
        shutil.rmtree(self._root, ignore_errors=True)

    @property
    def workers(self) -> set[int]:
        """Those that were started and not ended."""
        ended = {request.worker for request in self.asked if isinstance(request, EndWorker)}
        return {r.worker for r in self.asked if isinstance(r, StartWorker)} - ended


@pytest.fixture
def clusters(monkeypatch: pytest.MonkeyPatch) -> list[MemoryCluster]:
    """All clusters that bridges have joined, the last one last."""
    made: list[MemoryCluster] = []
    monkeypatch.setattr(MemoryCluster, "made", made, raising=False)
    monkeypatch.setattr(cluster_bridge, "has_ray", lambda: True)
    monkeypatch.setattr(cluster_bridge, "PipedProcess", MemoryCluster)
    return made
