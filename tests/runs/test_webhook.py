"""A webhook hears of a run's end: once, briefly, and no run is any worse where it does not."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from automl_core.runs import webhook
from automl_core.runs.record import RunFolder
from automl_core.runs.webhook import tell_end
from tests.finished_run import make_run


@dataclass
class Hook:
    """A server that writes down what it is told, and answers as it is meant to."""

    address: str = ""
    answers: list[int] = field(default_factory=list)  # statuses, one a request; then 204
    told: list[tuple[str, Any]] = field(default_factory=list)  # path, JSON


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    found = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the library's own name
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.told.append((self.path, json.loads(body)))
            self.send_response(found.answers.pop(0) if found.answers else 204)
            self.send_header("Location", f"{found.address}/elsewhere")
            self.end_headers()

        def do_GET(self) -> None:  # where a redirect was followed
            found.told.append((self.path, None))

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    monkeypatch.setattr(webhook, "PAUSES", (0.0, 0.0, 0.0))
    monkeypatch.setenv("TORCHLIGHT_WEBHOOK", f"{found.address}/ended?key=1")
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def run(workspace: Path) -> RunFolder:
    return make_run(workspace, "run-a")


def tell(run: RunFolder) -> None:
    thread = tell_end(run)
    assert thread is not None
    thread.join(20)
    assert not thread.is_alive()


def test_it_is_told_what_the_run_ended_with(
    hook: Hook, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCHLIGHT_ADDRESS", "https://models.example.com/")
    tell(run)
    ((path, told),) = hook.told
    assert path == "/ended?key=1"
    assert told.pop("score") > 0.5
    assert told == {
        "run": "run-a",
        "status": "finished",
        "metric": run.spec().metric,
        "on_test_rows": True,
        "link": "https://models.example.com/train?run=run-a",
    }


@pytest.mark.parametrize(
    ("answers", "requests"),
    [([500, 503], 3), ([500, 500, 500], 3), ([404], 1), ([302], 1), ([429], 2)],
)
def test_tries_are_bounded_and_no_redirect_is_followed(
    hook: Hook, run: RunFolder, caplog: pytest.LogCaptureFixture,
    answers: list[int], requests: int,
) -> None:  # fmt: skip
    failed = len(answers) == requests
    hook.answers += answers
    with caplog.at_level(logging.INFO, "automl_core"):
        tell(run)
    assert len(hook.told) == requests
    assert {path for path, _ in hook.told} == {"/ended?key=1"}
    assert ("could not be told" in caplog.text) == failed
    assert "key=1" not in caplog.text  # addresses carry secrets


def test_a_host_that_leads_into_a_private_network_is_not_asked(
    hook: Hook, run: RunFolder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    port = hook.address.rpartition(":")[2]
    monkeypatch.setenv("TORCHLIGHT_WEBHOOK", f"https://inside.example:{port}/")
    place = (2, 1, 6, "", ("127.0.0.1", int(port)))
    monkeypatch.setattr(webhook.socket, "getaddrinfo", lambda *_, **__: [place])
    tell(run)
    assert not hook.told and "private network" in caplog.text


def test_nobody_is_told_without_a_setting(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert tell_end(run) is None and not caplog.text
    monkeypatch.setenv("TORCHLIGHT_WEBHOOK", "http://example.com/plain")
    assert tell_end(run) is None
    assert "is not encrypted" in caplog.text


def test_a_server_that_is_not_there_costs_a_line(
    hook: Hook, run: RunFolder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    del hook
    monkeypatch.setenv("TORCHLIGHT_WEBHOOK", "http://127.0.0.1:9/x")
    tell(run)
    assert "the webhook at 127.0.0.1 could not be told" in caplog.text
