"""Whoever signs in comes back to where they were, and never to another site."""

from __future__ import annotations

import pytest

from pages.components.server import ReturnAddress
from pages.components.server.return_address import COOKIE
from tests.pages.components.server.asked import ask, inner

HOST = "models.example.com"
LINK = "/share?run=run-a&of=0123&model=mlp-1&link=a-b_c%20d"


def leave(referer: str, base: str = "") -> str:
    """The cookie that whoever leaves for the provider takes along; "" where they get none."""
    app = ReturnAddress(inner("https://id.example/authorize"))
    _, headers = ask(app, f"{base}/auth/login", host=HOST, referer=referer)
    assert headers["location"] == "https://id.example/authorize"
    return headers.get("set-cookie", "")


def come_back(cookie: str, base: str = "", to: str = "") -> str:
    """Where they are led to."""
    app = ReturnAddress(inner(to or f"{base}/"))
    _, headers = ask(app, f"{base}/oauth2callback", host=HOST, cookie=cookie)
    if headers["location"] not in (f"{base}/", to):
        assert f"{COOKIE}=; Max-Age=0" in headers["set-cookie"]
    return headers["location"]


@pytest.mark.parametrize("base", ["", "/below"])
@pytest.mark.parametrize("address", [LINK, "/models?run=a", "/", "/share?x=%E2%82%AC"])
def test_the_address_that_was_asked_for_is_opened(base: str, address: str) -> None:
    cookie = leave(f"https://{HOST}{base}{address}", base)
    assert f"Path={base}/oauth2callback; HttpOnly; SameSite=Lax" in cookie
    assert come_back(cookie.partition(";")[0], base) == base + address


@pytest.mark.parametrize(
    "referer",
    [
        "",
        "https://evil.example/share",
        f"https://evil.example/?{HOST}",
        f"https://{HOST}@evil.example/",
        f"https://{HOST}//evil.example/",
        f"https://{HOST}/" + "x" * 2_000,
        "https://[/",
    ],
)
def test_an_address_of_another_site_is_not_kept(referer: str) -> None:
    assert leave(referer) == ""


@pytest.mark.parametrize(
    "kept",
    ["//evil.example", "https://evil.example", "/%5Cevil.example", "%2F%2Fevil.example", "/a%0Ab"],
)
def test_a_cookie_of_somebody_else_leads_nowhere(kept: str) -> None:
    assert come_back(f"{COOKIE}={kept}") == "/"


def test_who_was_nowhere_comes_home_and_other_redirections_stay() -> None:
    assert come_back("") == "/"
    assert come_back(f"{COOKIE}=%2Fmodels", to="https://id.example/error") == (
        "https://id.example/error"
    )
