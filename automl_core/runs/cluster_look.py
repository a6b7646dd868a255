"""A look at a Ray cluster, before a run is started on it: what it has, or why it cannot be used."""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from automl_core.runs.executor import ClusterExecutor, ClusterFacts

OLD_SECONDS = 60.0  # after which an answer is asked for again

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ClusterLook:
    """What was found."""

    facts: ClusterFacts | None  # None: it cannot be used
    words: str  # why not, for people
    asked: float  # time.monotonic()

    @property
    def is_old(self) -> bool:
        """Nodes may have come and gone since."""
        return time.monotonic() - self.asked > OLD_SECONDS


def look_at_cluster(address: str, log: Path) -> Future[ClusterLook]:
    """Join the cluster, ask what it has, and leave it; in a thread, for some seconds."""
    future: Future[ClusterLook] = Future()
    threading.Thread(target=_look, args=(address, log, future), daemon=True).start()
    return future


def _look(address: str, log: Path, future: Future[ClusterLook]) -> None:
    asked = time.monotonic()
    try:
        executor = ClusterExecutor(address, log)
        try:
            facts, words = executor.facts(), executor.status().broken
        finally:
            executor.close()
        words = words or ("" if facts else f"The Ray cluster at {address} does not answer.")
        future.set_result(ClusterLook(facts, words, asked))
    except Exception:  # the thread's edge: a page waits for the answer
        logger.exception("the cluster at %s could not be asked", address)
        words = "The cluster could not be asked what it has; the log of the app has the details."
        future.set_result(ClusterLook(None, words, asked))
