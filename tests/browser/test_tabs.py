"""The tabs of a model in Chromium, as an analyst goes through them: what is done stays, and counts.

One finished run serves all; each test opens the tab that it is about by its address.
"""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from automl_core.runs.record.folder import RunFolder
from automl_core.splitting.folds import Folds
from tests.browser import steps
from tests.browser.server import Server
from tests.finished_run import ROWS, make_run
from tests.pages.test_label_check import doubt

RUN, MODEL, OTHER = "tabs-run", "lightgbm-1", "linear-2"
FIRST_BOX = (18, 52)  # pixels into a table of rows to select: the box of its first row


@pytest.fixture(scope="module")
def run(shared_server: Server) -> RunFolder:
    """A finished run with folds and test rows, three labels of which its model doubts."""
    folder = make_run(shared_server.workspace, RUN)
    rows = np.arange(200)
    parts = rows[rows % 2 == 0], rows[rows % 2 == 1]
    folder.save_folds(Folds(parts[::-1], parts, np.arange(200, ROWS), 2))
    doubt(folder)
    return folder


@pytest.fixture
def url(run: RunFolder, shared_server: Server) -> str:
    assert run.exists
    return shared_server.url


def open_tab(page: Page, url: str, tab: str, model: str = MODEL) -> None:
    steps.visit(page, url, f"models?run={RUN}&model={model}")
    page.get_by_role("tab", name=tab).click()


def chart(page: Page, key: str) -> Locator:
    """A chart that is drawn."""
    drawn = steps.key(page, key).locator(".js-plotly-plot")
    expect(drawn.locator(".main-svg").first).to_be_visible()
    return drawn


def test_the_board_is_by_any_metric_its_chart_chooses_and_two_models_are_compared(
    page: Page, url: str
) -> None:
    steps.visit(page, url, f"models?run={RUN}&model={MODEL}")
    steps.choose(page, f"board_metric_{RUN}", "Log loss")
    board = steps.key(page, "models_leaderboard")
    expect(board.locator("canvas table")).to_contain_text("Log loss")
    expect(steps.key(page, "board_costs")).to_contain_text("Log loss against")
    steps.settled(page)
    names = steps.key(page, f"models_tradeoff_{RUN}_time").locator(".js-plotly-plot")
    assert names.evaluate("e => e.data.at(-1).name") == "linear"
    point = names.locator(".trace .points path").last
    point.scroll_into_view_if_needed()
    box = point.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.get_by_role("heading", name=re.compile(OTHER))).to_be_visible()
    assert f"model={OTHER}" in page.url
    for name in (MODEL, OTHER):
        field = steps.key(page, f"compare_{RUN}").locator("input").first
        field.click()
        field.fill(name)
        page.get_by_role("option", name=re.compile(rf"^{name}")).click()
    page.keyboard.press("Escape")
    expect(steps.key(page, "compare_scores")).to_contain_text(OTHER)
    names = chart(page, "compare_chart").evaluate("e => e.data.map(t => t.name)")
    assert [name.split(",")[0] for name in names] == [MODEL, OTHER, "random"]
    assert steps.table_rows(page, "compare_rows") > 0


def test_a_threshold_that_is_kept_is_there_after_a_reload(page: Page, url: str) -> None:
    steps.visit(page, url, f"models?run={RUN}&model={MODEL}")
    steps.segment(page, "binary_view", "Threshold")
    slider = steps.key(page, "binary_threshold").get_by_role("slider")
    slider.focus()
    for _ in range(4):
        slider.press("ArrowRight")
    keep = steps.key(page, "threshold_keep")
    expect(keep).to_contain_text("Keep 0.54 for predictions")
    chart(page, "threshold_confusion")
    steps.press(page, "threshold_keep")
    expect(steps.key(page, "threshold_kept")).to_contain_text("0.54")
    page.reload()
    expect(steps.key(page, "threshold_kept")).to_contain_text("0.54")
    steps.press(page, "threshold_forget")
    expect(steps.key(page, "threshold_kept")).to_have_count(0)


def test_what_it_learned_comes_while_one_looks_and_stays(page: Page, url: str) -> None:
    open_tab(page, url, "What it learned", "ensemble")
    steps.press(page, "explain_start")
    bars = chart(page, "column_importance").evaluate("e => e.data[0].text")
    assert {"age", "city"} <= set(bars)
    page.reload()
    page.get_by_role("tab", name="What it learned").click()
    chart(page, "column_importance")
    expect(steps.key(page, "explain_start")).to_have_count(0)
    chart(page, "effect")


