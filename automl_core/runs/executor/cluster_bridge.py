"""The bridge to a Ray cluster, seen from this process: one child that talks to Ray.

Nothing here imports Ray. The child (`ray_cluster.py`) reports in a thread of its own: what the
cluster has, frames of workers, their ends, and that the cluster is gone.
"""

from __future__ import annotations

import importlib.metadata
import itertools
import json
import threading
from pathlib import Path

from automl_core.runs.executor.cluster_frames import (
    CannotConnect,
    ClusterGone,
    Connected,
    EndWorker,
    FromWorker,
    NodeRefused,
    ShareFile,
    StartWorker,
    Told,
    ToWorker,
    WorkerEnded,
    WorkerVitals,
    inner_frame,
    read_told,
    told_frame,
)
from automl_core.runs.executor.cluster_nodes import ClusterFacts, find_versions
from automl_core.runs.executor.pool import Inbox
from automl_core.runs.executor.process import PipedProcess
from automl_core.runs.executor.protocol import Blobs, Frame

_VARIABLES = {"RAY_USAGE_STATS_ENABLED": "0", "OMP_NUM_THREADS": "1"}


def has_ray() -> bool:
    """True where Ray is installed; does not import it."""
    try:
        importlib.metadata.version("ray")
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


class ClusterWorker:
    """A PoolWorker on a node of a cluster."""

    def __init__(self, bridge: ClusterBridge, number: int, inbox: Inbox, gpu: bool) -> None:
        self.pid = number  # of all workers of this bridge
        self.task: int | None = None
        self.cancelled_at: float | None = None
        self.stood_still = False
        self.ready = False
        self.device = ""
        self.is_placed, self.gpu = True, gpu
        self.inbox, self._bridge = inbox, bridge
        self.vitals: WorkerVitals | None = None
        self.ended: WorkerEnded | None = None

    def send(self, frame: Frame) -> None:
        """Hand it one frame; returns at once."""
        self._bridge.tell(ToWorker(self.pid, json.dumps(frame.head)), frame.blobs)

    def kill(self) -> None:
        """End it at once; None follows in the inbox."""
        self._bridge.tell(EndWorker(self.pid))

    def end(self) -> None:
        """End it at once and for good."""
        self.kill()

    @property
    def node(self) -> str:
        """Name of the node that it is on; "" before it has said so."""
        return "" if self.vitals is None else self.vitals.node

    @property
    def is_blameless(self) -> bool:
        """It has ended with its node."""
        return self.ended is not None and self.ended.blameless

    @property
    def was_killed(self) -> bool:
        """It was ended by the system of its node, not by itself."""
        return self.ended is not None and self.ended.killed

    @property
    def exit_words(self) -> str:
        """The cause of its end, for people."""
        return "ended" if self.ended is None else self.ended.words


class ClusterBridge:
    """One child process that has joined a cluster, and the workers that it has started there."""

    def __init__(self, address: str, root: str, log: Path) -> None:
        """`root`: the folder of this session on every node."""
        self.answered = threading.Event()  # from then on there are facts, or words why not
        self.facts: ClusterFacts | None = None
        self.cannot = ""  # why the cluster cannot be used, for people; "": it can, or is not known
        self.gone = ""  # why it is not there any more, for people; "": it is
        self.refused: tuple[str, ...] = ()  # why nodes that joined are not used, for people
        self._address = address
        self._numbers = itertools.count(1)
        self._workers: dict[int, ClusterWorker] = {}  # that have not ended, by number
        self._files: set[tuple[str, str]] = set()  # that the cluster has
        self._process: PipedProcess | None = None
        if has_ray():
            command = ["automl_core.runs.executor.cluster_main", address, root]
            self._process = PipedProcess(command, _VARIABLES, log, self._take)
        else:
            self.cannot = "Ray is not installed here: `pip install 'torchlight[ray]'` does that."
            self.answered.set()

    @property
    def workers(self) -> tuple[ClusterWorker, ...]:
        """Those that have not ended."""
        return tuple(self._workers.values())

    def start_worker(self, inbox: Inbox, gpu: bool, device: str) -> ClusterWorker:
        """A worker that starts as soon as a node has room for it."""
        worker = ClusterWorker(self, next(self._numbers), inbox, gpu)
        self._workers[worker.pid] = worker
        self.tell(StartWorker(worker.pid, gpu, device))
        return worker

    def share(self, root: str, name: str) -> None:
        """Give the nodes a file of a stored table, once."""
        if (root, name) not in self._files:
            self._files.add((root, name))
            self.tell(ShareFile(root, name))

    def tell(self, told: Told, blobs: Blobs | None = None) -> None:
        """Ask the child for something; lost where it has ended."""
        if self._process is not None:
            self._process.send(told_frame(told, blobs))

    def close(self) -> None:
        """Leave the cluster: all workers end."""
        if self._process is not None:
            self._process.close_input()

    def _take(self, frame: Frame | None) -> None:
        """Take what the child reports; in its reading thread. None: it has ended."""
        if frame is None:
            self._lose("the connection to it has ended")
            return
        match told := read_told(frame):
            case Connected(facts):
                self.facts, self.cannot = facts, facts.refusal(find_versions())
                self.answered.set()
            case CannotConnect(words):
                self.cannot = words
                self.answered.set()
            case NodeRefused(words):
                self.refused = (*self.refused, words)
            case ClusterGone(words):
                self._lose(words)
            case WorkerVitals() if told.worker in self._workers:
                self._workers[told.worker].vitals = told
            case FromWorker() if told.worker in self._workers:
                worker = self._workers[told.worker]
                worker.inbox.put((worker, inner_frame(told, frame.blobs)))
            case WorkerEnded() if told.worker in self._workers:
                worker = self._workers.pop(told.worker)
                worker.ended = told
                worker.inbox.put((worker, None))

    def _lose(self, words: str) -> None:
        words = f"The Ray cluster at {self._address} is gone: {words}."
        if not self.answered.is_set():
            self.cannot = words
        self.gone = self.gone or words
        self.answered.set()
