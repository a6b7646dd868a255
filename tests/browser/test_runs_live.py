"""A run and its page: the two-click demo, Stop, deep links to a fresh server, a crash."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from automl_core.runs.record import events as e
from automl_core.runs.record.commands import hold
from automl_core.runs.record.log import LogWriter
from automl_core.types import RunStatus
from tests.browser import steps, watch
from tests.browser.axe import Audit
from tests.browser.server import Server
from tests.fake_run import make_folder, write_log

CHURN, CANCER = "customer_churn", "breast_cancer"


def start_demo(page: Page, url: str, sample: str) -> str:
    """Two clicks: Home, and the sample's demo; returns the run's id."""
    steps.visit(page, url)
    steps.press(page, f"demo_{sample}")
    expect(steps.key(page, "live_title")).to_be_visible(timeout=steps.PATIENCE)
    return steps.run_of(page)


def log_of(server: Server, run: str) -> list[dict[str, object]]:
    """All events of a run, as its log has them."""
    lines = (server.workspace / "runs" / run / "events.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.alone
def test_demo_stop_and_deep_link_to_a_fresh_server(
    server: Server, new_page: Callable[[], Page]
) -> None:
    page = new_page()
    run = start_demo(page, server.url, CHURN)
    watch.wait_for_growth(page, 15, before={})
    steps.wait_for_model(page, 25)
    title = re.compile(r"\d+ % · Customer churn – Torchlight")
    expect(page).to_have_title(title, timeout=steps.PATIENCE)
    expect(page.locator(".st-key-nav [aria-current=page]")).to_contain_text("Train")
    audit = Audit()
    audit.look(page, "Train during a run")
    assert not audit.found, "\n".join(audit.found)
    steps.press(page, "stop")
    clicked = time.time()
    steps.wait_until_ended(page, 10)
    expect(steps.key(page, "live_title")).to_contain_text("Stopped")
    # its test rows may have had no time, and are scored after its end
    end = next(event for event in reversed(log_of(server, run)) if event["kind"] == "run_finished")
    assert end["best"] is not None
    assert float(str(end["wall"])) - clicked < 4  # two seconds are promised; machines are shared
    page.goto("about:blank")
    server.stop()

    server.start()
    other = new_page()
    steps.visit(other, server.url, f"train?run={run}")
    expect(steps.key(other, "live_title")).to_contain_text("Stopped")
    watch.wait_for_growth(other, 10, before={})
    steps.press(other, "to_models")
    assert steps.table_rows(other, "models_leaderboard") >= 1


@pytest.mark.parametrize("path", ["data", "train", "models", "predict", "runs"])
def test_any_page_can_be_the_first_request(server: Server, page: Page, path: str) -> None:
    steps.visit(page, server.url, path)
    steps.settled(page)
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_be_visible()
    expect(page.get_by_text("Page not found")).to_have_count(0)


def test_a_link_to_an_unknown_run_says_so(shared_server: Server, page: Page) -> None:
    steps.visit(page, shared_server.url, "train?run=20200101-000000-abcd")
    expect(page.get_by_test_id("stAlert")).to_contain_text("There is no run")


def test_an_open_page_notices_that_its_run_goes_on_elsewhere_and_says_so(
    shared_server: Server, page: Page
) -> None:
    folder = make_folder(shared_server.workspace, "goes-on-elsewhere")
    write_log(folder)
    steps.visit(page, shared_server.url, "train?run=goes-on-elsewhere")
    expect(steps.key(page, "live_title")).to_contain_text("Finished")
    with hold(folder.path):
        writer, t = LogWriter(folder.log_path), 60.0
        writer.append(e.RunResumed(120.0, 0), t)
        expect(steps.key(page, "live_title")).to_contain_text("Running", timeout=steps.PATIENCE)
        spoken = page.locator(".spoken")
        expect(spoken).to_have_text("Run adult.csv: running", timeout=steps.PATIENCE)
        writer.append(e.Command("pause"), t + 1)
        expect(spoken).to_have_text("Run adult.csv: paused", timeout=steps.PATIENCE)
        writer.append(e.RunFinished(RunStatus.STOPPED, "", 1, None, None, None), t + 2)
        writer.close()
    expect(spoken).to_have_text("Run adult.csv: stopped", timeout=steps.PATIENCE)


@pytest.mark.alone
def test_a_killed_app_leaves_a_run_that_can_be_used(
    server: Server, new_page: Callable[[], Page]
) -> None:
    page = new_page()
    run = start_demo(page, server.url, CANCER)
    steps.wait_for_model(page, 25)
    page.goto("about:blank")
    workers = server.workers()
    server.kill()
    for worker in workers:
        worker.wait(15)  # they notice by themselves that nobody reads any more

    server.start()
    other = new_page()
    steps.visit(other, server.url, f"train?run={run}")
    expect(steps.key(other, "live_title")).to_contain_text("Interrupted")
    steps.press(other, "to_models")
    assert steps.table_rows(other, "models_leaderboard") >= 2


@pytest.mark.alone
def test_a_run_started_in_a_terminal_streams_and_stops_in_the_app(
    shared_server: Server, page: Page, tmp_path: Path
) -> None:
    steps.visit(page, shared_server.url)  # warm
    table = tmp_path / "numbers.csv"
    rows = "".join(f"{i % 7},{i % 11},{(i % 7) * 2 + i % 3}\n" for i in range(3000))
    table.write_text("a,b,target\n" + rows)
    out = shared_server.workspace / "runs" / "from-terminal"
    command = ["train", table, "--target", "target", "--budget", "60s", "--out", out]
    with shared_server.torchlight([*command, "--workers", "1"]) as training:
        for _ in range(200):
            if (out / "events.jsonl").exists():
                break
            page.wait_for_timeout(100)
        steps.visit(page, shared_server.url, "train?run=from-terminal")
        watch.wait_for_growth(page, 20, before={})
        steps.press(page, "stop")
        steps.wait_until_ended(page, 10)
        assert training.wait(15) == 0
