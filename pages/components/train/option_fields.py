"""Fields of the training form for one option each: label, help, default and choices as declared.

An option's declaration is in automl_core/runs/record/options.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from automl_core.runs.record import Option
from pages.components.train.form_request import key_of
from pages.components.train.form_state import chosen, remember


def draw_choice(option: Option, key: str = "", more: dict[Any, str] | None = None) -> None:
    """One of the option's choices, or of `more`; also what an earlier run has beside them."""
    key = key or key_of(option.name)
    labels = {value: choice.label for value, choice in option.choices.items()} | (more or {})
    earlier = chosen(key)
    if earlier is not None and earlier not in labels:  # of a run that a terminal started
        labels[earlier] = f"{earlier:g}"
    remember(key, option.default, list(labels))
    st.selectbox(
        option.label,
        list(labels),
        format_func=labels.__getitem__,
        key=key,
        help=option.explained(by_label=True),
    )


def draw_segments(option: Option) -> None:
    """One of a few choices, side by side."""
    key = key_of(option.name)
    remember(key, option.default, list(option.choices))
    st.segmented_control(
        option.label,
        list(option.choices),
        format_func=lambda value: option.choices[value].label,
        key=key,
        required=True,
        help=option.explained(by_label=True),
    )


def draw_names(
    option: Option, names: Sequence[str], empty: str, title: Callable[[str], str] = str
) -> None:
    """Several of these names; `empty` says what none of them means."""
    key = key_of(option.name)
    remember(key, [], names)
    st.multiselect(
        option.label, names, format_func=title, key=key, placeholder=empty, help=option.help
    )


def draw_column(
    option: Option,
    names: Sequence[str],
    by_role: str | None,
    empty: str = "None",
    required: bool = False,
) -> None:
    """A column, at first the one with the role, or none unless one is required."""
    key = key_of(option.name)
    remember(key, by_role, names if required else [*names, None])
    index = names.index(by_role) if required and by_role is not None else None
    st.selectbox(option.label, names, index=index, placeholder=empty, key=key, help=option.help)


def draw_whole_number(option: Option) -> None:
    """A whole number in the option's range."""
    assert option.within is not None
    key = key_of(option.name)
    remember(key, option.default)
    st.number_input(
        option.label,
        min_value=int(option.within.lowest),
        max_value=int(option.within.highest),
        step=1,
        key=key,
        help=option.help,
    )


def draw_limit(option: Option, step: float) -> None:
    """A number above 0; empty: no limit."""
    key = key_of(option.name)
    remember(key, None)
    st.number_input(
        option.label,
        min_value=0.0,
        value=None,
        step=step,
        format="%g",
        placeholder="No limit",
        key=key,
        help=option.help,
    )


def draw_address(option: Option, offered: bool) -> None:
    """An address; no field where none is offered and an earlier run had none."""
    key = key_of(option.name)
    if offered or chosen(key):
        remember(key, None)
        st.text_input(option.label, value=None, key=key, placeholder="None", help=option.help)


def draw_device(option: Option) -> None:
    """The device that an earlier run asked for; no field where it is automatic."""
    key = key_of(option.name)
    earlier = chosen(key) or option.default
    remember(key, option.default)
    if earlier != option.default:
        st.selectbox(option.label, [option.default, earlier], key=key, help=option.help)
