"""Addresses that are answered only to people who may be here, where people sign in.

Pages ask themselves who somebody is. What is downloaded and uploaded goes past them, and Streamlit
gives a download to whoever has its address, and keeps in memory what anybody uploads. So both are
refused here, before Streamlit sees them, to those whose cookie does not say that they may enter.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.auth_util import get_cookie_with_chunks, get_secrets_auth_section
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from automl_core.errors import AccessError
from automl_core.people import person_of
from automl_core.settings import ADMINS, USERS

GUARDED = ("/media/", "/_stcore/upload_file/")
REFUSED = "Sign in first, as somebody who may use this server.\n"


class GuardedAddresses:
    """ASGI middleware: answers 403 to those who ask for what is guarded and may not be here."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if _is_guarded(scope) and not may_ask(Headers(scope=scope)):
            await PlainTextResponse(REFUSED, 403)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _is_guarded(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] == "OPTIONS":
        return False  # browsers ask for options without cookies; the answer gives nothing
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    return str(scope["path"]).removeprefix(f"/{base}" if base else "").startswith(GUARDED)


def may_ask(headers: Headers) -> bool:
    """True where the one who asks may be here; everyone, where nobody signs in."""
    if not (get_secrets_auth_section() or USERS.entries() or ADMINS.entries()):
        return True
    try:
        person_of(_claims(cookie_parser(headers.get("cookie", ""))))
    except AccessError:
        return False
    return True


def _claims(cookies: Mapping[str, str]) -> dict[str, Any]:
    """What the provider said of the one whose cookie this is; {} where nobody is signed in."""
    secret = get_cookie_secret()

    def signed(name: str) -> bytes | None:
        value = cookies.get(name)
        return decode_signed_value(secret, name, value) if value else None

    try:
        claims = json.loads(get_cookie_with_chunks(signed, USER_COOKIE_NAME) or b"{}")
    except ValueError:
        return {}
    return claims if isinstance(claims, dict) and claims.get("is_logged_in") is True else {}
