"""Share: what a link shows of its model, and that it shows nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from automl_core.types import Task
from tests.finished_run import make_run
from tests.pages.conftest import FakeManager, Open
from tests.pages.test_models import charts, texts

PAGE, RUN, OTHER = "pages/share.py", "run-a", "run-b"


def click(page: AppTest, key: str) -> AppTest:
    page.button(key=key).click().run()
    assert not page.exception and not page.error
    return page


def story(page: AppTest) -> AppTest:
    return page.segmented_control(key="share_how").set_value("Story").run()


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_a_link_shows_its_model_and_a_row_to_try(
    workspace: Path, open_page: Open, fake_manager: FakeManager, task: Task
) -> None:
    make_run(workspace, RUN, task)
    make_run(workspace, OTHER)
    page = open_page(PAGE, run=RUN, model="lightgbm-1")
    assert not page.exception and not page.error
    words = texts(page)
    assert "Against the baseline" in words and "matters most" in words and "same kind" in words
    assert len(charts(page)) == 2 and len(fake_manager.rows) == 1  # what matters, and why
    assert not page.dataframe and not page.tabs  # no rows of the tables
    assert ("In 90 of 100 rows like this one" in words) == (task == "regression")
    assert not page.sidebar.children and not page.get("page_link") and OTHER not in words


def test_a_presenter_goes_through_five_slides(workspace: Path, open_page: Open) -> None:
    make_run(workspace, RUN)
    page = story(open_page(PAGE, run=RUN))
    seen = [page.header[0].value]
    assert page.button(key="share_back").disabled
    for _ in range(4):
        page = click(page, "share_next")
        seen.append(page.header[0].value)
        assert "*" not in seen[-1] and len(charts(page)) == (len(seen) < 5)
    assert len(set(seen)) == 5 and page.button(key="share_next").disabled
    page = click(page, "share_back")
    assert page.header[0].value == seen[3]


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ({}, "names no run"),
        ({"run": "run-c"}, "was deleted or moved"),
        ({"run": "/etc"}, "was deleted or moved"),
        ({"run": RUN, "model": "mlp-3"}, "no such model"),
        ({"run": RUN, "model": "<b>x</b>"}, "no such model"),
    ],
)
def test_a_link_to_nothing_is_said_and_tells_no_other_run(
    workspace: Path, open_page: Open, address: dict[str, str], words: str
) -> None:
    make_run(workspace, RUN)
    page = open_page(PAGE, **address)
    assert not page.exception
    assert words in page.error[0].value and RUN not in page.error[0].value
    assert not page.title and not page.sidebar.children


def test_a_run_that_was_deleted_meanwhile(workspace: Path, open_page: Open) -> None:
    folder = make_run(workspace, RUN)
    page = open_page(PAGE, run=RUN)
    shutil.rmtree(folder.path)
    page.run()
    assert not page.exception and "was deleted or moved" in page.error[0].value
