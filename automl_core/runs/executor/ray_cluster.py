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
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import ray
from ray.exceptions import ActorDiedError, ActorUnavailableError, RayError, RayTaskError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from automl_core.records import RecordError, from_plain
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
    read_told,
    told_frame,
)
from automl_core.runs.executor.cluster_nodes import (
    AdmittedNodes,
    ClusterFacts,
    ClusterNode,
    Versions,
    find_versions,
)
from automl_core.runs.executor.node_worker import NodeWorker, Signs, node_facts
from automl_core.runs.executor.protocol import Blobs, read_frame, write_frame

PIECE_BYTES = 32 * 2**20  # of a table that travel at once
SHARED_BYTES = 2**16  # from where on a blob is put into the object store, once
KEPT_BLOBS = 256  # that are kept there, those used last
LOOK_SECONDS, GONE_SECONDS = 1.0, 6.0  # between two looks at the head; without it until it is gone
JOIN_SECONDS = 2.0  # between two looks for nodes that have joined
NODE_ID = "ray.io/node-id"  # the label that Ray gives to each node
UNAVAILABLE_SECONDS = 20.0  # for which a node may not answer
CONNECT_SECONDS = 30.0  # that joining the cluster may take; Ray itself would try for longer
FACTS_SECONDS = 60.0  # that a node may take to say what it has
END_SECONDS = 0.2  # from the end of a process until its actor has reported it and tidied up
SHUTDOWN_SECONDS = 5.0  # that leaving the cluster may take
_IN_ORDER, _AT_ONCE = "in_order", "at_once"  # groups of an actor's methods, a thread each

logger = logging.getLogger(__name__)


class ActorWorker(NodeWorker):
    """NodeWorker as Ray needs it: what comes in its order has a thread, its end another one, and
    `take`, which waits, the third."""

    add_file = ray.method(concurrency_group=_IN_ORDER)(NodeWorker.add_file)
    give = ray.method(concurrency_group=_IN_ORDER)(NodeWorker.give)
    end = ray.method(concurrency_group=_AT_ONCE)(NodeWorker.end)


@dataclass(frozen=True, eq=False)
class Actor:
    """A worker of the cluster, seen from here."""

    number: int
    handle: Any

    def add_file(self, name: str, pieces: list[Any]) -> None:
        """Send it the pieces of a table's file; they arrive before what is given later."""
        for number, piece in enumerate(pieces):
            self.handle.add_file.remote(name, piece, number, len(pieces))

    def give(self, head: str, names: list[str], blobs: list[Any]) -> None:
        """Send it a frame."""
        self.handle.give.remote(head, names, *blobs)

    def end(self) -> None:
        """End its process, then the actor itself, which may not answer any more."""
        try:
            ray.wait([self.handle.end.remote()], timeout=1.0)
            time.sleep(END_SECONDS)
            ray.kill(self.handle)
        except RayError:
            logger.info("worker %s had ended", self.number)


