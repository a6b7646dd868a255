"""The one place where an executor is chosen: this machine, or a cluster."""

from __future__ import annotations

from pathlib import Path

from automl_core.runs.executor.base import Executor
from automl_core.runs.executor.cluster import ClusterExecutor
from automl_core.runs.executor.local import LocalExecutor, default_workers


def open_executor(
    cluster: str | None, wanted: int, log: Path, device: str = "auto"
) -> tuple[Executor, int]:
    """An executor with `wanted` workers (0: as many as fit), and how many these are, at least 1.

    `cluster` is None, "auto" or the address of a Ray cluster, whose answer is waited for. Where it
    cannot be used, the executor has no workers, and its status says why.
    """
    if cluster is None:
        count = wanted or default_workers()
        return LocalExecutor(count, log, device), count
    executor = ClusterExecutor(cluster, log, device)
    return executor, max(1, executor.start(wanted))


def open_one_worker(cluster: str | None, log: Path) -> Executor:
    """One worker without a GPU, for what somebody waits for; `cluster` as in `open_executor`.

    Returns at once: where a cluster cannot be used, the status says so later.
    """
    if cluster is None:
        return LocalExecutor(1, log, device="cpu")
    executor = ClusterExecutor(cluster, log, device="cpu")
    executor.resize(1)
    return executor
