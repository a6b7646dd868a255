"""Calls an ASGI app in this process, as a server would, without a network."""

from __future__ import annotations

import asyncio
import json
from collections.abc import MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from starlette.types import ASGIApp


def call(
    app: ASGIApp, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> tuple[int, Any]:
    """The status of the answer, and its JSON."""
    sent: list[MutableMapping[str, Any]] = []
    given = {"host": "localhost", "content-type": "application/json"} | (headers or {})
    scope = {
        "type": "http", "http_version": "1.1", "method": method, "path": path, "query_string": b"",
        "scheme": "http", "headers": [(k.encode(), v.encode()) for k, v in given.items()],
        "server": ("localhost", 80), "client": ("127.0.0.1", 1), "root_path": "",
    }  # fmt: skip

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    async def answer() -> None:
        await app(scope, receive, send)

    # in a thread of its own: where a browser's tests came first, a loop runs in this one
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, answer()).result()
    content = b"".join(message.get("body", b"") for message in sent[1:])
    try:
        return sent[0]["status"], json.loads(content)
    except ValueError:
        return sent[0]["status"], content.decode()


def ask(app: ASGIApp, asked: Any) -> tuple[int, Any]:
    """The answer to a POST to /predict."""
    return call(app, "POST", "/predict", json.dumps(asked).encode())
