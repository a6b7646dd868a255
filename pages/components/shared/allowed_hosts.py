"""The rule for who may ask: requests that name this server by a host that its owner allows.

Listening on this machine only does not keep other sites away. A name of somebody else's may lead
to 127.0.0.1 (DNS rebinding), and a page of any site may open a connection to localhost: both come
from a browser on this machine. So each request and each connection is refused here, before
Streamlit sees it, unless its `Host` is one of `server.allowedHosts` and its `Origin`, where there
is one, is this server or one of `server.corsAllowedOrigins`.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

import streamlit as st
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LOCAL = ("localhost", "127.0.0.1", "::1")  # also where the owner's list is empty
FOREIGN_HOST = (
    "This server does not answer to the name in your browser's address. Open it as localhost, or "
    "have its owner add the name to server.allowedHosts in .streamlit/config.toml.\n"
)
FOREIGN_ORIGIN = (
    "This request comes from a page of another site. If that is wanted, the server's owner can "
    "add the site to server.corsAllowedOrigins in .streamlit/config.toml.\n"
)


class AllowedHosts:
    """ASGI middleware: answers 403 to what comes by a foreign name or from a foreign page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            headers = Headers(scope=scope)
            refusal = reason_to_refuse(headers)
            if refusal:
                await PlainTextResponse(refusal, 403)(scope, receive, send)
                return
            if scope["type"] == "websocket" and not _is_own_page(headers):
                scope = _as_own_page(scope, headers)
        await self._app(scope, receive, send)


def reason_to_refuse(headers: Headers) -> str:
    """Why a request with these headers is not answered, in words; "" where it is."""
    hosts, origins = headers.getlist("host"), headers.getlist("origin")
    allowed = st.get_option("server.allowedHosts") or LOCAL
    if len(hosts) != 1 or not _host_allowed(hosts[0], allowed):
        return FOREIGN_HOST
    listed = [origin.strip() for origin in st.get_option("server.corsAllowedOrigins")]
    if not all(origin in listed or _same(origin, hosts[0]) for origin in origins):
        return FOREIGN_ORIGIN
    return ""


def _host_allowed(host: str, allowed: Sequence[str]) -> bool:
    """As Streamlit reads its setting: names without ports, `*.` for subdomains, `*` for any."""
    name = _hostname(host)
    patterns = [pattern.strip().lower().rstrip(".") for pattern in allowed]
    return bool(name) and any(
        pattern in (name, "*") or (pattern[:2] == "*." and name.endswith(pattern[1:]))
        for pattern in patterns
    )


def _hostname(host: str) -> str:
    """The name or the number in a Host header; "" where it is none."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port  # ValueError where it is no number
    except ValueError:
        return ""
    if parts.netloc != host or parts.username is not None:
        return ""
    return (parts.hostname or "").rstrip(".")


def _same(origin: str, host: str) -> bool:
    """True where the page that asks is one of this server: same name, same port."""
    return origin.partition("://")[2].lower() == host.lower()


def _is_own_page(headers: Headers) -> bool:
    """Streamlit takes this origin as it is; who is signed in, it knows by its scheme, too."""
    return headers.get("origin", "").partition("://")[2] == headers["host"]


def _as_own_page(scope: Scope, headers: Headers) -> Scope:
    """The connection with an origin that Streamlit takes without looking further.

    For any other it asks a service on the internet for this machine's address, on the thread that
    answers everybody; the origin has been checked here.
    """
    if "origin" not in headers:
        return scope
    others = [(name, value) for name, value in scope["headers"] if name != b"origin"]
    own = (b"origin", b"http://" + headers["host"].encode("latin-1"))
    return {**scope, "headers": [*others, own]}