def test_a_changed_field_predicts_anew_and_scenarios_stand_side_by_side(
    page: Page, url: str
) -> None:
    steps.visit(page, url, f"predict?run={RUN}&model={MODEL}&score=row")
    answer, age = steps.key(page, "row_answer"), page.get_by_role("spinbutton", name="age")
    expect(answer).to_contain_text("%")
    page.get_by_role("tab", name="Scenarios").click()
    for number, value in enumerate(("20", "88")):
        before = answer.inner_text()
        age.fill(value)
        age.press("Enter")
        expect(answer).not_to_have_text(before)
        expect(answer).to_contain_text("%")
        expect(steps.key(page, "row_why")).to_contain_text(f"age = {value}")
        steps.settled(page)
        steps.press(page, "row_keep")
        expect(steps.cell(page, "row_kept", 0, number)).to_have_text(f"Scenario {number + 1}")
    said = [steps.cell(page, "row_kept", 1, row).inner_text() for row in range(2)]
    ages = [steps.cell(page, "row_kept", 2, row).inner_text() for row in range(2)]
    assert said[0] != said[1] and ages == ["20", "88"]


def test_groups_are_compared_a_chart_is_taken_along_and_a_label_is_corrected(
    page: Page, url: str, tmp_path: Path
) -> None:
    open_tab(page, url, "Fairness")
    compare_groups(page, tmp_path)
    page.get_by_role("tab", name="Labels and rows").click()
    price_columns(page)
    correct_a_label(page)


def compare_groups(page: Page, tmp_path: Path) -> None:
    """Name a column; its chart comes as the numbers that it draws, and as a picture."""
    steps.choose(page, f"fair_column_{RUN}", "city")
    assert steps.table_rows(page, "fairness") >= 3
    drawn = chart(page, "fair_groups")
    points = drawn.evaluate("e => e.data.flatMap(t => t.x)")
    numbers = steps.download(page, "fair_groups_data", tmp_path)
    assert numbers.name == f"{MODEL}-{RUN}-fair_groups.csv"
    with numbers.open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    (measure,) = [name for name in lines[0] if name.startswith("Selection rate")]
    assert [float(line[measure]) for line in lines] == pytest.approx(points)
    assert {"Oslo", "Bergen"} <= {line["y"] for line in lines}
    drawn.hover()
    with page.expect_download() as waiting:
        drawn.get_by_role("button", name="Download plot as a PNG").click()
    picture = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(picture)
    assert picture.name == f"{MODEL}-{RUN}-fair_groups.png"
    assert picture.read_bytes().startswith(b"\x89PNG") and picture.stat().st_size > 5_000


def price_columns(page: Page) -> None:
    """A worker scores sets of columns; a unit that is typed in is on the axis at once."""
    steps.press(page, "columns_ask")
    expect(steps.key(page, "column_costs_chart")).to_be_visible(timeout=90_000)
    costs = steps.key(page, "column_costs")
    expect(costs).to_contain_text("of 8 columns")
    steps.settled(page)  # the page is drawn once more when the worker is done
    costs.get_by_text("Prices of the columns", exact=True).click()
    unit = costs.get_by_label("Unit of the prices")
    unit.fill("kr a row")
    unit.press("Tab")
    steps.settled(page)
    expect(unit).to_have_value("kr a row")
    steps.press(page, "columns_apply")
    drawn_again = steps.key(page, "column_costs_chart").and_(page.locator('[data-stale="false"]'))
    expect(drawn_again).to_contain_text("kr a row", timeout=steps.PATIENCE)


def correct_a_label(page: Page) -> None:
    """Judge the first doubted row; the corrected table opens on Data."""
    rows = steps.key(page, f"labels_rows_{RUN}_0")
    assert steps.table_rows(page, f"labels_rows_{RUN}_0") == 3
    rows.locator(".dvn-scroller").click(position={"x": FIRST_BOX[0], "y": FIRST_BOX[1]})
    steps.press(page, "labels_correct")
    expect(steps.key(page, "labels_corrected")).to_contain_text("1 label to correct")
    steps.press(page, "labels_make")
    expect(page.get_by_role("heading", name="customers.csv, 1 label corrected")).to_be_visible()


def test_a_shared_link_of_a_deleted_run_says_so_and_tells_nothing_else(
    page: Page, url: str, shared_server: Server
) -> None:
    folder = make_run(shared_server.workspace, "gone-run")
    page.goto(f"{url}/share?run=gone-run")
    expect(page.get_by_text("Against the baseline")).to_be_visible()
    assert RUN not in page.content()
    shutil.rmtree(folder.path)
    page.reload()
    expect(page.get_by_test_id("stAlert")).to_contain_text("was deleted or moved")
    assert RUN not in page.content() and "gone-run" not in page.locator("body").inner_text()
