"""The page of those who are not signed in, and the lines of the sidebar on the one who is.

Signing in is Streamlit's: OpenID Connect by the section [auth] of its secrets. Knows nothing of
what people may see.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from automl_core.errors import AccessError
from pages.components.shared import access, session
from pages.components.shared.text import (
    code,
    distinct_labels,
    error_text,
    escape_markdown,
    one_line,
)

LIBRARY = "authlib"  # that Streamlit signs in with
_SWITCH = "workspace_shown"


def draw_sign_in(refused: AccessError) -> None:
    """The page in place of any other: sign in, or why that was not enough."""
    _, middle, _ = st.columns([1, 2, 1])
    with middle, st.container(border=True, horizontal_alignment="center", key="sign_in"):
        st.space("small")
        st.title("Torchlight", anchor=False, text_alignment="center")
        st.caption("Train models you can watch", text_alignment="center")
        if access.is_signed_in():
            st.error(error_text(refused), icon=":material/block:")
            _draw_ways("Sign in with another account")
            if st.button("Sign out", type="tertiary", key="sign_out", width="content"):
                st.logout()
        elif refused.message != access.NOT_SIGNED_IN:
            st.error(error_text(refused), icon=":material/error:")
        elif importlib.util.find_spec(LIBRARY) is None:
            st.error(
                "Signing in needs a package that is not installed here. The owner of this server "
                "installs it with `pip install 'streamlit[auth]'` and starts the server again.",
                icon=":material/error:",
            )
        else:
            st.markdown(
                "Sign in to see your tables and runs. What you upload here is seen by nobody else, "
                "but by those to whom you give a link, and by the owner of this server.",
                text_alignment="center",
            )
            _draw_ways("Sign in")
        st.space("small")


def _draw_ways(words: str) -> None:
    """A button for each provider; `words` where there is one."""
    for provider in _providers():
        label = f"Sign in with {one_line(provider, 30)}" if provider else words
        key = f"sign_in_{provider}"
        if st.button(label, type="primary", icon=":material/login:", key=key, width="content"):
            st.login(provider or None)


def _providers() -> tuple[str, ...]:
    """The names of the sections [auth.<name>]; ("",) where [auth] itself describes one."""
    section = st.secrets.get("auth", {}) if st.secrets.load_if_toml_exists() else {}
    names = tuple(
        str(name)
        for name, value in section.items()
        if isinstance(value, Mapping) and "client_id" in value
    )
    return names or ("",)


def draw_person() -> None:
    """Who is signed in, with the way out; for admins the choice of the workspace."""
    who = access.person()
    if who is None:
        return
    others = access.other_workspaces()
    if len(others) > 1:
        _draw_switch({root: one_line(words, 40) for root, words in others.items()})
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="person"):
        words = f":material/account_circle: {escape_markdown(one_line(who.shown, 30))}"
        st.caption(words, help=code(who.email, 80), width="stretch")
        if st.button("Sign out", type="tertiary", key="sign_out", width="content"):
            st.logout()


def draw_looks_at() -> None:
    """A line for admins who look at the workspace of somebody else, and may change it."""
    who, shown = access.person(), access.workspace()
    if who is None or shown == who.root:
        return
    words = access.other_workspaces().get(shown, "somebody else")
    st.info(f"Workspace of {code(words, 80)}", icon=":material/visibility:")


def _draw_switch(others: Mapping[Path, str]) -> None:
    shown, roots = access.workspace(), list(others)
    labels = distinct_labels(roots, others.__getitem__)  # two providers may vouch for one address
    chosen = st.selectbox(
        "Workspace of",
        roots,
        roots.index(shown) if shown in roots else 0,
        format_func=labels.__getitem__,
        key=_SWITCH,
    )
    if chosen != shown:
        session.forget()
        access.look_at(chosen)
        st.rerun()
