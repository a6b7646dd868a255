"""What is said of a cluster, and why one is refused."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from automl_core.runs.executor.cluster_nodes import (
    AdmittedNodes,
    ClusterFacts,
    ClusterNode,
    Versions,
    find_versions,
)

OWN = Versions("3.11", "2.13.0", "abc")
NODE = ClusterNode("1", "alpha", 4, 0, 16 * 10**9, 8 * 10**9, OWN)
OTHER = replace(NODE, id="2", name="beta", gpus=1)


def test_the_cluster_in_words() -> None:
    assert ClusterFacts((NODE, OTHER)).words == "2 nodes with 8 CPUs, 1 GPU and 32 GB of memory"
    assert ClusterFacts((NODE,)).words == "1 node with 4 CPUs, no GPU and 16 GB of memory"
    assert ClusterFacts((NODE, NODE)).words == "2 nodes with 8 CPUs, no GPU and 16 GB of memory"
    assert ClusterFacts((NODE, OTHER)).refusal(OWN) == ""


@pytest.mark.parametrize(
    ("node", "words"),
    [
        (replace(OTHER, versions=None), "Torchlight is not installed on beta"),
        (replace(OTHER, versions=replace(OWN, python="3.12")), "beta has Python 3.12, .* has 3.11"),
        (replace(OTHER, versions=replace(OWN, torch="2.9.1")), "beta has PyTorch 2.9.1, .* 2.13.0"),
        (replace(OTHER, versions=replace(OWN, code="abd")), r"beta .* Torchlight .*abd.*\(abc\)"),
    ],
)
def test_nodes_that_differ_are_refused_now_and_when_they_join(
    node: ClusterNode, words: str
) -> None:
    assert re.search(words, ClusterFacts((NODE, node)).refusal(OWN))
    assert ClusterFacts((NODE, replace(node, cpus=0))).refusal(OWN) == ""  # nothing runs there
    admitted = AdmittedNodes(OWN)
    assert admitted.take([NODE]) == [] and admitted.ids == [NODE.id]
    assert admitted.without_asked(["1", "2"]) == {"2"}
    (refused,) = admitted.take([node])
    assert refused.startswith("beta joined the cluster") and re.search(words, refused)
    assert admitted.ids == [NODE.id] and not admitted.without_asked(["1", "2"])
    assert admitted.take([replace(OTHER, id="3")]) == [] and admitted.ids == ["1", "3"]


def test_a_cluster_without_a_cpu_is_refused() -> None:
    assert "has a CPU" in ClusterFacts((replace(NODE, cpus=0),)).refusal(OWN)


def test_a_shared_memory_that_is_too_small_is_said_and_none_at_all_is_not() -> None:
    small = replace(NODE, shared=64 * 2**20)
    assert "alpha: /dev/shm has 67.1 MB" in small.warning and "--shm-size" in small.warning
    assert NODE.warning == replace(NODE, shared=0).warning == ""


def test_versions_are_those_that_count() -> None:
    found = find_versions()
    assert found.python.count(".") == 1 and "+" not in found.torch and len(found.code) == 16
