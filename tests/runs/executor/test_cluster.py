"""Workers on the nodes of a Ray cluster: what goes wrong there and nowhere else."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from automl_core.runs.executor import cluster, cluster_bridge, has_ray
from automl_core.runs.executor.base import WorkersGoneError
from automl_core.runs.executor.choose import open_executor
from automl_core.runs.executor.cluster import NO_ROOM, NO_SENTENCES, ClusterExecutor
from automl_core.runs.executor.cluster_frames import NodeRefused, WorkerVitals
from automl_core.runs.executor.local import LocalExecutor
from automl_core.runs.executor.results import EpochsReported, FoldFitted, TaskDone, TaskFailed
from automl_core.runs.executor.tasks import EmbedTask
from automl_core.runs.record import Budget
from automl_core.runs.setup import prepare_run_data
from automl_core.types import Config
from tests.browser.server import free_port
from tests.ray_nodes import RayNodes, ray_nodes
from tests.runs.executor.memory_cluster import ADDRESS, MemoryCluster, clusters
from tests.runs.executor.test_contract import ENDS, SECONDS, Given, messages, poll_until
from tests.runs.tables import small_run

__all__ = ["clusters"]  # fixture

needs_ray = pytest.mark.skipif(not has_ray(), reason="Ray is not installed")
LONG: Config = {"max_iterations": 3000, "learning_rate": 1e-4, "patience": 10**6}


def test_without_ray_it_is_said_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_bridge, "has_ray", lambda: False)
    executor, workers = open_executor("auto", 4, tmp_path / "log")
    assert workers == 1 and "torchlight[ray]" in executor.status().broken
    assert executor.status().count == 0
    executor.close()


def test_a_run_without_a_cluster_trains_here(tmp_path: Path) -> None:
    executor, workers = open_executor(None, 1, tmp_path / "log")
    assert isinstance(executor, LocalExecutor) and workers == 1
    executor.close()


@needs_ray
def test_where_there_is_no_cluster_it_is_said(tmp_path: Path) -> None:
    for address in (f"127.0.0.1:{free_port()}", "nonsense"):
        executor, _ = open_executor(address, 0, tmp_path / "log")
        words = executor.status().broken
        assert address in words and "Traceback" not in words
        executor.close()


@pytest.fixture
def nodes() -> Iterator[RayNodes]:
    with ray_nodes(1, 1) as found:
        yield found


@needs_ray
def test_a_node_that_dies_costs_a_second_try_and_a_head_that_dies_the_rest(
    nodes: RayNodes, workspace: Path
) -> None:
    spec, schema = small_run(workspace, Budget(trials=1))
    link = prepare_run_data(spec, schema, workspace, 1).link
    executor = ClusterExecutor(nodes.address, workspace / "log")
    given = Given(executor, link, lambda: executor, list)
    assert executor.start(0) == 2, executor.status().broken
    assert "2 nodes with 2 CPUs, no GPU" in executor.status().remarks[0]

    embed = executor.submit(EmbedTask(link, "", None), {})
    assert [(m.task, m.result) for m in executor.poll(0)] == [(embed, TaskFailed(NO_SENTENCES))]

    tasks = {executor.submit(*given.training(config=LONG)) for _ in range(2)}
    began, ends, fitted, killed = set[int](), dict[int, object](), 0, False
    latest = time.monotonic() + SECONDS
    while len(ends) < 2:
        assert time.monotonic() < latest, (began, ends, executor.status())
        for message in executor.poll(0.1):
            if isinstance(message.result, EpochsReported):
                began.add(message.task)
            if isinstance(message.result, ENDS):
                ends[message.task] = message.result
            if isinstance(message.result, FoldFitted):
                fitted += 1
                assert message.result.node == socket.gethostname()
        if began == tasks and not killed:
            nodes.kill(nodes.processes[1])
            killed = True
    assert ends == dict.fromkeys(tasks, TaskDone())
    assert fitted == 2
    assert executor.status().broken == ""

    nodes.kill(nodes.processes[0])
    with pytest.raises(WorkersGoneError, match=r"is gone: "):
        while time.monotonic() < latest + SECONDS:
            executor.poll(0.1)
    executor.close()


def test_a_node_that_joins_and_differs_is_said_and_so_is_a_cluster_without_room(
    tmp_path: Path, clusters: list[MemoryCluster], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr(MemoryCluster, "has_room", False)
    executor, workers = open_executor(ADDRESS, 0, tmp_path / "log")
    assert workers == 2 and len(clusters[0].workers) == 2
    first, room = executor.status().remarks
    assert "1 node with 2 CPUs" in first and room == NO_ROOM
    clusters[0].tell(NodeRefused("beta joined the cluster and is not used: it has another."))
    clusters[0].tell(WorkerVitals(1, 10**8, 1.0, "alpha", 10**9))
    assert executor.status().remarks == (
        first,
        "beta joined the cluster and is not used: it has another.",
    )
    executor.close()
    assert clusters[0].left


@needs_ray
def test_no_worker_starts_on_a_node_that_joins_with_other_versions(
    workspace: Path, tmp_path: Path
) -> None:
    (tmp_path / "torch-0.1.2.dist-info").mkdir()
    (tmp_path / "torch-0.1.2.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: torch\nVersion: 0.1.2\n"
    )
    spec, schema = small_run(workspace, Budget(trials=1))
    link = prepare_run_data(spec, schema, workspace, 1).link
    with ray_nodes(1, 1) as nodes:
        executor = ClusterExecutor(nodes.address, workspace / "log")
        given = Given(executor, link, lambda: executor, list)
        assert executor.start(0) == 2, executor.status().broken
        poll_until(executor, lambda: executor.status().ready == 2)
        nodes.start(1, before=tmp_path)
        nodes.kill(nodes.processes[1])
        differs = "PyTorch 0.1.2, this machine has"
        poll_until(executor, lambda: any(differs in w for w in executor.status().remarks))
        tasks = {executor.submit(*given.training()) for _ in range(2)}
        ends = [m.result for m in messages(executor, tasks) if isinstance(m.result, ENDS)]
        assert ends == [TaskDone(), TaskDone()]
        assert executor.status().ready == 1  # the other one waits for a node like these
        nodes.start(1)
        poll_until(executor, lambda: executor.status().ready == 2)
        executor.close()