class RayWorkers:
    """The workers of one executor. One thread reads requests, one a worker reports its frames."""

    def __init__(self, root: str, outgoing: BinaryIO) -> None:
        self._root, self._outgoing = root, outgoing
        self._saying, self._changing = threading.Lock(), threading.RLock()
        groups = {_IN_ORDER: 1, _AT_ONCE: 1}
        as_actor = ray.remote(num_cpus=1, max_restarts=0, concurrency_groups=groups)
        self._kind = as_actor(ActorWorker)
        self._nodes = AdmittedNodes(find_versions())
        self._actors: dict[int, Actor] = {}
        self._unplaced: dict[int, StartWorker] = {}  # that no node has started yet
        self._files: dict[str, list[Any]] = {}  # references to their pieces
        self._blobs: OrderedDict[bytes, Any] = OrderedDict()  # references, by the content's hash

    def say(self, told: Told, blobs: Blobs | None = None) -> None:
        """Report to the parent."""
        with self._saying:
            write_frame(self._outgoing, told_frame(told, blobs))

    def admit(self, nodes: Iterable[ClusterNode]) -> list[str]:
        """Let workers start on these nodes, too; the words for those where none may."""
        with self._changing:
            before, refused = len(self._nodes.ids), self._nodes.take(nodes)
            if len(self._nodes.ids) > before:
                for request in list(self._unplaced.values()):  # they may have waited for one
                    self._place(request)
        return refused

    def look_for_nodes(self) -> None:
        """Admit what has joined meanwhile, or say why it is not used."""
        for words in self.admit(ask_nodes(self._nodes)):
            self.say(NodeRefused(words))

    def heed(self, request: Told, blobs: Blobs) -> None:
        """Do what the parent asks for."""
        with self._changing:
            match request:
                case StartWorker():
                    self._unplaced[request.worker] = request
                    self._place(request)
                case EndWorker():
                    self._unplaced.pop(request.worker, None)
                    if (actor := self._actors.pop(request.worker, None)) is not None:
                        threading.Thread(target=actor.end, daemon=True).start()
                case ShareFile() if request.name not in self._files:
                    self._share(request)
                case ToWorker() if request.worker in self._actors:
                    given = [self._given(data) for data in blobs.values()]
                    self._actors[request.worker].give(request.head, list(blobs), given)

    def end_all(self) -> None:
        """End all processes, so that their nodes are left as they were."""
        with self._changing:
            actors = list(self._actors.values())
        if actors:
            ended = [actor.handle.end.remote() for actor in actors]
            ray.wait(ended, num_returns=len(ended), timeout=1.0)
            time.sleep(END_SECONDS)

    def _share(self, request: ShareFile) -> None:
        try:
            pieces = _put_file(Path(request.root) / "tables" / request.name)
        except OSError:  # each task that reads it says that it is not there
            logger.warning("%s cannot be read", request.name)
            return
        self._files[request.name] = pieces
        for actor in self._actors.values():
            actor.add_file(request.name, pieces)

    def _place(self, request: StartWorker) -> None:
        """Have a worker started on one of the admitted nodes, once one has room for it; where it
        waits for others already, for these, too."""
        if (waiting := self._actors.pop(request.worker, None)) is not None:
            ray.kill(waiting.handle)
        if not self._nodes.ids:
            return
        where = {NODE_ID: f"in({','.join(self._nodes.ids)})"}
        kind = self._kind.options(num_gpus=int(request.gpu), label_selector=where)
        actor = Actor(request.worker, kind.remote(self._root, request.device))
        self._actors[request.worker] = actor
        for name, pieces in self._files.items():
            actor.add_file(name, pieces)
        threading.Thread(target=self._follow, args=(actor,), daemon=True).start()

    def _settle(self, actor: Actor) -> bool:
        """The worker stays where it was started; False where another actor has taken its place."""
        with self._changing:
            if self._actors.get(actor.number, actor) is not actor:
                return False
            self._unplaced.pop(actor.number, None)
            return True

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
                if self._settle(actor):
                    self._report_death(actor, error)
                return
            if actor.number in self._unplaced and not self._settle(actor):
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
                self._forget(actor)
                self.say(WorkerEnded(n, found.ended, found.killed, False))
                ray.kill(actor.handle)
                return

    def _report(self, actor: Actor, data: bytes) -> None:
        frame = read_frame(io.BytesIO(data))
        assert frame is not None
        self.say(FromWorker(actor.number, json.dumps(frame.head)), frame.blobs)

    def _report_death(self, actor: Actor, error: RayError) -> None:
        """An actor has ended, other than with its process."""
        logger.warning("worker %s ended: %s", actor.number, error)
        self._forget(actor)
        if isinstance(error, ActorUnavailableError):  # it may come back, and would keep its CPU
            ray.kill(actor.handle)
        self.say(WorkerEnded(actor.number, *death_words(error)))

    def _forget(self, actor: Actor) -> None:
        with self._changing:
            self._actors.pop(actor.number, None)


