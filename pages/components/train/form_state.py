"""The memory of the training form: over reruns, page switches, and from an earlier run.

Streamlit forgets a widget once another page is shown; the form therefore keeps a copy of its
values. A value that no longer is among its widget's options falls back to the default.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

import streamlit as st

_COPY, _TOKEN, _ERROR = "_train_form", "_train_token", "_train_error"


def remember(key: str, default: Any, options: Sequence[Any] | None = None) -> None:
    """Before the widget `key` is drawn: set it to what it was, if that still is an option."""
    copy: dict[str, Any] = st.session_state.setdefault(_COPY, {})
    value = st.session_state.get(key, copy.get(key, default))
    if options is not None:
        several = isinstance(value, list)
        if several:
            value = [v for v in value if v in options]
        elif value not in options:
            value = default
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value
    copy[key] = value


def forget(keys: Sequence[str]) -> None:
    """Let these widgets start from their defaults again."""
    copy: dict[str, Any] = st.session_state.setdefault(_COPY, {})
    for key in keys:
        copy.pop(key, None)
        st.session_state.pop(key, None)


def chosen(key: str) -> Any:
    """The value of a widget, or the one that it will start from; None where there is neither."""
    copy: dict[str, Any] = st.session_state.setdefault(_COPY, {})
    return st.session_state.get(key, copy.get(key))


def setting(name: str, default: str) -> str:
    """The value of the run's option `name` in the form, also before it was ever drawn."""
    value = chosen(f"train_{name}")
    return value if isinstance(value, str) else default


def set_setting(name: str, value: str) -> None:
    """Let the form start from this value of the run's option `name`."""
    st.session_state.setdefault(_COPY, {})[f"train_{name}"] = value
    st.session_state.pop(f"train_{name}", None)


def leave_out(columns: Sequence[str]) -> None:
    """Add columns to those that the models may not see, when the form is drawn next."""
    dropped = list(chosen("train_drop") or ())
    copy: dict[str, Any] = st.session_state.setdefault(_COPY, {})
    copy["train_drop"] = dropped + [c for c in columns if c not in dropped]
    st.session_state.pop("train_drop", None)


def keep(key: str, columns: Sequence[str]) -> None:
    """Remember under `key` that these columns are to stay, whatever was found about them."""
    copy: dict[str, Any] = st.session_state.setdefault(_COPY, {})
    copy[key] = [*(copy.get(key) or ()), *columns]


def refill(values: dict[str, Any]) -> None:
    """Let the whole form start from these values; takes effect when it is drawn next."""
    forget(tuple(values))
    st.session_state[_COPY] = values


def start_token() -> str:
    """A token for the Start button, good for one start: a double click starts one run."""
    token: str = st.session_state.setdefault(_TOKEN, secrets.token_hex(8))
    return token


def use_token(token: str) -> bool:
    """True the first time that the token is used."""
    if st.session_state.get(_TOKEN) != token:
        return False
    del st.session_state[_TOKEN]
    return True


def set_error(error: Exception | None) -> None:
    """Keep the error that a start ended with, to be shown beside the button."""
    st.session_state[_ERROR] = error


def take_error() -> Exception | None:
    """The error of the last start; returned once."""
    error: Exception | None = st.session_state.pop(_ERROR, None)
    return error
