"""What is said of a cluster, and why one is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from automl_core.runs.executor.cluster_nodes import (
    ClusterFacts,
    ClusterNode,
    Versions,
    find_versions,
)

OWN = Versions("3.11", "2.13.0", "abc")
NODE = ClusterNode("alpha", 4, 0, 16 * 10**9, 8 * 10**9, OWN)
OTHER = replace(NODE, name="beta", gpus=1)


def test_the_cluster_in_words() -> None:
    assert ClusterFacts((NODE, OTHER)).words == "2 nodes with 8 CPUs, 1 GPU and 32 GB of memory"
    assert ClusterFacts((NODE,)).words == "1 node with 4 CPUs, no GPU and 16 GB of memory"
    assert ClusterFacts((NODE, NODE)).words == "2 nodes with 8 CPUs, no GPU and 16 GB of memory"
    assert ClusterFacts((NODE, OTHER)).refusal(OWN) == ""


@pytest.mark.parametrize(
    ("node", "words"),
    [
        (replace(OTHER, versions=None), "Torchlight is not installed on beta"),
        (replace(OTHER, versions=replace(OWN, python="3.12")), "beta has Python 3.12"),
        (replace(OTHER, versions=replace(OWN, torch="2.9.1")), "beta has PyTorch 2.9.1"),
        (replace(OTHER, versions=replace(OWN, code="abd")), "beta has another Torchlight"),
    ],
)
def test_nodes_that_differ_are_refused(node: ClusterNode, words: str) -> None:
    assert words in ClusterFacts((NODE, node)).refusal(OWN)


def test_a_cluster_without_a_cpu_is_refused() -> None:
    assert "no CPU" in ClusterFacts((replace(NODE, cpus=0),)).refusal(OWN)


def test_a_shared_memory_that_is_too_small_is_said_and_none_at_all_is_not() -> None:
    small = replace(NODE, shared=64 * 2**20)
    assert "alpha: /dev/shm has 67.1 MB" in small.warning and "--shm-size" in small.warning
    assert NODE.warning == replace(NODE, shared=0).warning == ""


def test_versions_are_those_that_count() -> None:
    found = find_versions()
    assert found.python.count(".") == 1 and "+" not in found.torch and len(found.code) == 16
