"""The child of the bridge, which talks to a Ray cluster; the only file that imports Ray.

A process of its own (`cluster_main.py`): Ray ends the process that uses it when the head of the
cluster is gone, and takes its signals. Reads requests from the pipe, writes reports to it
(`cluster_frames.py`).

Each worker is an actor that keeps one worker process beside it (`node_worker.py`), so that
cancelling, hanging and dying are what they are on one machine. Frames travel as bytes. Large blobs
and tables are put into the object store once, and each node fetches them once. How Ray packs what
its own processes tell each other is Ray's own affair: of our data it sees bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import os
import socket
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import ray
from ray.exceptions import ActorUnavailableError, RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from automl_core.records import from_plain
from automl_core.runs.executor.cluster_frames import (
    CannotConnect,
    ClusterGone,
    Connected,
    EndWorker,
    FromWorker,
    ShareFile,
    StartWorker,
    Told,
    ToWorker,
    WorkerEnded,
    WorkerVitals,
    read_told,
    told_frame,
)
from automl_core.runs.executor.cluster_nodes import ClusterFacts, ClusterNode, Versions
from automl_core.runs.executor.node_worker import NodeWorker, Signs, node_facts
from automl_core.runs.executor.protocol import Blobs, read_frame, write_frame

PIECE_BYTES = 32 * 2**20  # of a table that travel at once
SHARED_BYTES = 2**16  # from where on a blob is put into the object store, once
KEPT_BLOBS, KEPT_FILES = 256, 6  # that are kept there, those used last
LOOK_SECONDS, GONE_SECONDS = 1.0, 6.0  # between two looks at the head; without it until it is gone
UNAVAILABLE_SECONDS = 20.0  # for which a node may not answer
CONNECT_SECONDS = 30.0  # that joining the cluster may take; Ray itself would try for longer
FACTS_SECONDS = 60.0  # that a node may take to say what it has
END_SECONDS = 0.2  # from the end of a process until its actor has reported it and tidied up
SHUTDOWN_SECONDS = 5.0  # that leaving the cluster may take
_IN_ORDER, _AT_ONCE = "in_order", "at_once"  # groups of an actor's methods, a thread each

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Actor:
    """A worker of the cluster, seen from here."""

    number: int
    handle: Any

    def add_file(self, name: str, pieces: list[Any]) -> None:
        """Send it the pieces of a table's file; they arrive before what is given later."""
        method = self.handle.add_file.options(concurrency_group=_IN_ORDER)
        for number, piece in enumerate(pieces):
            method.remote(name, piece, number, len(pieces))

    def give(self, head: str, names: list[str], blobs: list[Any]) -> None:
        """Send it a frame."""
        self.handle.give.options(concurrency_group=_IN_ORDER).remote(head, names, *blobs)

    def end(self) -> None:
        """End its process, then the actor itself, which may not answer any more."""
        try:
            ray.wait([self.handle.end.options(concurrency_group=_AT_ONCE).remote()], timeout=1.0)
            time.sleep(END_SECONDS)
            ray.kill(self.handle)
        except RayError:
            logger.info("worker %s had ended", self.number)


