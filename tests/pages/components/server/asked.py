"""Asks an ASGI application without a server."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message


def ask(app: ASGIApp, path: str, method: str = "GET", **headers: str) -> tuple[int, Headers]:
    """Status and headers of the answer."""
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    scope: dict[str, Any] = {"type": "http", "method": method, "path": path, "headers": raw}
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    return sent[0]["status"], Headers(raw=sent[0]["headers"])


def inner(path: str = "") -> ASGIApp:
    """What stands behind a middleware: answers 200, or leads to `path`."""
    return RedirectResponse(path, 302) if path else Response("what is guarded")
