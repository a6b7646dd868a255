"""The Executor that runs tasks on the nodes of a Ray cluster.

A pool of workers as on this machine, each of them reached through the bridge. Tables and blobs
travel to the nodes, results come back: no file system is shared.
"""

from __future__ import annotations

import tempfile
import time
import uuid
from dataclasses import replace
from pathlib import Path

from automl_core.runs.executor.base import ExecutorStatus, WorkersGoneError
from automl_core.runs.executor.cluster_bridge import ClusterBridge, ClusterWorker
from automl_core.runs.executor.cluster_data import NODE_FOLDER, files_of, moved
from automl_core.runs.executor.cluster_nodes import ClusterFacts
from automl_core.runs.executor.pool import Inbox, WorkerPool
from automl_core.runs.executor.protocol import Blobs
from automl_core.runs.executor.results import Message
from automl_core.runs.executor.stillness import Stillness
from automl_core.runs.executor.tasks import EmbedTask, Work
from automl_core.types import StopReason

CONNECT_SECONDS = 90.0  # that a cluster may take to answer
PATIENCE_SECONDS = 20.0  # from which on it is said that no node has room for a worker
NO_ROOM = "No CPU of the cluster is free: others use them. The workers wait for one."
NO_SENTENCES = "on a cluster texts are encoded by their words alone."


class ClusterExecutor:
    """Workers on the nodes of a cluster; none before `start`."""

    def __init__(self, address: str, log: Path, device: str = "auto") -> None:
        """`address`: "auto" or that of the head. Returns at once, while the cluster is asked."""
        self._address, self._device, self._count = address, device, 0
        self._patient_until = 0.0  # time.monotonic()
        self._root = f"{tempfile.gettempdir()}/{NODE_FOLDER}{uuid.uuid4().hex[:12]}"
        self._bridge = ClusterBridge(address, self._root, log)
        self._pool = WorkerPool(0, self._new_worker, Stillness(used=self._processor_seconds))

    def facts(self, seconds: float = CONNECT_SECONDS) -> ClusterFacts | None:
        """What the cluster has, waiting so long for it; None where it cannot be used or does not
        answer, as `status` says."""
        if not self._bridge.answered.wait(seconds):
            return None
        return None if self._bridge.cannot else self._bridge.facts

    def start(self, wanted: int) -> int:
        """Start as many workers as there are CPUs, or `wanted` (0: all), and return their number.

        Waits for the cluster's answer; 0 where it cannot be used, as `status` says.
        """
        facts = self.facts()
        if facts is None:
            self._bridge.cannot = self._bridge.cannot or (
                f"The Ray cluster at {self._address} does not answer."
            )
            return 0
        self.resize(min(wanted or facts.cpus, facts.cpus))
        return self._count

    def _new_worker(self, inbox: Inbox) -> ClusterWorker:
        gpu = sum(worker.gpu for worker in self._bridge.workers) < self._gpus
        return self._bridge.start_worker(inbox, gpu, self._device)

    @property
    def _gpus(self) -> int:
        """Workers with a GPU; one stays without for the trees, where there are several."""
        facts = self._bridge.facts
        if facts is None or self._device == "cpu":
            return 0
        return min(facts.gpus, max(1, self._count - 1))

    def _processor_seconds(self, number: int) -> float:
        found = (w.vitals for w in self._bridge.workers if w.pid == number)
        vitals = next(found, None)
        return -1.0 if vitals is None else vitals.seconds

    def submit(self, work: Work, blobs: Blobs) -> int:
        """Queue a task; see Executor."""
        if isinstance(work, EmbedTask):  # its vectors would be on one node only
            return self._pool.refuse(NO_SENTENCES)
        for root, name in sorted(files_of(work)):
            self._bridge.share(root, name)
        return self._pool.submit(moved(work, self._root), blobs)

    def poll(self, timeout: float) -> list[Message]:
        """Results that have arrived; see Executor."""
        gone = self._bridge.gone
        messages = self._pool.poll(0.0 if gone else timeout)
        if gone and not messages and not self._bridge.cannot:
            raise WorkersGoneError(gone)
        return messages

    def cancel(self, task: int, reason: StopReason) -> None:
        """Ask a task to stop; see Executor."""
        self._pool.cancel(task, reason)

    def resize(self, count: int) -> None:
        """Keep so many workers from now on; see Executor."""
        self._count, self._patient_until = count, time.monotonic() + PATIENCE_SECONDS
        self._pool.resize(count)

    def status(self) -> ExecutorStatus:
        """The state of the workers, as they last said it; memory is that of all nodes together."""
        vitals = [w.vitals for w in self._bridge.workers if w.vitals is not None]
        free = {v.node: v.free for v in vitals}
        status = self._pool.status()
        return replace(
            status,
            memory_bytes=sum(v.memory for v in vitals),
            free_bytes=sum(free.values()) if free else None,
            gpus=self._gpus if status.gpus else 0,
            broken=self._bridge.cannot or status.broken,
            remarks=self._remarks(),
        )

    def _remarks(self) -> tuple[str, ...]:
        facts = self._bridge.facts
        if facts is None:
            return ()
        words = f"Trains on the Ray cluster at {self._address}: {facts.words}."
        warnings = (node.warning for node in facts.nodes if node.warning)
        return (words, *warnings, *self._bridge.refused, *([NO_ROOM] if self._has_no_room else []))

    @property
    def _has_no_room(self) -> bool:
        """No node has started a worker for long."""
        workers = self._bridge.workers
        starts = bool(workers) and all(worker.vitals is None for worker in workers)
        return starts and time.monotonic() > self._patient_until

    def interrupt(self) -> None:
        """The process is about to end; see Executor."""
        self._pool.interrupt()

    def close(self) -> None:
        """End all workers at once, and leave the cluster."""
        self._pool.close()
        self._bridge.close()