class RayWorkers:
    """The workers of one executor. One thread reads requests, one a worker reports its frames."""

    def __init__(self, root: str, outgoing: BinaryIO) -> None:
        self._root, self._outgoing = root, outgoing
        self._saying = threading.Lock()
        groups = {_IN_ORDER: 1, _AT_ONCE: 1}
        self._kind = ray.remote(num_cpus=1, max_restarts=0, concurrency_groups=groups)(NodeWorker)
        self._actors: dict[int, Actor] = {}
        self._files: OrderedDict[str, list[Any]] = OrderedDict()  # references to their pieces
        self._blobs: OrderedDict[bytes, Any] = OrderedDict()  # references, by the content's hash

    def say(self, told: Told, blobs: Blobs | None = None) -> None:
        """Report to the parent."""
        with self._saying:
            write_frame(self._outgoing, told_frame(told, blobs))

    def heed(self, request: Told, blobs: Blobs) -> None:
        """Do what the parent asks for."""
        match request:
            case StartWorker():
                self._start(request)
            case EndWorker() if request.worker in self._actors:
                actor = self._actors.pop(request.worker)
                threading.Thread(target=actor.end, daemon=True).start()
            case ShareFile() if request.name not in self._files:
                self._share(request)
            case ToWorker() if request.worker in self._actors:
                given = [self._given(data) for data in blobs.values()]
                self._actors[request.worker].give(request.head, list(blobs), given)

    def end_all(self) -> None:
        """End all processes, so that their nodes are left as they were."""
        method = [a.handle.end.options(concurrency_group=_AT_ONCE) for a in self._actors.values()]
        if method:
            ray.wait([m.remote() for m in method], num_returns=len(method), timeout=1.0)
            time.sleep(END_SECONDS)

    def _share(self, request: ShareFile) -> None:
        try:
            pieces = _put_file(Path(request.root) / "tables" / request.name)
        except OSError:  # each task that reads it says that it is not there
            logger.warning("%s cannot be read", request.name)
            return
        self._files[request.name] = pieces
        while len(self._files) > KEPT_FILES:
            self._files.popitem(last=False)
        for actor in self._actors.values():
            actor.add_file(request.name, pieces)

    def _start(self, request: StartWorker) -> None:
        kind = self._kind.options(num_gpus=1) if request.gpu else self._kind
        actor = Actor(request.worker, kind.remote(self._root, request.device))
        self._actors[request.worker] = actor
        for name, pieces in self._files.items():
            actor.add_file(name, pieces)
        threading.Thread(target=self._follow, args=(actor,), daemon=True).start()

    def _given(self, data: bytes) -> Any:
        """A blob as an argument: a large one as a reference, the same one for the same content."""
        if len(data) < SHARED_BYTES:
            return data
        digest = hashlib.blake2b(data, digest_size=16).digest()
        if digest not in self._blobs:
            self._blobs[digest] = ray.put(data)
        self._blobs.move_to_end(digest)
        while len(self._blobs) > KEPT_BLOBS:
            self._blobs.popitem(last=False)
        return self._blobs[digest]

    def _follow(self, actor: Actor) -> None:
        """Report what a worker sends, until it ends."""
        seen, answered = 0, time.monotonic()
        while True:
            try:
                frames, signs = ray.get(actor.handle.take.remote(seen))
            except RayError as error:
                silent = time.monotonic() - answered
                if isinstance(error, ActorUnavailableError) and silent < UNAVAILABLE_SECONDS:
                    time.sleep(LOOK_SECONDS)
                    continue
                self._report_death(actor, error)
                return
            answered = time.monotonic()
            for number, data in frames:
                if number > seen:  # else it came a second time
                    seen = number
                    self._report(actor, data)
            found: Signs = from_plain(Signs, json.loads(signs))
            n, memory, seconds = actor.number, found.memory, found.seconds
            self.say(WorkerVitals(n, memory, seconds, found.node, found.free))
            if found.ended and not frames:
                self.say(WorkerEnded(n, found.ended, found.killed, False))
                ray.kill(actor.handle)
                return

    def _report(self, actor: Actor, data: bytes) -> None:
        frame = read_frame(io.BytesIO(data))
        assert frame is not None
        self.say(FromWorker(actor.number, json.dumps(frame.head)), frame.blobs)

    def _report_death(self, actor: Actor, error: RayError) -> None:
        """An actor has ended, other than with its process: its node is gone, or full."""
        logger.warning("worker %s ended: %s", actor.number, error)
        full = "low on memory" in str(error)  # as Ray's memory monitor says
        words = "was ended by Ray, as its node ran out of memory" if full else "ended with its node"
        self.say(WorkerEnded(actor.number, words, full, not full))


def _put_file(path: Path) -> list[Any]:
    """References to the pieces of a file in the object store; at least one."""
    pieces: list[Any] = []
    with path.open("rb") as file:
        while (piece := file.read(PIECE_BYTES)) or not pieces:
            pieces.append(ray.put(piece))
    return pieces


