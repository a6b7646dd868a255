"""The way back after signing in: to the address that was asked for, such as a link to a run.

Streamlit sends everyone to Home then. The page from which somebody leaves for the provider is named
in that request (`Referer`). It is kept in a cookie until they come back.
"""

from __future__ import annotations

from urllib.parse import quote, unquote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LEAVES, COMES_BACK = "/auth/login", "/oauth2callback"
COOKIE = "torchlight_return"
SECONDS = 900  # for which it is kept
LONGEST = 2_000  # characters of an address


class ReturnAddress:
    """ASGI middleware: leads those who have signed in to where they were."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].endswith((LEAVES, COMES_BACK)):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        leaves = scope["path"].endswith(LEAVES)
        address = asked_address(headers) if leaves else kept_address(headers)
        base = scope["path"].removesuffix(LEAVES if leaves else COMES_BACK)
        place = f"Path={base}{COMES_BACK}; HttpOnly; SameSite=Lax"

        async def answer(message: Message) -> None:
            if address and message["type"] == "http.response.start":
                given = MutableHeaders(scope=message)
                if leaves:
                    value = f"{COOKIE}={quote(address, safe='')}; Max-Age={SECONDS}"
                    given.append("set-cookie", f"{value}; {place}")
                elif given.get("location") == f"{base}/":  # where Streamlit sends everyone
                    given["location"] = address
                    given.append("set-cookie", f"{COOKIE}=; Max-Age=0; {place}")
            await send(message)

        await self._app(scope, receive, answer)


def asked_address(headers: Headers) -> str:
    """The path and query of the page that sends its reader away; "" where it is none of ours."""
    try:
        page = urlsplit(headers.get("referer", ""))
    except ValueError:
        return ""
    if page.netloc.lower() != headers.get("host", "").lower():
        return ""
    return _local(f"{page.path}?{page.query}" if page.query else page.path)


def kept_address(headers: Headers) -> str:
    """The address in the cookie; "" where there is none, or one that leads elsewhere."""
    return _local(unquote(cookie_parser(headers.get("cookie", "")).get(COOKIE, "")))


def _local(address: str) -> str:
    """The address where it is one below this server, whatever a browser makes of it; else ""."""
    plain = address.isascii() and address.isprintable() and "\\" not in address
    below = address.startswith("/") and not address.startswith("//")
    return address if plain and below and len(address) <= LONGEST else ""
