"""Before Start the form says what memory a model may need, and what follows."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import FakeManager


def _page(rows: int) -> None:
    from automl_core.runs.record import RunOptions
    from pages.components.train.memory_words import draw_memory

    draw_memory(RunOptions(), rows, columns=30)


@pytest.mark.parametrize(
    ("rows", "said", "unsaid"),
    [
        (10_000, "8 GB are free", "workers will train"),
        (5_000_000, "workers will train.", "no such words"),
    ],
)
def test_memory_is_said_with_what_follows(
    fake_manager: FakeManager, rows: int, said: str, unsaid: str
) -> None:
    page = AppTest.from_function(_page, args=(rows,)).run()
    assert fake_manager.workers().room
    (caption,) = page.caption
    assert said in caption.value
    assert unsaid not in caption.value
    assert "CatBoost" in caption.proto.help
