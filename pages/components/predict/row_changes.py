"""Changes that would lead to another prediction: a goal, locks, and proposals to be tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

import streamlit as st

from automl_core.errors import AutoMLError
from automl_core.evaluation import plain_number
from automl_core.explain import Goal, Proposal, Proposals
from automl_core.export import Cell, ColumnFacts
from automl_core.runs import get_manager
from automl_core.runs.executor import ChangeRowTask
from pages.components.predict.predict_model import ChosenModel
from pages.components.predict.row_fields import value_words
from pages.components.predict.row_reasons import Explained
from pages.components.predict.row_start import fill, known_rows
from pages.components.shared import (
    code,
    count,
    distinct_labels,
    escape_markdown,
    frame,
    one_line,
    percent,
    session,
)

SECONDS = 8.0  # after which nothing further is tried
POLL = 0.5
MORE, LESS = "At least", "At most"
_CHANGES = "row_changes"


@dataclass(frozen=True, eq=False)
class _Sought:
    """Changes that a worker was asked for."""

    task: ChangeRowTask
    job: Future[Proposals]


def draw_changes(asked: Explained, facts: Mapping[str, ColumnFacts], value: float | None) -> None:
    """The goal and the locks, then the proposals for the row as it is; `value` is predicted."""
    if not asked.row.table:
        st.caption(
            "Changes are taken from the values of the table that the model learned from, which is "
            "not at hand."
        )
        return
    goal = _ask_goal(asked, value)
    labels = distinct_labels(asked.row.order, lambda name: one_line(name, 60))
    locked = st.multiselect(
        "These stay as they are", list(labels), key="row_locked", placeholder="None",
        format_func=labels.__getitem__,
    )  # fmt: skip
    if goal is None:
        return
    task = ChangeRowTask(asked.row, goal, tuple(locked), SECONDS)
    if st.button("Find changes", icon=":material/alt_route:", key="row_find"):
        _forget()
        rows = known_rows(asked.model.id, asked.model).compared()
        job = get_manager().jobs.change_row(task, asked.files, rows)
        session.remember(_CHANGES, _Sought(task, job))
    sought = session.remembered(_CHANGES, _Sought)
    if sought is None:
        return
    if sought.task != task:
        _forget()  # the row, the goal or the locks are others by now
        return
    if not sought.job.done():
        _draw_waiting()
        return
    try:
        found = sought.job.result()
    except AutoMLError as error:
        _forget()
        frame.show_error(error)
        return
    _draw_found(asked, facts, found)


def _forget() -> None:
    sought = session.remembered(_CHANGES, _Sought)
    if sought is not None and not sought.job.done():
        get_manager().jobs.give_up(sought.job)
    session.remember(_CHANGES, None)


@st.fragment(run_every=POLL)
def _draw_waiting() -> None:
    sought = session.remembered(_CHANGES, _Sought)
    if sought is None or sought.job.done():
        st.rerun()
    st.status("Trying changes …", state="running", type="compact")


def _ask_goal(asked: Explained, value: float | None) -> Goal | None:
    names = asked.model.schema.target.names
    if names:
        others = [i for i, name in enumerate(names) if name != asked.predicted]
        if len(others) == 1:
            return _to_class(asked.model, others[0])
        labels = distinct_labels(others, lambda i: one_line(names[i], 60))
        wanted = st.selectbox(
            "The prediction should become", others, 0, labels.__getitem__,
            key=f"row_wanted_{asked.predicted}",
        )  # fmt: skip
        return None if wanted is None else _to_class(asked.model, wanted)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        way = st.segmented_control(
            "The prediction should be", [MORE, LESS], default=MORE, required=True, key="row_way"
        )
        end = st.number_input("this value", value=value, key="row_end", format="%.6g")
    if end is None:
        return None
    return Goal(at_least=float(end)) if way == MORE else Goal(at_most=float(end))


def _to_class(model: ChosenModel, label: int) -> Goal:
    """The class as the model's answer would be: by its threshold where it has one."""
    threshold = model.threshold
    if threshold is None:
        return Goal(label=label)
    named = model.schema.target.names.index(threshold.label)
    if label == named:
        return Goal(label=named, at_least=threshold.above)
    return Goal(label=named, at_most=threshold.above)


def _draw_found(asked: Explained, facts: Mapping[str, ColumnFacts], found: Proposals) -> None:
    if found.reached:
        st.info("The row reaches this already.", icon=":material/check:")
        return
    if not found.found:
        st.info(
            f"None of {count(found.tried, 'row')} that were tried reaches it. Unlock columns, or "
            "ask for less.",
            icon=":material/block:",
        )
        return
    proposals = count(len(found.found), "way")
    st.markdown(
        f"{proposals} to get there, the smallest changes first. Each was predicted by the "
        "model; the values are those that rows of the table have. What the model goes by need not "
        "be a cause."
    )
    with st.grid(columns=2, min_column_width=260):
        for place, proposal in enumerate(found.found):
            with st.container(border=True, gap="xsmall", key=f"row_proposal_{place}"):
                _draw_proposal(asked, facts, proposal, place)


def _draw_proposal(
    asked: Explained, facts: Mapping[str, ColumnFacts], proposal: Proposal, place: int
) -> None:
    for cell in proposal.changes:
        new = value_words(facts[cell.column], cell)
        before = asked.words.get(cell.column, "")
        st.markdown(
            f"{code(cell.column, 40)}: {escape_markdown(before)} → **{escape_markdown(new)}**"
        )
    st.caption(escape_markdown(_outcome(asked, proposal)))
    st.button(
        "Try it",
        key=f"row_try_{place}",
        on_click=fill,
        args=(asked.model.id, _with(asked.row.cells, proposal.changes), "a proposed change"),
    )


def _outcome(asked: Explained, proposal: Proposal) -> str:
    target = asked.model.schema.target
    sought = session.remembered(_CHANGES, _Sought)
    label = None if sought is None else sought.task.goal.label
    if label is None:
        return f"Then {asked.model.schema.target_name} is {plain_number(proposal.value)}."
    return f"Then the probability of “{target.names[label]}” is {percent(proposal.value)}."


def _with(cells: Sequence[Cell], changes: Sequence[Cell]) -> tuple[Cell, ...]:
    changed = {cell.column: cell for cell in changes}
    return tuple(changed.get(cell.column, cell) for cell in cells)
