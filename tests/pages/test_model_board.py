"""The board of Models: any metric, columns, intervals and badges, a chart to choose from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.models import board_job
from pages.components.models.board import clicked
from tests.finished_run import make_run
from tests.pages.conftest import Open
from tests.pages.test_models import PAGE, RUN, charts, shown, texts


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(board_job, "WAIT", 60.0)
    yield


def board(page: AppTest) -> Any:
    return shown(page, "Badges")


def test_it_has_intervals_ties_and_badges(workspace: Path, open_page: Open) -> None:
    make_run(workspace, RUN)
    page = open_page(PAGE, run=RUN)
    assert not page.exception and not page.error
    table = board(page)
    assert table["Model"][0] == "ensemble" or table["Model"][1] == "ensemble"
    badges = dict(zip(table["Model"], table["Badges"], strict=True))
    assert "Recommended" in badges["ensemble"] and "Tied" in badges["ensemble"]
    assert sum("Best" in mine for mine in badges.values()) == 1
    assert len(badges["constant-0"]) == 0 and len(badges["mlp-3"]) == 0
    behind = dict(zip(table["Model"], table["Behind"], strict=True))
    assert behind["ensemble"] == "reference" and behind["constant-0"].startswith("+")
    intervals = dict(zip(table["Model"], table["Interval"], strict=True))
    assert " to " in intervals["linear-2"]
    curves = dict(zip(table["Model"], table["Curve"], strict=True))
    assert len(curves["lightgbm-1"]) == 12
    assert "4 models compared on the same 240 rows" in texts(page)


def test_another_metric_sorts_by_it(workspace: Path, open_page: Open) -> None:
    make_run(workspace, RUN)
    page = open_page(PAGE, run=RUN)
    page.selectbox(key=f"board_metric_{RUN}").set_value("log_loss").run()
    assert not page.exception and not page.error
    table = board(page)
    scores = table["Score"].dropna().tolist()
    assert scores == sorted(scores) and len(scores) == 4
    assert table["Behind"][0] == "reference" and "Best" in table["Badges"][0]
    assert page.query_params["model"] == "ensemble"  # what was chosen stays


def test_the_chart_of_costs_follows_the_choice(workspace: Path, open_page: Open) -> None:
    make_run(workspace, RUN)
    page = open_page(PAGE, run=RUN)
    (chart,) = [c for c in page.get("plotly_chart") if "models_tradeoff" in c.proto.id]
    assert "lie on the front" in chart.proto.alt and "ms a row" in chart.proto.alt
    page.segmented_control(key=f"board_cost_{RUN}").set_value("Size").run()
    assert not page.exception and len(charts(page)) == 5
    (chart,) = [c for c in page.get("plotly_chart") if "models_tradeoff" in c.proto.id]
    assert "size of the stored model" in chart.proto.alt


def test_a_click_on_a_point_names_its_model() -> None:
    names = {2: "linear-2"}
    assert clicked([{"customdata": [2, "x"]}], names) == "linear-2"
    assert clicked([], names) is None
    assert clicked([{"customdata": [7, "x"]}], names) is None
    assert clicked([{"x": 1.0}], names) is None  # the ring, or the front


def test_without_predictions_the_list_stays(workspace: Path, open_page: Open) -> None:
    folder = make_run(workspace, RUN)
    for path in (folder.path / "trials").rglob("oof.npz"):
        path.unlink()
    page = open_page(PAGE, run=RUN)
    assert not page.exception
    assert len(board(page)) == 5
    assert "Intervals and ties are not known" in texts(page).replace("\\", "")
    page.selectbox(key=f"board_metric_{RUN}").set_value("accuracy").run()
    assert not page.exception
    assert "have no Accuracy" in texts(page)
