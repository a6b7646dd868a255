"""Models: the downloads for other programs, those that the chosen model allows."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.finished_run import make_run
from tests.pages.conftest import Open

PAGE = "pages/models.py"
TRIALS = {"models_trials_study", "models_trials_tensorboard", "models_trials_csv"}


def _downloads(page: AppTest) -> set[str]:
    assert not page.exception and not page.error
    return {button.proto.id.split("-")[-1] for button in page.get("download_button")}


@pytest.mark.parametrize("model", ["lightgbm-1", "ensemble"])
def test_models_with_trees_are_not_for_pytorch(
    workspace: Path, open_page: Open, model: str
) -> None:
    make_run(workspace, "run-a")
    page = open_page(PAGE, run="run-a", model=model)
    assert _downloads(page) >= TRIALS
    assert "models that are made of networks alone" in "\n".join(
        caption.value for caption in page.caption
    )


def test_a_network_is_written_for_pytorch_by_a_worker(workspace: Path, open_page: Open) -> None:
    make_run(workspace, "run-a")
    page = open_page(PAGE, run="run-a", model="linear-2")
    assert "models_pytorch_download" not in _downloads(page)
    page.button(key="models_pytorch_ask").click().run()
    assert "models_pytorch_download" in _downloads(page)
