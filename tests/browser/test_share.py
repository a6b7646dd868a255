"""Share in Chromium: from Models by its link, in a browser that knows nothing else of the app."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urljoin

from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.axe import Audit
from tests.browser.server import Server
from tests.finished_run import make_run


def test_a_link_opens_elsewhere_shows_its_model_and_tells_a_story(
    shared_server: Server, new_page: Callable[[], Page], tmp_path: Path
) -> None:
    make_run(shared_server.workspace, "shared-run")
    models, page, audit = new_page(), new_page(), Audit()
    steps.visit(models, shared_server.url, "models?run=shared-run&model=lightgbm-1")
    report = steps.download(models, "models_report", tmp_path)
    assert "Predicting churned: lightgbm-1" in report.read_text(encoding="utf-8")
    link = models.get_by_role("link", name="Share").get_attribute("href")
    assert link is not None and "run=shared-run" in link and "model=lightgbm-1" in link
    page.goto(urljoin(f"{shared_server.url}/", link))
    expect(page.get_by_text("Against the baseline")).to_be_visible()
    expect(steps.key(page, "row_answer")).to_contain_text("%", timeout=steps.PATIENCE)
    audit.look(page, "Share")
    targets = [link.get_attribute("href") or "" for link in page.get_by_role("link").all()]
    assert [target for target in targets if not target.startswith("#")] == []  # no way to others
    expect(page.get_by_test_id("stSidebar")).to_have_count(0)
    steps.segment(page, "share_how", "Story")
    for number in range(1, 6):
        expect(page.get_by_text(f"{number} of 5")).to_be_visible()
        if number in (2, 3, 4):
            expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
        if number < 5:
            steps.press(page, "share_next")
    audit.look(page, "Share, the last slide")
    assert not audit.found, "\n".join(audit.found)
