"""The what-if form: one row, its prediction at once, why it is so, and what would change it.

A worker computes; a page waits for it a moment, then looks again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from hashlib import sha256

import pyarrow as pa
import streamlit as st

from automl_core.errors import AutoMLError
from automl_core.evaluation import plain_number
from automl_core.export import (
    CHANCE,
    Cell,
    ColumnFacts,
    facts_of_model,
    facts_of_table,
    new_value,
    used_columns,
)
from automl_core.runs import get_manager
from automl_core.runs.executor import AskedRow, RowExplained
from automl_core.table import open_table
from automl_core.types import Files
from pages.components.predict.predict_model import ChosenModel
from pages.components.predict.row_changes import draw_changes
from pages.components.predict.row_fields import (
    draw_fields,
    moment_words,
    usual_cell,
    value_words,
)
from pages.components.predict.row_more import draw_more
from pages.components.predict.row_reasons import (
    Explained,
    draw_neighbours,
    draw_reasons,
    forget_reasons,
)
from pages.components.predict.row_scenarios import draw_scenarios
from pages.components.predict.row_start import draw_start, first_cells, form_key, known_rows
from pages.components.shared import (
    code,
    count,
    escape_markdown,
    frame,
    one_line,
    percent,
    session,
)

SHOWN = 12  # fields before the rest goes into an expander
CLASSES = 6  # probabilities that are shown
NEW = 6  # warnings of values that a column did not have in training
WAIT = 0.4  # seconds that a page waits for the worker before it draws without its answer
POLL = 0.5  # seconds between two looks at the worker after that
_ASKED = "row_asked"


@dataclass(frozen=True, eq=False)
class _Asked:
    """The row that a worker was asked to predict last."""

    model: str
    cells: tuple[Cell, ...]
    job: Future[pa.Table]


def draw_single_row(model: ChosenModel, show_rows: bool = True) -> None:
    """The form, the prediction for what it holds, and why; with `show_rows` also what follows from
    it, and rows of the tables that the model learned from or was tested on."""
    facts = _facts(model.id, model.table, model)
    place = {name: i for i, name in enumerate(model.importance)}
    facts = tuple(sorted(facts, key=lambda f: place.get(f.name, len(place))))
    by_name = {fact.name: fact for fact in facts}
    draw_start(model, facts, show_rows)
    key = f"row_{sha256(model.id.encode()).hexdigest()[:8]}_{form_key()}"
    form, answer = st.columns(2, gap="medium")
    with form:
        cells = _draw_form(facts, key, first_cells(model), bool(model.importance))
    with answer, st.container(border=True, key="row_answer"):
        predicted = _draw_answer(model, by_name, cells)
    if predicted is None:
        forget_reasons()
        return
    asked = _explained(model, by_name, cells, predicted)
    with answer, st.container(border=True, key="row_why"):
        known = draw_reasons(asked)
    if show_rows:
        _draw_more(asked, by_name, predicted, known)


def _explained(
    model: ChosenModel,
    facts: Mapping[str, ColumnFacts],
    cells: tuple[Cell, ...],
    predicted: pa.Table,
) -> Explained:
    """The row as those ask about it who explain it."""
    usual = tuple(usual_cell(fact) for fact in facts.values())
    table = known_rows(model.id, model).table
    row = AskedRow(model.id, cells, tuple(facts), str(model.root), table, usual)
    words = {cell.column: value_words(facts[cell.column], cell) for cell in cells}
    label = str(predicted.column("prediction")[0].as_py()) if model.schema.target.names else ""
    return Explained(model, _files(model.id, model), row, words, label)


def _draw_more(
    asked: Explained,
    facts: Mapping[str, ColumnFacts],
    predicted: pa.Table,
    known: RowExplained | None,
) -> None:
    """Neighbours, changes and scenarios, a tab each."""
    near, changes, scenarios = st.tabs(
        ["Nearest rows", "What would have to change", "Scenarios"], key="row_more_tabs"
    )
    value = predicted.column("prediction")[0].as_py()
    with near:
        draw_neighbours(asked, known)
    with changes:
        draw_changes(asked, facts, value if isinstance(value, float) else None)
    with scenarios:
        draw_scenarios(asked, facts, _answer_words(predicted))


def _answer_words(predicted: pa.Table) -> str:
    """The prediction in a few words; plain text."""
    row = predicted.to_pylist()[0]
    chance = row.get(f"{CHANCE}{row['prediction']}")
    if chance is None:
        return plain_number(row["prediction"])
    return f"{one_line(str(row['prediction']), 40)} · {percent(chance)}"


def _draw_form(
    facts: Sequence[ColumnFacts], key: str, first: Mapping[str, Cell], ordered: bool
) -> tuple[Cell, ...]:
    if not facts:
        st.caption("This model uses no column: it predicts the same for every row.")
        return ()
    order = "most important first" if ordered else "in the table's order"
    values = "" if first else ", with the usual value of each"
    st.caption(
        f"{count(len(facts), 'column')} that the model uses, {order}{values}. An empty field is a "
        "missing value."
    )
    cells = draw_fields(facts[:SHOWN], key, first)
    if len(facts) > SHOWN:
        cells += draw_more(facts[SHOWN:], key, first)
    return cells


@st.cache_resource(max_entries=2, show_spinner=False)
def _files(model_id: str, _model: ChosenModel) -> Files:
    del model_id  # the key of the cache
    return _model.files()


@st.cache_resource(max_entries=16, show_spinner="Looking at the model's columns …")
def _facts(model_id: str, table: str, _model: ChosenModel) -> tuple[ColumnFacts, ...]:
    """What the columns of the model usually hold: by its file or its training table, else by what
    its encoders keep."""
    if _model.facts:
        return _model.facts
    files = _files(model_id, _model)
    try:
        rows = open_table(table, _model.root) if table else None
    except AutoMLError:  # it was deleted
        rows = None
    return facts_of_model(files) if rows is None else facts_of_table(used_columns(files), rows)


def _draw_answer(
    model: ChosenModel, facts: Mapping[str, ColumnFacts], cells: tuple[Cell, ...]
) -> pa.Table | None:
    """The prediction, or that it is awaited; None where there is none yet."""
    asked = session.remembered(_ASKED, _Asked)
    if asked is None or (asked.model, asked.cells) != (model.id, cells):
        if asked is not None:
            asked.job.cancel()  # where it has not begun
        forget_reasons()  # first the new prediction, then why
        job = get_manager().jobs.predict_row(model.id, _files(model.id, model), cells)
        asked = _Asked(model.id, cells, job)
        session.remember(_ASKED, asked)
    try:
        predicted = asked.job.result(timeout=WAIT)
    except TimeoutError:
        _draw_waiting()
        return None
    except AutoMLError as error:
        session.remember(_ASKED, None)  # whoever changes something, or reloads, asks again
        frame.show_error(error)
        return None
    _draw_prediction(predicted, model.schema.target_name)
    new = [cell for cell in cells if new_value(facts[cell.column], cell)]
    for cell in new[:NEW]:
        st.warning(new_words(facts[cell.column], cell), icon=":material/fiber_new:")
    if len(new) > NEW:
        st.caption(f"and {count(len(new) - NEW, 'more value')} that training did not have")
    return predicted


@st.fragment(run_every=POLL)
def _draw_waiting() -> None:
    """Says that the model is at work, and draws the whole page again once it is done."""
    asked = session.remembered(_ASKED, _Asked)
    if asked is None or asked.job.done():
        st.rerun()
    st.status("Predicting …", state="running", type="compact")


def _draw_prediction(predicted: pa.Table, target: str) -> None:
    row = predicted.to_pylist()[0]
    st.caption(f"Prediction of {code(target)}")
    chances = {name.removeprefix(CHANCE): p for name, p in row.items() if name.startswith(CHANCE)}
    if not chances:
        st.markdown(f"### {escape_markdown(plain_number(row['prediction']))}")
        ends = [plain_number(value) for name, value in row.items() if name != "prediction"]
        if ends:
            st.caption(f"In 90 of 100 rows like this one it is {' to '.join(ends)}.")
        return
    st.markdown(f"### {escape_markdown(one_line(str(row['prediction']), 60))}")
    shares = sorted(chances.items(), key=lambda pair: -pair[1])
    for name, p in shares[:CLASSES]:
        st.progress(
            min(1.0, max(0.0, p)), text=f"{escape_markdown(one_line(name, 40))} · {percent(p)}"
        )
    if len(shares) > CLASSES:
        rest = percent(sum(p for _, p in shares[CLASSES:]))
        st.caption(f"{count(len(shares) - CLASSES, 'other class')} together {rest}")


def new_words(facts: ColumnFacts, cell: Cell) -> str:
    """A value that the column did not have, for people."""
    name = code(facts.name, 40)
    if cell.number is None:
        value = code(cell.text or "", 40)
        said = (
            f"{name} never had {value}" if facts.complete else f"{value} is new or rare in {name}"
        )
        return f"{said} in training. The row is scored all the same."
    values = [v for v in (cell.number, facts.low, facts.high) if v is not None]
    if facts.column.parse.kind == "datetime":
        words = [moment_words(v, facts.whole) for v in values]
    else:
        words = [f"{v:,.0f}" if facts.whole else f"{v:.6g}" for v in values]
    return (
        f"{name} was never {words[0]} in training, but {words[1]} to {words[2]}. The row is scored "
        "all the same."
    )
