"""The report in a browser, from the disk: every figure drawn, nothing asked for, printable."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from automl_core.report.build import build_report
from automl_core.report.page import report_page
from automl_core.types import Task
from tests.finished_run import make_run


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_it_opens_from_the_disk_draws_all_and_prints(
    page: Page, workspace: Path, tmp_path: Path, task: Task
) -> None:
    report = build_report(make_run(workspace, "run-a", task), workspace)
    path = tmp_path / "report.html"
    path.write_text(report_page(report), encoding="utf-8")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    figures = sum(len(section.figures) for section in report.sections)
    charts = page.locator(".chart")
    expect(charts).to_have_count(figures)
    expect(page.locator(".chart.js-plotly-plot .main-svg").first).to_be_visible()
    for place in range(figures):
        chart = charts.nth(place)
        expect(chart.locator(".plot, .cartesianlayer").first).to_be_attached()
        box, body = chart.bounding_box(), page.locator("main").bounding_box()
        assert box is not None and body is not None
        assert box["width"] <= body["width"] + 1 and box["height"] > 100
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0
    with page.expect_download() as saved:
        page.get_by_role("button", name="Data of this figure").first.click()
    lines = saved.value.path().read_text(encoding="utf-8").splitlines()
    assert lines[0] == '"series","x","y","low","high","value","label"' and len(lines) > 3
    with page.expect_download() as saved:
        page.get_by_role("button", name="Data of this figure").last.click()
    members = saved.value.path().read_text(encoding="utf-8")
    assert '"lightgbm-1"' in members and '"linear-2"' in members  # by name, as on the axis
    page.emulate_media(media="print")
    printed = page.pdf(format="A4")
    assert printed.startswith(b"%PDF") and len(printed) > 20_000
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
