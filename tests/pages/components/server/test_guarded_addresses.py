"""Downloads and uploads are answered to those who may be here, and to nobody by a cookie alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
import streamlit as st
from streamlit import config
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from pages.components.server import GuardedAddresses, guarded_addresses
from tests.pages.components.server.asked import ask, inner

ANN = {
    "is_logged_in": True, "iss": "https://id.example", "sub": "1", "email": "ann@example.com",
    "email_verified": True,
}  # fmt: skip
PATHS = ("/media/0123.csv", "/_stcore/upload_file/session/file")
BASE = "server.baseUrlPath"
SECRET = "a secret of the server"


@pytest.fixture(autouse=True)
def people_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCHLIGHT_USERS", "@example.com")
    monkeypatch.setattr(guarded_addresses, "get_cookie_secret", lambda: SECRET)


def cookie(claims: dict[str, Any] | str, secret: str = SECRET) -> str:
    value = claims if isinstance(claims, str) else json.dumps(claims)
    return f"{USER_COOKIE_NAME}={create_signed_value(secret, USER_COOKIE_NAME, value).decode()}"


def status(path: str, method: str = "GET", **headers: str) -> int:
    return ask(GuardedAddresses(inner()), path, method, **headers)[0]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "theirs",
    [
        "",
        "x=y",
        f"{USER_COOKIE_NAME}=guessed",
        f"{USER_COOKIE_NAME}={json.dumps(ANN)}",
        cookie(ANN, "another secret"),
        cookie(ANN | {"email": "eve@elsewhere.org"}),
        cookie(ANN | {"email_verified": False}),
        cookie({name: value for name, value in ANN.items() if name != "is_logged_in"}),
        cookie("[]"),
        cookie("no json"),
        cookie("chunks-2"),
    ],
    ids=range(11),  # a signature is another one each time
)
def test_strangers_get_nothing_and_leave_nothing(path: str, theirs: str) -> None:
    for method in ("GET", "HEAD", "PUT", "DELETE"):
        assert status(path, method, cookie=theirs) == 403
    assert status(path, "OPTIONS", cookie=theirs) == 200  # which gives and takes nothing


@pytest.mark.parametrize("path", PATHS)
def test_those_who_may_be_here_do(path: str) -> None:
    assert status(path, cookie=f"other=1; {cookie(ANN)}") == 200
    assert status(path, "PUT", cookie=cookie(ANN)) == 200


@pytest.mark.parametrize(
    "path", ["/", "/data", "/healthz", "/_stcore/health", "/static/media/font.woff2"]
)
def test_what_leads_to_the_sign_in_is_for_everyone(path: str) -> None:
    assert status(path) == 200


def test_a_server_below_a_path_guards_the_same() -> None:
    before = st.get_option(BASE)
    config.set_option(BASE, "/models/")
    try:
        assert [status(f"/models{path}") for path in PATHS] == [403] * 2
        assert status("/models/static/media/font.woff2") == 200
    finally:
        config.set_option(BASE, before)


def test_where_nobody_signs_in_everyone_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarded_addresses, "get_secrets_auth_section", dict)
    monkeypatch.delenv("TORCHLIGHT_USERS")
    assert [status(path) for path in PATHS] == [200] * 2
    monkeypatch.setattr(guarded_addresses, "get_secrets_auth_section", lambda: {"client_id": "x"})
    assert [status(path) for path in PATHS] == [403] * 2  # nobody is on the lists
