"""Where to train: the choice, what the cluster has, and that nothing else can be named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from automl_core.runs.cluster_look import ClusterLook
from automl_core.runs.executor.cluster_nodes import ClusterFacts
from pages.components.shared import escape_markdown, where
from tests.pages.conftest import FakeManager, Open, fake_manager, open_page
from tests.pages.test_train import texts
from tests.pages.test_train_form import PAGE, pick, store
from tests.runs.executor.test_cluster_nodes import NODE, OTHER

__all__ = ["fake_manager", "open_page"]  # fixtures


@pytest.fixture
def with_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(where, "has_ray", lambda: True)


@pytest.mark.usefixtures("with_ray")
def test_a_cluster_can_be_chosen_and_is_shown_as_it_is(
    workspace: Path, open_page: Open, fake_manager: FakeManager
) -> None:
    page = pick(open_page(PAGE, table=store(workspace)), "left")
    assert page.selectbox(key="train_cluster").value == where.HERE
    page.selectbox(key="train_cluster").set_value("auto").run()
    assert "Asking the cluster" in texts(page) and "the Ray cluster with all its CPUs" in texts(
        page
    )
    small = replace(OTHER, shared=64 * 2**20)
    fake_manager.look.set_result(ClusterLook(ClusterFacts((NODE, small)), "", 0.0))
    page.run()
    assert "2 nodes with 8 CPUs, 1 GPU and 32 GB of memory" in texts(page)
    assert "less than a third of the memory" in texts(page)
    page.button(key="train_start").click().run()
    assert not page.exception
    assert fake_manager.started[0].options.cluster == "auto"


@pytest.mark.usefixtures("with_ray")
def test_a_cluster_that_cannot_be_used_says_why(
    workspace: Path, open_page: Open, fake_manager: FakeManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCHLIGHT_CLUSTERS", "10.0.0.1:6379")
    words = "beta has PyTorch 2.9.1, <b>this</b> not."
    fake_manager.look.set_result(ClusterLook(None, words, 0.0))
    page = pick(open_page(PAGE, table=store(workspace)), "left")
    box = page.selectbox(key="train_cluster")
    assert box.options == ["This machine", "Ray cluster at 10.0.0.1:6379"]
    box.set_value("10.0.0.1:6379").run()
    assert page.warning[0].value == escape_markdown(words) and not page.exception


def test_without_ray_there_is_no_choice_and_none_from_an_earlier_run(
    workspace: Path, open_page: Open, fake_manager: FakeManager
) -> None:
    page = open_page(PAGE, table=store(workspace))
    page.session_state["_train_form"] = {"train_cluster": "auto"}
    page = pick(page, "left")
    assert "train_cluster" not in [box.key for box in page.selectbox]
    page.button(key="train_start").click().run()
    assert fake_manager.started[0].options.cluster is None
