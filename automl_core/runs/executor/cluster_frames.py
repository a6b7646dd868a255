"""What the two sides of the bridge to a cluster tell each other, and its form on the pipe.

`cluster_bridge.py` writes requests and reads reports, `ray_cluster.py` does the opposite. Frames of
workers travel inside, as they are, with their blobs.
"""

from __future__ import annotations

import json
import typing
from dataclasses import dataclass
from typing import Any

from automl_core.records import from_plain, to_plain
from automl_core.runs.executor.cluster_nodes import ClusterFacts
from automl_core.runs.executor.protocol import Blobs, Frame


@dataclass(frozen=True)
class StartWorker:
    """Start a worker somewhere, when there is room."""

    worker: int
    gpu: bool
    device: str  # as in a run's options


@dataclass(frozen=True)
class EndWorker:
    """End a worker at once; WorkerEnded follows."""

    worker: int


@dataclass(frozen=True)
class ShareFile:
    """A file of a stored table that tasks will read; every node with a worker gets it once."""

    root: str  # workspace
    name: str  # below its `tables`


@dataclass(frozen=True)
class ToWorker:
    """A frame for a worker; its blobs are those of the frame."""

    worker: int
    head: str  # JSON


@dataclass(frozen=True)
class Connected:
    """The bridge has reached the cluster."""

    facts: ClusterFacts


@dataclass(frozen=True)
class CannotConnect:
    """The bridge cannot reach the cluster; it ends."""

    words: str


@dataclass(frozen=True)
class NodeRefused:
    """A node that joined later is not used."""

    words: str


@dataclass(frozen=True)
class ClusterGone:
    """The cluster was there and is not any more; the bridge ends."""

    words: str


@dataclass(frozen=True)
class FromWorker:
    """A frame of a worker; its blobs are those of the frame."""

    worker: int
    head: str  # JSON


@dataclass(frozen=True)
class WorkerVitals:
    """Signs of life of a worker, every second at least."""

    worker: int
    memory: int  # bytes, resident
    seconds: float  # of the processor, that it has used
    node: str
    free: int  # bytes of the node


@dataclass(frozen=True)
class WorkerEnded:
    """A worker has ended, as it was asked to or not."""

    worker: int
    words: str  # "ended unexpectedly (exit code 1)"
    killed: bool  # by the system
    blameless: bool  # with its node


Told = (
    StartWorker
    | EndWorker
    | ShareFile
    | ToWorker
    | Connected
    | CannotConnect
    | NodeRefused
    | ClusterGone
    | FromWorker
    | WorkerVitals
    | WorkerEnded
)

_KINDS: dict[str, type[Any]] = {cls.__name__: cls for cls in typing.get_args(Told)}


def told_frame(told: Told, blobs: Blobs | None = None) -> Frame:
    """The frame that carries a request or a report."""
    return Frame({"kind": type(told).__name__, "plain": to_plain(told)}, blobs or {})


def read_told(frame: Frame) -> Told:
    """The request or report in a frame that `told_frame` made."""
    told: Told = from_plain(_KINDS[frame.head["kind"]], frame.head["plain"])
    return told


def inner_frame(told: ToWorker | FromWorker, blobs: Blobs) -> Frame:
    """The worker's frame that travels inside."""
    return Frame(json.loads(told.head), blobs)
