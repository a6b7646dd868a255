"""A name of somebody else's that leads to this machine opens nothing in a real browser."""

from __future__ import annotations

from playwright.sync_api import Browser

from tests.browser import chromium
from tests.browser.server import Server

REBOUND = "--host-resolver-rules=MAP evil.example 127.0.0.1"
KNOCK = """port => new Promise(done => {
    const link = new WebSocket(`ws://127.0.0.1:${port}/_stcore/stream`, ["streamlit"]);
    link.onopen = () => done("open");
    link.onerror = () => done("refused");
})"""


def test_another_name_for_this_machine_is_refused(shared_server: Server, browser: Browser) -> None:
    rebound = browser.browser_type.launch(
        executable_path=chromium.executable(), args=[*chromium.FLAGS, REBOUND]
    )
    page = rebound.new_page()
    answer = page.goto(f"http://evil.example:{shared_server.port}/?table=x")
    assert answer is not None and answer.status == 403
    assert "does not answer to the name" in page.inner_text("body")
    assert page.evaluate(KNOCK, shared_server.port) == "refused"  # as a page of another site
    answer = page.goto(f"http://localhost:{shared_server.port}/")
    assert answer is not None and answer.status == 200
    page.get_by_text("Train models you can watch").wait_for()
    rebound.close()
