"""The real server answers whoever names it as its owner allows, and asks nobody on the internet."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.browser.server import Server

# Loaded by the server's Python when it starts: writes down each address outside this machine.
WATCH = """
import os, sys
LOCAL = ("127.0.0.1", "::1", "localhost", "0.0.0.0", "::", "", None)
def watch(event, arguments):
    if event == "socket.getaddrinfo":
        asked = arguments[0]
    elif event in ("socket.connect", "socket.sendto"):
        asked = arguments[1][0] if isinstance(arguments[1], tuple) else None
    else:
        return
    asked = asked.decode() if isinstance(asked, bytes) else asked
    if asked not in LOCAL:
        with open(os.environ["ASKED_OUTSIDE"], "a") as file:
            file.write(f"{event} {asked}\\n")
sys.addaudithook(watch)
"""


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file in which the server's questions to other machines are written down."""
    return tmp_path_factory.mktemp("asked") / "asked.txt"


@pytest.fixture(scope="module")
def server(asked: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("served")
    (folder / "sitecustomize.py").write_text(WATCH)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(folder))
        patch.setenv("ASKED_OUTSIDE", str(asked))
        patch.setenv("STREAMLIT_SERVER_CORS_ALLOWED_ORIGINS", "https://portal.example")
        with Server(folder / "workspace") as started:
            yield started


def status(server: Server, path: str, **headers: str) -> int:
    """The status of an answer to a request with these headers."""
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)) as link:
        link.putrequest("GET", path, skip_host=True)
        for name, value in headers.items():
            link.putheader(name, value.replace("PORT", str(server.port)))
        link.endheaders()
        with link.getresponse() as answer:
            return answer.status


def joined(server: Server, host: str, origin: str | None) -> int:
    """The status of an answer to a websocket's handshake; 101 where it is taken."""
    address = f"ws://{host}:{server.port}/_stcore/stream"
    page = origin.replace("PORT", str(server.port)) if origin else None
    with closing(socket.create_connection(("127.0.0.1", server.port), timeout=20)) as link:
        try:
            with connect(address, sock=link, origin=page, subprotocols=["streamlit"], proxy=None):  # type: ignore[arg-type,list-item]
                return 101
        except InvalidStatus as refused:
            return refused.response.status_code


PATHS = ("/", "/_stcore/health", "/_stcore/host-config", "/media/x", "/data?table=x")


@pytest.mark.parametrize("host", ["localhost:PORT", "127.0.0.1:PORT", "[::1]:PORT", "LOCALHOST"])
def test_names_of_this_machine_are_answered(server: Server, host: str) -> None:
    assert status(server, "/", Host=host) == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example:PORT", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example",
        "localhost@evil.example", "evil.example#localhost", "evil.example/localhost", "", "[", "*",
        "192.168.1.5:PORT", "localhost:port", "0.0.0.0:PORT",
    ],
)  # fmt: skip
def test_other_names_are_refused(server: Server, host: str) -> None:
    assert {status(server, path, Host=host) for path in PATHS} <= {400, 403}


def test_a_forwarded_name_counts_for_nothing(server: Server) -> None:
    forwarded = {"X-Forwarded-Host": "localhost", "Forwarded": "host=localhost"}
    assert status(server, "/", Host="evil.example", **forwarded) == 403


def test_connections_by_other_names_or_from_other_sites_are_refused(server: Server) -> None:
    assert joined(server, "localhost", "http://localhost:PORT") == 101
    assert joined(server, "127.0.0.1", None) == 101
    for host, origin in (
        ("evil.example", None),
        ("evil.example", "http://evil.example:PORT"),
        ("evil.example", "http://localhost:PORT"),
        ("localhost", "http://evil.example:PORT"),
        ("localhost", "http://localhost:1"),  # another program of this machine
        ("localhost", "null"),
    ):
        assert joined(server, host, origin) == 403, (host, origin)


def test_a_site_that_the_owner_lists_may_connect(server: Server) -> None:
    assert joined(server, "localhost", "https://portal.example") == 101


def test_nobody_outside_was_asked(server: Server, asked: Path) -> None:
    joined(server, "localhost", "https://portal.example")
    joined(server, "localhost", "http://evil.example")
    status(server, "/", Host="localhost", Origin="http://evil.example")
    assert not asked.exists(), asked.read_text()
