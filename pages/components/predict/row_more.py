"""The fields of a row beyond the most important ones: all, or of very many a page at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from automl_core.export import Cell, ColumnFacts
from pages.components.predict.row_fields import draw_fields, usual_cell
from pages.components.shared import count, draw_name_pages, session

MOST = 96  # fields that are drawn at once
PAGE = 48  # of more than that
_TYPED = "row_typed"


@dataclass(frozen=True, eq=False)
class _Typed:
    """What the fields of one form hold that were drawn at some time, by column."""

    form: str
    cells: Mapping[str, Cell]


def draw_more(
    facts: Sequence[ColumnFacts], key: str, first: Mapping[str, Cell]
) -> tuple[Cell, ...]:
    """The cells of these columns; fields that are not shown keep what they hold."""
    with st.expander(count(len(facts), "more column"), key="row_more"):
        if len(facts) <= MOST:
            return draw_fields(facts, key, first)
        known = session.remembered(_TYPED, _Typed)
        typed = dict(known.cells) if known is not None and known.form == key else {}
        names = [fact.name for fact in facts]
        more = "The others keep the values that they have."
        shown = [facts[place] for place in draw_name_pages(names, PAGE, "row_more", more)]
        drawn = draw_fields(shown, key, {**first, **typed})
        typed |= {cell.column: cell for cell in drawn}
        session.remember(_TYPED, _Typed(key, typed))
    return tuple(typed.get(f.name) or first.get(f.name) or usual_cell(f) for f in facts)
