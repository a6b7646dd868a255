"""The tour comes by itself once, leads through five pages, can be skipped and taken again."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.shared.tour import STEPS
from tests.finished_run import make_run
from tests.pages.conftest import Open


def keys(page: AppTest) -> set[str]:
    assert not page.exception and not page.error
    return {str(button.key) for button in page.button if str(button.key).startswith("tour")}


def words(page: AppTest) -> str:
    return "\n".join(markdown.value for markdown in page.markdown)


def test_it_comes_once_in_a_fresh_workspace_and_a_reload_keeps_it(open_page: Open) -> None:
    page = open_page()
    assert "Tour, 1 of 5: Home" in words(page)
    assert page.query_params["tour"] == "1"
    assert keys(open_page(tour="1")) == {"tour_next", "tour_skip"}  # the same address again
    assert keys(open_page()) == {"tour_take"}  # another visit


def test_it_does_not_come_where_there_are_runs(open_page: Open, workspace: Path) -> None:
    make_run(workspace, "run-a")
    assert keys(open_page()) == {"tour_take"}


def test_next_leads_from_page_to_page_and_the_last_step_home(open_page: Open) -> None:
    page = open_page()
    for number, step in enumerate(STEPS, start=1):
        assert f"Tour, {number} of 5: {step.page}" in words(page)
        assert step.words in words(page)
        page = page.button(key="tour_next" if number < 5 else "tour_done").click().run()
    assert page.title[0].value == "Train models you can watch"
    assert keys(page) == {"tour_take"}


def test_back_skip_and_take_it_again(open_page: Open) -> None:
    page = open_page().button(key="tour_next").click().run()
    page = page.button(key="tour_back").click().run()
    assert "Tour, 1 of 5" in words(page)
    page = page.button(key="tour_skip").click().run()
    assert keys(page) == {"tour_take"} and "tour" not in page.query_params
    page = page.button(key="tour_take").click().run()
    assert "Tour, 1 of 5" in words(page)


@pytest.mark.parametrize("asked", ["", "2", "6", "x"])
def test_a_page_shows_its_own_step_alone(open_page: Open, asked: str) -> None:
    page = open_page("pages/models.py", **({"tour": asked} if asked else {}))
    assert not keys(page)
    assert page.title[0].value == "Models"


def test_a_workspace_that_cannot_be_written_has_no_tour_by_itself(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, mode: int = 0o666, exist_ok: bool = True) -> None:
        raise PermissionError(path, mode, exist_ok)

    monkeypatch.setattr(Path, "touch", refuse)
    assert keys(open_page()) == {"tour_take"}