def death_words(error: RayError) -> tuple[str, bool, bool]:
    """Why an actor has ended; whether it was killed for memory; whether its node went with it."""
    if isinstance(error, ActorDiedError) and error.actor_init_failed:
        return f"could not be started there: {str(error).splitlines()[-1][:200]}", False, False
    if "low on memory" in str(error):  # as Ray's memory monitor says
        return "was ended by Ray, as its node ran out of memory", True, False
    return "ended with its node", False, True


def _put_file(path: Path) -> list[Any]:
    """References to the pieces of a file in the object store; at least one."""
    pieces: list[Any] = []
    with path.open("rb") as file:
        while (piece := file.read(PIECE_BYTES)) or not pieces:
            pieces.append(ray.put(piece))
    return pieces


def ask_nodes(admitted: AdmittedNodes) -> list[ClusterNode]:
    """Ask each node that was not asked yet for its facts, on the node itself, and return them.

    Those that do not answer are left out, and asked again by the next call.
    """
    alive = {str(node["NodeID"]): node for node in ray.nodes() if node["Alive"]}
    ask = ray.remote(num_cpus=0, max_retries=0)(node_facts)
    new = sorted(admitted.without_asked(alive))
    asked = {id: ask.options(scheduling_strategy=_only_on(id)).remote() for id in new}
    until, found = time.monotonic() + FACTS_SECONDS, []
    for id, reference in asked.items():
        name, memory, shared, versions = str(alive[id]["NodeManagerHostname"]), 0, 0, None
        try:
            answer = ray.get(reference, timeout=max(0.1, until - time.monotonic()))
            name, memory, shared, plain = json.loads(answer)
            versions = from_plain(Versions, plain)
        except (RayTaskError, RecordError, ValueError):  # it has none, or a very different one
            logger.exception("Torchlight on node %s does not say what it has", name)
        except RayError:
            logger.exception("node %s does not answer", name)
            continue
        cpus, gpus = (int(alive[id]["Resources"].get(kind, 0)) for kind in ("CPU", "GPU"))
        found.append(ClusterNode(id, name, cpus, gpus, memory, shared, versions))
    return found


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


def _watch_nodes(workers: RayWorkers) -> None:
    """Look for nodes that join, for as long as the process lives."""
    while True:
        time.sleep(JOIN_SECONDS)
        try:
            workers.look_for_nodes()
        except Exception:  # the thread's edge: without the head nothing answers, as is seen beside
            logger.exception("nodes that joined could not be asked")


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
        nodes = ask_nodes(AdmittedNodes(find_versions()))
        workers.admit(nodes)  # the parent says what is refused of these
        workers.say(Connected(ClusterFacts(tuple(nodes))))
    except (RuntimeError, RayError) as error:
        logger.exception("the cluster at %s cannot be used", address)
        workers.say(CannotConnect(str(error)))
        os._exit(1)
    head = address if address.startswith("ray://") else ray.get_runtime_context().gcs_address
    threading.Thread(target=_watch_head, args=(workers, head), daemon=True).start()
    threading.Thread(target=_watch_nodes, args=(workers,), daemon=True).start()
    try:
        while (frame := read_frame(incoming)) is not None:
            workers.heed(read_told(frame), frame.blobs)
    except (RayError, ConnectionError) as error:  # the second of Ray's client
        logger.exception("the cluster at %s takes nothing any more", address)
        words = " ".join(str(error).split())[:200]
        workers.say(ClusterGone(f"it takes nothing any more ({words})"))
        os._exit(1)
    threading.Timer(SHUTDOWN_SECONDS, os._exit, (1,)).start()  # where the cluster hangs
    workers.end_all()
    ray.shutdown()  # ends all actors of this process
    os._exit(0)