def find_facts() -> ClusterFacts:
    """What each node has, asked on each node."""
    nodes = [node for node in ray.nodes() if node["Alive"]]
    ask = ray.remote(num_cpus=0, max_retries=0)(node_facts)
    asked = [ask.options(scheduling_strategy=_only_on(n["NodeID"])).remote() for n in nodes]
    until = time.monotonic() + FACTS_SECONDS
    found = []
    for node, reference in zip(nodes, asked, strict=True):
        name, memory, shared, versions = str(node["NodeManagerHostname"]), 0, 0, None
        try:
            answer = ray.get(reference, timeout=max(0.1, until - time.monotonic()))
            name, memory, shared, plain = json.loads(answer)
            versions = from_plain(Versions, plain)
        except RayError:
            logger.exception("node %s does not say what it has", name)
        cpus, gpus = (int(node["Resources"].get(kind, 0)) for kind in ("CPU", "GPU"))
        found.append(ClusterNode(name, cpus, gpus, memory, shared, versions))
    return ClusterFacts(tuple(found))


def _only_on(node: str) -> NodeAffinitySchedulingStrategy:
    return NodeAffinitySchedulingStrategy(node, soft=False)


def _connect(address: str) -> None:
    """Join the cluster; RuntimeError with words for people where that fails."""
    if address != "auto" and not _listens(address):
        raise RuntimeError(f"No Ray cluster answers at {address}. Is its head running there?")
    try:
        ray.init(address, log_to_driver=False, logging_level=logging.WARNING)
    except ConnectionError as error:
        where = "on this machine" if address == "auto" else f"at {address}"
        hint = "`ray start --head --include-dashboard=false` starts one."
        raise RuntimeError(f"No Ray cluster is running {where}. {hint}") from error
    except (RayError, RuntimeError, ValueError, OSError, ImportError) as error:
        words = " ".join(str(error).split())[:400]
        raise RuntimeError(f"The Ray cluster at {address} cannot be used: {words}") from error


def _listens(address: str) -> bool:
    """True where something accepts connections there. RuntimeError where that is no address."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdecimal():
        raise RuntimeError(f"{address} is no address of a Ray cluster. Give HOST:PORT, or auto.")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=2.0):
            return True
    except (OSError, OverflowError):
        return False


def _watch_head(workers: RayWorkers, address: str) -> None:
    """End this process where the head of the cluster does not answer any more."""
    answered = time.monotonic()
    while time.monotonic() - answered < GONE_SECONDS:
        if _listens(address):
            answered = time.monotonic()
        else:
            logger.info("the head at %s does not answer", address)
        time.sleep(LOOK_SECONDS)
    workers.say(ClusterGone("its head does not answer any more"))
    os._exit(1)


def _give_up(workers: RayWorkers, address: str) -> None:
    workers.say(CannotConnect(f"The Ray cluster at {address} does not answer."))
    os._exit(1)


def serve(incoming: BinaryIO, outgoing: BinaryIO, address: str, root: str) -> None:
    """Connect, then do what the parent asks for until it closes the pipe; ends the process."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    workers = RayWorkers(root, outgoing)
    late = threading.Timer(CONNECT_SECONDS, _give_up, (workers, address))
    late.start()
    try:
        _connect(address)
        late.cancel()
        workers.say(Connected(find_facts()))
    except (RuntimeError, RayError) as error:
        logger.exception("the cluster at %s cannot be used", address)
        workers.say(CannotConnect(str(error)))
        os._exit(1)
    head = address if address.startswith("ray://") else ray.get_runtime_context().gcs_address
    threading.Thread(target=_watch_head, args=(workers, head), daemon=True).start()
    while (frame := read_frame(incoming)) is not None:
        workers.heed(read_told(frame), frame.blobs)
    threading.Timer(SHUTDOWN_SECONDS, os._exit, (1,)).start()  # where the cluster hangs
    workers.end_all()
    ray.shutdown()  # ends all actors of this process
    os._exit(0)
