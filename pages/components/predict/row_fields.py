"""The fields of a form for one row: each in the data's own kind, filled with the usual value.

A field that is emptied is a missing value.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence

import streamlit as st

from automl_core.evaluation import plain_number
from automl_core.export import Cell, ColumnFacts
from pages.components.shared import escape_markdown, one_line

MOST_OPTIONS = 500  # of a list to choose from; others can be typed
LONG = 60  # characters, from which on a text gets several lines
EXACT = 2**53  # whole numbers beyond it are not exact in a browser
NOTHING = "No value"
_DAY_ONE = dt.datetime(1970, 1, 1)


def draw_field(facts: ColumnFacts, key: str) -> Cell:
    """The field of a column; its value as a cell."""
    label = escape_markdown(one_line(facts.name, 60))
    match facts.column.parse.kind:
        case "number":
            return Cell(facts.name, number=_number(facts, label, key))
        case "boolean":
            return Cell(facts.name, number=_yes_or_no(facts, label, key))
        case "datetime":
            return Cell(facts.name, number=_moment(facts, label, key))
        case "string":
            return Cell(facts.name, text=_choice(facts, label, key))
        case _:
            return Cell(facts.name, text=_text(facts, label, key))


def draw_fields(facts: Sequence[ColumnFacts], key: str) -> tuple[Cell, ...]:
    """The fields of these columns, in as many columns as there is room for."""
    with st.grid(columns=3, min_column_width=200, vertical_alignment="bottom"):
        return tuple(draw_field(column, f"{key}_{column.name}") for column in facts)


def moment_words(seconds: float, days_only: bool) -> str:
    """`2024-02-29`, and the time where there is one; the seconds beyond the years 1 to 9999."""
    moment = _moment_of(seconds)
    if moment is None:
        return f"{seconds:.6g} s since 1970"
    return f"{moment:%Y-%m-%d}" if days_only else f"{moment:%Y-%m-%d %H:%M}"


def _start(key: str, value: object) -> None:
    """What a field holds first: by its state, as a field with a default cannot be emptied."""
    if key not in st.session_state:
        st.session_state[key] = value


def _number(facts: ColumnFacts, label: str, key: str) -> float | None:
    ends = [abs(v) for v in (facts.number, facts.low, facts.high) if v is not None]
    known = None
    if facts.low is not None and facts.high is not None:
        known = f"In training {plain_number(facts.low)} to {plain_number(facts.high)}"
    if facts.whole and max(ends, default=0.0) < EXACT:
        _start(key, None if facts.number is None else int(facts.number))
        whole = st.number_input(label, value=None, step=1, key=key, placeholder=NOTHING, help=known)
        return None if whole is None else float(whole)
    spread = 0.0 if facts.low is None or facts.high is None else facts.high - facts.low
    size = spread or max(ends, default=0.0) or 1.0
    power = math.floor(math.log10(size)) if math.isfinite(size) else 0
    form = f"%.{max(0, 3 - power)}f" if -5 <= power <= 9 else "%.6g"
    _start(key, facts.number)
    return st.number_input(
        label, value=None, step=10.0 ** (power - 2) if abs(power) < 300 else 1.0, format=form,
        key=key, placeholder=NOTHING, help=known,
    )  # fmt: skip


def _yes_or_no(facts: ColumnFacts, label: str, key: str) -> float | None:
    rule = facts.column.parse
    words = {1.0: next(iter(rule.true), "yes"), 0.0: next(iter(rule.false), "no")}
    _start(key, facts.number)
    return st.selectbox(label, [1.0, 0.0], None, words.__getitem__, key, placeholder=NOTHING)


def _moment(facts: ColumnFacts, label: str, key: str) -> float | None:
    first = None if facts.number is None else _moment_of(facts.number)
    if facts.whole:
        _start(key, None if first is None else first.date())
        day = st.date_input(label, None, dt.date.min, dt.date.max, key, format="YYYY-MM-DD")
        if day is None:
            return None
        return (dt.datetime.combine(day, dt.time()) - _DAY_ONE).total_seconds()
    _start(key, None if first is None else first.replace(second=0, microsecond=0))
    moment = st.datetime_input(
        label, None, dt.datetime.min, dt.datetime.max, key=key, format="YYYY-MM-DD"
    )
    return None if moment is None else (moment - _DAY_ONE).total_seconds()


def _moment_of(seconds: float) -> dt.datetime | None:
    try:
        return _DAY_ONE + dt.timedelta(seconds=seconds)
    except (OverflowError, ValueError):
        return None


def _choice(facts: ColumnFacts, label: str, key: str) -> str | None:
    _start(key, next(iter(facts.words), None))
    return st.selectbox(
        label, list(facts.words[:MOST_OPTIONS]), None, key=key,
        accept_new_options=True, placeholder=f"{NOTHING}; choose or type one",
    )  # fmt: skip


def _text(facts: ColumnFacts, label: str, key: str) -> str | None:
    usual = next(iter(facts.words), "")
    _start(key, usual)
    if len(usual) > LONG:
        return st.text_area(label, key=key, height=68) or None
    return st.text_input(label, key=key) or None
