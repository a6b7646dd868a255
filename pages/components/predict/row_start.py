"""The start of the form of one row: usual values, a row of the run's tables, or a proposal.

Keeps the first values of the fields in the session; a renewed form has new fields.
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from automl_core.errors import AutoMLError
from automl_core.export import Cell, ColumnFacts
from automl_core.runs import RowSources, rows_at_hand, stored_cells
from pages.components.predict.predict_model import ChosenModel
from pages.components.shared import frame, session

USUAL, TRAINED, TEST = "Usual values", "A row it learned from", "A test row"
_FORM, _TURN = "row_form", "row_turn"


@dataclass(frozen=True)
class _Form:
    """What the fields start with."""

    model: str
    cells: tuple[Cell, ...]
    title: str  # where they come from


@st.cache_resource(max_entries=16, show_spinner=False)
def known_rows(model_id: str, _model: ChosenModel) -> RowSources:
    """The rows of the model's run; none of a downloaded model."""
    del model_id  # the key of the cache
    return rows_at_hand(_model.run, _model.root)


def form_key() -> str:
    """Part of the keys of the fields; another one after each `fill`."""
    return str(session.remembered(_TURN, int) or 0)


def first_cells(model: ChosenModel) -> dict[str, Cell]:
    """What the fields start with, by column; {}: the usual values."""
    form = session.remembered(_FORM, _Form)
    if form is None or form.model != model.id:
        return {}
    return {cell.column: cell for cell in form.cells}


def fill(model: str, cells: tuple[Cell, ...], title: str) -> None:
    """Start the form afresh from these values; () from the usual ones."""
    session.remember(_FORM, _Form(model, cells, title) if cells else None)
    session.remember(_TURN, (session.remembered(_TURN, int) or 0) + 1)


def draw_start(model: ChosenModel, facts: tuple[ColumnFacts, ...], rows_too: bool) -> None:
    """The choice of what to start from, where `rows_too` also rows; where the values came from."""
    known = known_rows(model.id, model)
    options = [USUAL]
    if rows_too:
        options += [TRAINED] if known.table and len(known.learned) else []
        options += [TEST] if known.test_table and len(known.test) else []
    with st.container(horizontal=True, vertical_alignment="bottom"):
        source = USUAL
        if len(options) > 1:
            source = st.segmented_control(
                "Start from", options, default=USUAL, required=True, key="row_source"
            )
        number = 1
        if source != USUAL:
            rows = len(known.test if source == TEST else known.learned)
            number = st.number_input(
                f"Which one, of {rows:,}", 1, rows, 1, key=f"row_number_{source == TEST}"
            )
        label = "Fill in" if source != USUAL else "Reset"
        if st.button(label, icon=":material/restart_alt:", key="row_reset"):
            _fill_from(model, facts, source, int(number))  # the fields are drawn after this
    form = session.remembered(_FORM, _Form)
    if form is not None and form.model == model.id:
        st.caption(f"The fields started from {form.title}.")


def _fill_from(
    model: ChosenModel, facts: tuple[ColumnFacts, ...], source: str, number: int
) -> None:
    """Fill the form from the row that was chosen."""
    if source == USUAL:
        fill(model.id, (), "")
        return
    known = known_rows(model.id, model)
    name, rows = (known.test_table, known.test) if source == TEST else (known.table, known.learned)
    place = int(rows[number - 1])
    try:
        cells = stored_cells(name, model.root, [fact.column for fact in facts], place)
    except AutoMLError as error:
        frame.show_error(error)
        return
    kind = "a test row" if source == TEST else "a row that the model learned from"
    fill(model.id, cells, f"{kind}: row {place + 1:,} of the table")
