"""The run in progress in words: the title of the browser's tab."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from automl_core.runs import RunSummary
from automl_core.runs.record.commands import hold
from automl_core.types import RunStatus
from pages.components.shared import activity
from tests.fake_run import make_folder, write_log
from tests.pages.conftest import FakeManager, Open, fake_manager, open_page

__all__ = ["fake_manager", "open_page"]  # fixtures

RUN = RunSummary(
    "run-a", "", "churn.csv", "left", "binary", "roc_auc", RunStatus.RUNNING, 0.9, "mlp-1", 0.0,
    "30 s", 4, trials_done=0.5,
)  # fmt: skip


@pytest.mark.parametrize(
    ("page", "run", "title"),
    [
        ("Home", None, "Torchlight"),
        ("Data", None, "Data · Torchlight"),
        ("Train", RUN, "50 % · churn.csv – Torchlight"),
        ("Data", RUN, "50 % · Data – Torchlight"),
        ("Data", replace(RUN, status=RunStatus.WAITING), "Data · Torchlight"),
        ("Data", replace(RUN, status=RunStatus.PAUSED), "Paused · 50 % · Data – Torchlight"),
        ("Train", replace(RUN, name="no zip"), "50 % · no zip – Torchlight"),
    ],
)
def test_the_tab_says_how_far_the_run_is(page: str, run: RunSummary | None, title: str) -> None:
    assert activity.tab_title(page, run) == title


def test_the_tab_says_that_a_run_has_ended() -> None:
    ended = replace(RUN, status=RunStatus.FINISHED)
    assert activity.tab_title("Data", None, ended) == "Finished · churn.csv – Torchlight"
    waiting = replace(RUN, status=RunStatus.WAITING)
    assert activity.tab_title("Data", waiting, ended).startswith("Finished")
    assert activity.tab_title("Data", RUN, ended) == "50 % · Data – Torchlight"


def test_the_end_of_a_run_is_told_once(
    workspace: Path, open_page: Open, fake_manager: FakeManager
) -> None:
    folder = make_folder(workspace, "run-a")
    write_log(folder, until=9.0)
    fake_manager.active.add("run-a")
    with hold(folder.path):
        page = open_page("pages/data.py")
        assert not page.toast
    write_log(folder, since=9.0)
    activity.recent_runs.clear()
    fake_manager.active.discard("run-a")
    (told,) = page.run().toast
    assert told.value.startswith(r"**adult\.csv** finished: AUC 0.9")
    assert not page.run().toast
    assert not open_page("pages/data.py").toast  # another session saw no run at work
