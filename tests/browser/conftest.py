"""Fixtures of the browser tests: a fresh server, a browser, pages that fail on errors."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests.browser import chromium, steps
from tests.browser.server import Server

# Streamlit finds out where it lies by asking below a page's own address first.
HARMLESS = re.compile(r"404 .*/\w+/_stcore/(health|host-config)")
BROKEN = "Something went wrong on this page"

expect.set_options(timeout=steps.PATIENCE)  # other tests may run beside these


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if chromium.executable() is None and not os.environ.get("CI"):
        pytest.skip("no Chromium here; on Debian: apt-get install chromium fonts-liberation")
    with chromium.browser() as running:
        yield running


@contextmanager
def _sound_server(workspace: Path) -> Iterator[Server]:
    """A server that must end as it should, and must not have failed in between."""
    with Server(workspace) as running:
        yield running
        torch = running.has_loaded("libtorch")
        left = running.stop()
    assert not torch, "the app's own process has imported torch: pages wait for that"
    assert not left, f"workers outlived the app: {left}"
    assert "Traceback" not in running.text(), running.text()[-4000:]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server that has answered no page yet, with an empty workspace."""
    with _sound_server(tmp_path / "workspace") as running:
        yield running


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests that do not mind what is in its workspace already."""
    with _sound_server(tmp_path_factory.mktemp("shared") / "workspace") as running:
        yield running


@pytest.fixture
def new_page(browser: Browser, tmp_path: Path) -> Iterator[Callable[[], Page]]:
    """Opens pages, each in a browser of its own (no shared cookies or storage).

    Afterwards the test fails if a page logged an error or shows an exception. Pictures of the
    pages as they were at the end lie in the test's tmp_path.
    """
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_page() -> Page:
        context = browser.new_context(viewport={"width": 1360, "height": 900})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(steps.PATIENCE)
        page.on("pageerror", lambda error: errors.append(f"page error: {error}"))
        page.on("console", lambda message: errors.extend(_errors_in(message)))
        return page

    yield open_page
    for number, context in enumerate(contexts):
        for page in context.pages:
            page.screenshot(path=tmp_path / f"end-{number}.png")
            errors += page.get_by_test_id("stException").all_inner_texts()
            errors += page.get_by_text(BROKEN).all_inner_texts()
        context.close()
    assert not errors, "\n".join(errors)


def _errors_in(message: ConsoleMessage) -> list[str]:
    text = f"console: {message.text} {message.location.get('url', '')}"
    return [text] if message.type == "error" and not HARMLESS.search(text) else []


@pytest.fixture
def page(new_page: Callable[[], Page]) -> Page:
    """One page in a fresh browser."""
    return new_page()
