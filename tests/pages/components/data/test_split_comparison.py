"""Two splits are compared by a worker: the page asks, waits with a button to cancel, and shows."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from automl_core.errors import ModelError
from automl_core.evaluation import SplitScores
from automl_core.table.store import TableInfo, put_table, save_info
from tests.pages.conftest import FakeManager, Open, fake_manager, open_page

__all__ = ["fake_manager", "open_page"]  # fixtures


@pytest.fixture
def asked(open_page: Open, workspace: Path) -> AppTest:
    """The page Data after the question, about a table with its rows twice."""
    rows = [i % 60 for i in range(120)]
    numbers = {"x": [1.37 * i for i in rows], "z": [i * 7919 % 101 / 3 for i in rows]}
    table = pa.table({**numbers, "y": [["no", "yes"][i % 7 == 0] for i in rows]})
    stored = put_table(table, workspace)
    save_info(TableInfo(stored, "t.csv", 120, 3, {}), workspace)
    page = open_page("pages/data.py", table=stored)
    page.selectbox(key=f"check_target_{stored[:8]}").select("y").run()
    return next(b for b in page.button if b.label == "Compare scores").click().run()


def labels(page: AppTest) -> list[str]:
    return [button.label for button in page.button]


def test_a_worker_compares_and_the_page_shows_it(asked: AppTest, fake_manager: FakeManager) -> None:
    (task,) = fake_manager.compared
    assert (task.how, task.target) == ("copies", "y")
    assert "Cancel" in labels(asked) and "Compare scores" not in labels(asked)
    fake_manager.comparison.set_result(SplitScores("roc_auc", 0.875, 0.5, 120))
    page = asked.run()
    assert any("0.875" in text.value and "0.5" in text.value for text in page.markdown)
    assert not page.exception


def test_it_may_be_cancelled_and_asked_again(asked: AppTest, fake_manager: FakeManager) -> None:
    page = next(b for b in asked.button if b.label == "Cancel").click().run()
    assert fake_manager.comparison.cancelled()
    assert "Compare scores" in labels(page)


def test_one_that_fails_says_why(asked: AppTest, fake_manager: FakeManager) -> None:
    fake_manager.comparison.set_exception(ModelError("The splits could not be compared: no."))
    page = asked.run()
    assert any("could not be compared" in error.value for error in page.error)
