"""Advanced fields of the training form: which rows stay together, and how large a model may be."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from automl_core.runs.record import TrainRequest
from automl_core.table import Schema
from pages.components.shared import code
from pages.components.train.form_state import remember

COPIES = {"keep": "As they are", "together": "Kept together", "drop": "Taken once"}
TIMES = ("number", "datetime")  # kinds of columns that have an order


def draw_split_columns(schema: Schema, target: str) -> None:
    """Columns that say which rows may not be parted, and which come later."""
    columns = [c for c in schema.columns if c.name != target]
    with st.container(horizontal=True):
        _draw_column(
            "Keep together by",
            "train_group",
            [c.name for c in columns],
            next((c.name for c in columns if c.role == "group"), None),
            "Rows with the same value here (a customer, a machine) are never both in training "
            "and in validation.",
        )
        _draw_column(
            "In order of time by",
            "train_time",
            [c.name for c in columns if c.parse.kind in TIMES or c.role == "time"],
            next((c.name for c in columns if c.role == "time"), None),
            "The latest rows validate and test; all that train came before them.",
        )
    remember("train_copies", "keep", list(COPIES))
    st.selectbox(
        "Copies of a row",
        list(COPIES),
        format_func=COPIES.__getitem__,
        key="train_copies",
        help="Rows whose every cell is the same. In training and validation both, they make "
        "scores too good.",
    )


def _draw_column(
    label: str, key: str, names: Sequence[str], by_role: str | None, help_text: str
) -> None:
    """A column, or none: which is no choice where a role on the Data page names one."""
    remember(key, by_role, names if by_role else [*names, None])
    index = None if by_role is None else names.index(by_role)
    st.selectbox(label, names, index=index, placeholder="None", key=key, help=help_text)


def draw_limits() -> None:
    """What the final model may cost; empty: no limit."""
    with st.container(horizontal=True):
        _draw_limit(
            "Most milliseconds a row",
            "train_max_ms",
            0.1,
            "To predict a row, in batches on one processor core. The ensemble takes fewer or "
            "quicker models to stay below.",
        )
        _draw_limit("Largest model, MB", "train_max_mb", 1.0, "Of the final model as it is stored.")


def _draw_limit(label: str, key: str, step: float, help_text: str) -> None:
    remember(key, None)
    st.number_input(
        label,
        min_value=0.0,
        value=None,
        step=step,
        format="%g",
        placeholder="No limit",
        key=key,
        help=help_text,
    )


def limit_words(request: TrainRequest) -> str:
    """The end of the sentence before Start: limits and columns that were set, as Markdown."""
    limits = []
    if request.options.max_predict_ms:
        limits.append(f"{request.options.max_predict_ms:g} ms a row")
    if request.options.max_size_mb:
        limits.append(f"{request.options.max_size_mb:g} MB")
    words = f", with a final model of at most **{' and '.join(limits)}**" if limits else ""
    if request.options.group:
        words += f", rows of the same {code(request.options.group)} kept together"
    if request.test:
        words += f", then tested once on {code(request.test.name)}"
    if request.options.copies != "keep":
        words += f", copies of a row {COPIES[request.options.copies].lower()}"
    if request.options.time:
        words += f", the latest rows by {code(request.options.time)} held out"
    return words
