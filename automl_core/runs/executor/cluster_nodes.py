"""The nodes of a cluster, as people and the executor need to know them.

`find_versions` runs on each node; the rest in the process that asks.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from automl_core.words import count, size

SHARE_OF_MEMORY = 1 / 3  # that Ray keeps in /dev/shm, where that is large enough
SAME_VERSIONS = (
    "Install the same versions on every node, for the Python that runs `ray start` there: models "
    "would differ from node to node."
)


@dataclass(frozen=True)
class Versions:
    """What has to be the same wherever a model is trained."""

    python: str
    torch: str  # without what it was built for: "2.13.0", not "2.13.0+cpu"
    code: str  # of Torchlight: a hash of its files, as checkouts differ within a version


def find_versions() -> Versions:
    """Those of this process; no library is imported for it."""
    torch = importlib.metadata.version("torch").partition("+")[0]
    return Versions(".".join(platform.python_version_tuple()[:2]), torch, _code_hash())


@cache
def _code_hash() -> str:
    """The same where the core has the same files with the same content."""
    core, digest = Path(__file__).resolve().parents[2], hashlib.blake2b(digest_size=8)
    for path in sorted(core.rglob("*.py"), key=lambda p: p.relative_to(core).parts):
        digest.update(path.relative_to(core).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


@dataclass(frozen=True)
class ClusterNode:
    """One machine of a cluster, or one of several Ray nodes on a machine."""

    id: str  # Ray's; a node that comes back has another one
    name: str
    cpus: int
    gpus: int
    memory: int  # bytes of the machine
    shared: int  # bytes of /dev/shm; 0: there is none on this system
    versions: Versions | None  # None: Torchlight is not installed there

    @property
    def warning(self) -> str:
        """What makes the node slower than it could be; "": nothing."""
        if not 0 < self.shared < SHARE_OF_MEMORY * self.memory:
            return ""
        return (
            f"{self.name}: /dev/shm has {size(self.shared)}, less than a third of the memory of "
            f"{size(self.memory)}. Ray may keep data on its disk then, which is slow. A container "
            f"gets more with --shm-size, a pod with a volume of medium Memory."
        )

    def difference(self, own: Versions) -> str:
        """The first difference from a process with these versions, in words; "": there is none."""
        theirs = self.versions
        if theirs is None:
            return f"Torchlight is not installed on {self.name}"
        if theirs.python != own.python:
            return f"{self.name} has Python {theirs.python}, this machine has {own.python}"
        if theirs.torch != own.torch:
            return f"{self.name} has PyTorch {theirs.torch}, this machine has {own.torch}"
        if theirs.code != own.code:
            return (
                f"{self.name} has another Torchlight (its files are {theirs.code[:8]}) than this "
                f"machine ({own.code[:8]})"
            )
        return ""


@dataclass(frozen=True)
class ClusterFacts:
    """What a cluster has, as it was found."""

    nodes: tuple[ClusterNode, ...]

    @property
    def cpus(self) -> int:
        """Of all nodes."""
        return sum(node.cpus for node in self.nodes)

    @property
    def gpus(self) -> int:
        """Of all nodes."""
        return sum(node.gpus for node in self.nodes)

    @property
    def words(self) -> str:
        """ "2 nodes with 8 CPUs, 1 GPU and 62 GB of memory"; a machine's memory counts once."""
        gpus = count(self.gpus, "GPU") if self.gpus else "no GPU"
        memory = size(sum({node.name: node.memory for node in self.nodes}.values()))
        return (
            f"{count(len(self.nodes), 'node')} with {count(self.cpus, 'CPU')}, {gpus} and "
            f"{memory} of memory"
        )

    def refusal(self, own: Versions) -> str:
        """Why this process, with its `own` versions, cannot use the cluster; "" where it can."""
        if not self.cpus:
            return "No node of the cluster has a CPU that Ray may use, and answers."
        found = [words for node in self.nodes if node.cpus and (words := node.difference(own))]
        return f"{'; '.join(found)}. {SAME_VERSIONS}" if found else ""


class AdmittedNodes:
    """The nodes of a cluster that workers may start on, as nodes come and go."""

    def __init__(self, own: Versions) -> None:
        """`own`: the versions that a node has to have."""
        self._own = own
        self._asked: set[str] = set()
        self.ids: list[str] = []

    def without_asked(self, ids: Iterable[str]) -> set[str]:
        """Those of the nodes that have not said what they have."""
        return set(ids) - self._asked

    def take(self, nodes: Iterable[ClusterNode]) -> list[str]:
        """Admit those with the same versions; for each other one the words that say why not."""
        refused = []
        for node in nodes:
            self._asked.add(node.id)
            if words := node.difference(self._own):
                words = f"{node.name} joined the cluster and is not used: {words}. {SAME_VERSIONS}"
                refused.append(words)
            else:
                self.ids.append(node.id)
        return refused
