"""The fields of a form for one row: each in the data's own kind, filled with a first value.

A field that is emptied is a missing value.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence

import streamlit as st

from automl_core.evaluation import plain_number
from automl_core.export import Cell, ColumnFacts
from pages.components.shared import escape_markdown, one_line

MOST_OPTIONS = 500  # of a list to choose from; others can be typed
LONG = 60  # characters, from which on a text gets several lines
EXACT = 2**53  # whole numbers beyond it are not exact in a browser
NOTHING = "No value"
DAY = 86_400  # seconds
_DAY_ONE = dt.datetime(1970, 1, 1)


def usual_cell(facts: ColumnFacts) -> Cell:
    """The usual value of a column."""
    return Cell(facts.name, facts.number, next(iter(facts.words), None))


def draw_field(facts: ColumnFacts, key: str, first: Cell) -> Cell:
    """The field of a column, which starts with the value of `first`; its value as a cell."""
    label = escape_markdown(one_line(facts.name, 60))
    match facts.column.parse.kind:
        case "number":
            return Cell(facts.name, number=_number(facts, label, key, first.number))
        case "boolean":
            return Cell(facts.name, number=_yes_or_no(facts, label, key, first.number))
        case "datetime":
            return Cell(facts.name, number=_moment(facts, label, key, first.number))
        case "string":
            return Cell(facts.name, text=_choice(facts, label, key, first.text))
        case _:
            return Cell(facts.name, text=_text(label, key, first.text))


def draw_fields(
    facts: Sequence[ColumnFacts], key: str, first: Mapping[str, Cell]
) -> tuple[Cell, ...]:
    """The fields of these columns, in as many columns as there is room for; what `first` lacks
    starts with its usual value."""
    with st.grid(columns=3, min_column_width=200, vertical_alignment="bottom"):
        return tuple(
            draw_field(column, f"{key}_{column.name}", first.get(column.name) or usual_cell(column))
            for column in facts
        )


def value_words(facts: ColumnFacts, cell: Cell) -> str:
    """A value as people write it; plain text."""
    if cell.number is None:
        return one_line(cell.text, 40) if cell.text else "missing"
    kind = facts.column.parse.kind
    if kind == "datetime":
        return moment_words(cell.number, facts.whole)
    if kind == "boolean":
        return _answers(facts).get(cell.number, f"{cell.number:g}")
    return f"{cell.number:,.0f}" if cell.number.is_integer() else f"{cell.number:,.6g}"


def _answers(facts: ColumnFacts) -> dict[float, str]:
    rule = facts.column.parse
    return {1.0: next(iter(rule.true), "yes"), 0.0: next(iter(rule.false), "no")}


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


def _number(facts: ColumnFacts, label: str, key: str, first: float | None) -> float | None:
    ends = [abs(v) for v in (facts.number, facts.low, facts.high, first) if v is not None]
    known = None
    if facts.low is not None and facts.high is not None:
        known = f"In training {plain_number(facts.low)} to {plain_number(facts.high)}"
    whole = facts.whole and (first is None or first.is_integer())
    if whole and max(ends, default=0.0) < EXACT:
        _start(key, None if first is None else int(first))
        typed = st.number_input(label, value=None, step=1, key=key, placeholder=NOTHING, help=known)
        return None if typed is None else float(typed)
    spread = 0.0 if facts.low is None or facts.high is None else facts.high - facts.low
    size = spread or max(ends, default=0.0) or 1.0
    power = math.floor(math.log10(size)) if math.isfinite(size) else 0
    form = f"%.{max(0, 3 - power)}f" if -5 <= power <= 9 else "%.6g"
    _start(key, first)
    return st.number_input(
        label, value=None, step=10.0 ** (power - 2) if abs(power) < 300 else 1.0, format=form,
        key=key, placeholder=NOTHING, help=known,
    )  # fmt: skip


def _yes_or_no(facts: ColumnFacts, label: str, key: str, first: float | None) -> float | None:
    words = _answers(facts)
    _start(key, first)
    return st.selectbox(label, [1.0, 0.0], None, words.__getitem__, key, placeholder=NOTHING)


def _moment(facts: ColumnFacts, label: str, key: str, start: float | None) -> float | None:
    first = None if start is None else _moment_of(start)
    if facts.whole and (start is None or start % DAY == 0):
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


def _choice(facts: ColumnFacts, label: str, key: str, first: str | None) -> str | None:
    _start(key, first)
    options = dict.fromkeys([*facts.words[:MOST_OPTIONS], *([first] if first else [])])
    return st.selectbox(
        label, list(options), None, key=key,
        accept_new_options=True, placeholder=f"{NOTHING}; choose or type one",
    )  # fmt: skip


def _text(label: str, key: str, first: str | None) -> str | None:
    _start(key, first or "")
    if len(first or "") > LONG:
        return st.text_area(label, key=key, height=68) or None
    return st.text_input(label, key=key) or None
