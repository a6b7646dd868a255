"""The main job in Chromium: from a table in the browser to predictions from a downloaded model.

On its way axe-core looks through every page, in both themes: nothing may be serious or critical
for people who use a keyboard or a screen reader, or see little.
"""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps, watch
from tests.browser.axe import Audit
from tests.browser.server import ROOT, Server

SECONDS = 20.0
ROWS = 300
TOLERANCE = 1e-6


@pytest.mark.alone
def test_from_upload_to_predictions(
    server: Server, new_page: Callable[[], Page], datasets: Path, tmp_path: Path
) -> None:
    page, audit = new_page(), Audit()
    bring_in(page, server.url, datasets / "adult.csv", audit)
    run = set_up_and_start(page)
    watch_it_learn(page)
    find_it_again(page, new_page(), server.url, run)
    steps.wait_until_ended(page, SECONDS + 15)
    expect(steps.key(page, "live_title")).to_contain_text("Finished")
    audit.look(page, "Train after a run")
    bundle = look_into_the_best(page, tmp_path, audit)
    unseen = write_unseen(datasets / "adult.csv", tmp_path / "unseen.csv")
    predictions = predict(page, unseen, tmp_path)
    audit.look(page, "Predict")
    assert_same(predictions, predict_with_bundle(bundle, unseen, tmp_path))
    find_it_in_runs(page, audit)
    assert not audit.found, "\n".join(audit.found)


def bring_in(page: Page, url: str, table: Path, audit: Audit) -> None:
    """Upload, look, and take a column away from the models, for good."""
    steps.visit(page, url)
    steps.settled(page)
    audit.look(page, "Home")
    steps.upload(page, table)
    expect(page.get_by_role("heading", name="adult.csv")).to_be_visible()
    expect(page.get_by_text("32,561 rows × 15 columns")).to_be_visible()
    assert steps.table_rows(page, "roles") == 15
    steps.change_role(page, "fnlwgt", "ignored")
    expect(steps.cell(page, "roles", 1, 2)).to_have_text("ignored")
    page.reload()
    expect(steps.cell(page, "roles", 1, 2)).to_have_text("ignored")
    audit.look(page, "Data")
    steps.go(page, "Profile")
    expect(steps.key(page, "profile_gaps")).to_be_visible(timeout=steps.PATIENCE)
    audit.look(page, "Profile")
    steps.go(page, "Data")


def set_up_and_start(page: Page) -> str:
    """Pick the target and the budget; what the page says is what was asked for."""
    steps.press(page, "choose_target")
    steps.choose(page, "train_target", "income")
    expect(steps.key(page, "target_chart").locator(".js-plotly-plot")).to_be_visible()
    steps.set_seconds(page, SECONDS)
    sentence = steps.key(page, "train_go")
    expect(sentence).to_contain_text("20 s")
    expect(sentence).to_contain_text("13 columns")
    return steps.start(page)


def watch_it_learn(page: Page) -> None:
    """Curves grow in place, a zoom stays, the leaderboard fills, importance arrives."""
    watch.wait_for_growth(page, 12, before={})
    watch.count_removals(page)
    zoomed = watch.zoom(page)
    watch.wait_for_growth(page, 10)
    page.wait_for_timeout(2500)
    assert watch.vertical_range(page) == pytest.approx(zoomed)
    assert watch.removals(page) == 0
    assert steps.table_rows(page, "live_leaderboard") >= 3
    expect(steps.key(page, "live_importance").locator(".js-plotly-plot")).to_be_visible()
    expect(steps.key(page, "live_header")).to_contain_text("left")


def find_it_again(page: Page, second: Page, url: str, run: str) -> None:
    """The address finds the run after a reload, and in another browser; both go on."""
    before = steps.curves(page)
    page.reload()
    steps.visit(second, url, f"train?run={run}")
    for browser in (page, second):
        expect(steps.key(browser, "live_title")).to_contain_text("income")
        watch.wait_for_growth(browser, 15, before)


def look_into_the_best(page: Page, folder: Path, audit: Audit) -> Path:
    """Models: the leaderboard, the best model's charts, and its download."""
    steps.press(page, "to_models")
    expect(steps.key(page, "roc").locator(".js-plotly-plot")).to_be_visible()
    expect(steps.key(page, "confusion").locator(".js-plotly-plot")).to_be_visible()
    page.get_by_role("tab", name="What it learned").click()
    expect(page.get_by_text("best single trial")).to_be_visible()
    page.get_by_role("tab", name="How it was built").click()
    expect(steps.key(page, "ensemble_parts")).to_be_visible()
    audit.look(page, "Models")
    bundle = steps.download(page, "models_download", folder)
    assert bundle.suffix == ".zip"
    return bundle


def write_unseen(table: Path, to: Path) -> Path:
    """A few rows without the target, with a column less, one more, and an unseen category."""
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file, skipinitialspace=True))[:ROWS]
    for number, row in enumerate(rows):
        del row["income"], row["workclass"]
        row["note"] = f"row {number}"
    rows[0]["native-country"] = "Atlantis"
    with to.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return to


def predict(page: Page, table: Path, folder: Path) -> list[dict[str, str]]:
    """Predict: differences in words first, then the scores as a CSV file."""
    steps.go(page, "Predict")
    steps.key(page, "predict_table").locator("input[type=file]").set_input_files(table)
    issues = steps.key(page, "predict_issues")
    for words in ("workclass", "note", "Atlantis"):
        expect(issues).to_contain_text(words, timeout=steps.PATIENCE)
    page.get_by_text("Score all the same").click()  # a column that the model uses is missing
    steps.press(page, "predict_start")
    expect(steps.key(page, "predict_preview")).to_be_visible(timeout=steps.PATIENCE)
    return read_rows(steps.download(page, "predict_download", folder))


def predict_with_bundle(bundle: Path, table: Path, folder: Path) -> list[dict[str, str]]:
    """The same from the downloaded model, in a fresh process, as its README says."""
    out = folder / "from-bundle.csv"
    command = [sys.executable, "-m", "automl_core", "predict", bundle, table, "--out", out]
    command.append("--allow-missing")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return read_rows(out)


def read_rows(path: Path) -> list[dict[str, str]]:
    """A CSV file as dictionaries."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def assert_same(ours: list[dict[str, str]], theirs: list[dict[str, str]]) -> None:
    """Same rows, labels and columns; probabilities to 1e-6."""
    assert len(ours) == len(theirs) == ROWS
    assert {row["prediction"] for row in ours} == {"<=50K", ">50K"}
    assert [row["prediction"] for row in ours] == [row["prediction"] for row in theirs]
    for label in ("<=50K", ">50K"):
        for row, other in zip(ours, theirs, strict=True):
            mine, its = float(row[f"probability_{label}"]), float(other[f"probability_{label}"])
            assert mine == pytest.approx(its, abs=TOLERANCE)


def find_it_in_runs(page: Page, audit: Audit) -> None:
    """Runs lists it; run again with changes fills the form."""
    steps.go(page, "Runs")
    assert steps.table_rows(page, "runs_table") == 1
    audit.look(page, "Runs")
    steps.press(page, "runs_again")
    expect(steps.key(page, "train_go")).to_contain_text("20 s", timeout=steps.PATIENCE)
    expect(steps.key(page, "train_go")).to_contain_text("13 columns")
