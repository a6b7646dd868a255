"""Reasons of a row's prediction: contributions that get better while one looks, and neighbours.

A worker computes; the page asks for a moment of its time again and again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

import pyarrow as pa
import streamlit as st

from automl_core.charts import contribution_bars, contribution_sentence, draw_contributions
from automl_core.errors import AutoMLError
from automl_core.evaluation import plain_number
from automl_core.explain import Contributions, NearRows
from automl_core.runs import get_manager, stored_rows
from automl_core.runs.executor import AskedRow, ExplainRowTask, RowExplained
from automl_core.types import Files
from pages.components.predict.predict_model import ChosenModel
from pages.components.predict.row_start import known_rows
from pages.components.shared import (
    code,
    count,
    distinct_labels,
    draw_chart,
    escape_markdown,
    frame,
    one_line,
    session,
)

SLICE = 0.2  # seconds of the worker at a time: a changed row need not wait for more
MOST_SLICES = 60
POLL = 0.5  # seconds between two looks
NEIGHBOUR_COLUMNS = 6
ROW, DISTANCE = "row", "distance"
_REASONS = "row_reasons"


@dataclass(frozen=True, eq=False)
class _Reasons:
    """What is known by now of why the row is predicted as it is."""

    task: ExplainRowTask
    job: Future[RowExplained]
    known: RowExplained | None = None
    slices: int = 0
    error: AutoMLError | None = None

    @property
    def finished(self) -> bool:
        known = self.known is not None and self.known.contributions.finished
        return known or self.error is not None or self.slices >= MOST_SLICES


@dataclass(frozen=True, eq=False)
class Explained:
    """A row of a model with what it takes to explain it, and to say it in words."""

    model: ChosenModel
    files: Files
    row: AskedRow
    words: Mapping[str, str]  # the values, by column
    predicted: str  # the label, or "" of a value


def draw_reasons(asked: Explained) -> RowExplained | None:
    """The contributions as a chart; what is known by now."""
    if not asked.row.order:
        return None
    names = asked.model.schema.target.names
    label = _ask_label(names, asked.predicted)
    task = ExplainRowTask(asked.row, label, SLICE)
    reasons = session.remembered(_REASONS, _Reasons)
    if reasons is None or reasons.task != task or reasons.error is not None:
        if reasons is not None:
            reasons.job.cancel()
        session.remember(_REASONS, _Reasons(task, _submit(asked, task)))
    reasons = _advance(asked)
    every = None if reasons.finished else POLL
    st.fragment(_draw_known, run_every=every)(asked, label)
    return reasons.known


def forget_reasons() -> None:
    """Ask for nothing more of the row before."""
    reasons = session.remembered(_REASONS, _Reasons)
    if reasons is not None:
        reasons.job.cancel()
    session.remember(_REASONS, None)


def _ask_label(names: Sequence[str], predicted: str) -> int:
    """The class whose probability is explained: of two classes the positive one."""
    if len(names) <= 2:
        return max(0, len(names) - 1)
    labels = distinct_labels(range(len(names)), lambda i: one_line(names[i], 60))
    first = names.index(predicted) if predicted in names else 0
    chosen = st.selectbox(
        "Explain the probability of",
        list(labels),
        first,
        labels.__getitem__,
        key=f"row_label_{first}",
    )
    return int(chosen or 0)


def _submit(asked: Explained, task: ExplainRowTask) -> Future[RowExplained]:
    rows = known_rows(asked.model.id, asked.model).compared()
    return get_manager().jobs.explain_row(task, asked.files, rows)


def _advance(asked: Explained) -> _Reasons:
    """Take what the worker has found, and ask for more until it is good enough."""
    reasons = session.remembered(_REASONS, _Reasons)
    assert reasons is not None
    while reasons.job.done() and not reasons.finished:
        known, error = reasons.known, None
        try:
            known = reasons.job.result()
        except AutoMLError as failure:
            error = failure
        reasons = _Reasons(reasons.task, reasons.job, known, reasons.slices + 1, error)
        if not reasons.finished:
            job = _submit(asked, reasons.task)
            reasons = _Reasons(reasons.task, job, known, reasons.slices)
        session.remember(_REASONS, reasons)
    return reasons


def _draw_known(asked: Explained, label: int) -> None:
    reasons = session.remembered(_REASONS, _Reasons)
    if reasons is None:
        return
    before = reasons
    reasons = _advance(asked)
    first = before.known is None and reasons.known is not None  # the neighbours are drawn elsewhere
    if first or (reasons.finished and not before.finished):
        st.rerun()  # the whole page; once finished it asks for nothing more
    if reasons.error is not None:
        frame.show_error(reasons.error)
    elif reasons.known is None:
        st.status("Explaining …", state="running", type="compact")
    else:
        _draw_bars(asked, label, reasons.known.contributions, reasons.finished)


def _draw_bars(asked: Explained, label: int, found: Contributions, finished: bool) -> None:
    target = asked.model.schema.target
    share = bool(target.names)
    bars = contribution_bars(found, asked.words)
    what = f"Probability of “{target.names[label]}”" if share else asked.model.schema.target_name
    st.markdown(escape_markdown(contribution_sentence(bars, what, share)))
    if not bars.labels:
        return
    drawing = draw_contributions(bars, one_line(what, 60), share)
    run = asked.model.run.path.name if asked.model.run else "file"
    draw_chart(drawing.figure(), "row_reasons", drawing.alt, f"{asked.model.name}-{run}-why")
    st.caption(_how(found, finished))


def _how(found: Contributions, finished: bool) -> str:
    """How the contributions were computed, and how sure they are."""
    rows = count(found.background, "row")
    against = f"Compared with {rows} that the model learned from"
    if found.background == 1:
        against = "Compared with a row of usual values, as the training table is not at hand"
    if found.exact:
        return f"{against}; Shapley values, exact for these rows."
    sure = "" if finished else " They are still getting better."
    return f"{against}; sampled Shapley values, with 95 % intervals as lines.{sure}"


def draw_neighbours(asked: Explained, known: RowExplained | None) -> None:
    """The rows nearest to this one that the model learned from, with what they turned out to be."""
    if not asked.row.table:
        st.caption("The table that this model learned from is not at hand.")
        return
    if known is None or not known.near.rows:
        st.caption("They come with the explanation of the prediction.")
        return
    table = _neighbours(asked, known)
    classes = bool(asked.model.schema.target.names)
    st.markdown(_neighbour_sentence(table.column(2).to_pylist(), classes))
    st.dataframe(
        table,
        key="row_neighbours",
        hide_index=True,
        placeholder="–",
        alt="The nearest rows that the model learned from",
        column_config={
            DISTANCE: st.column_config.NumberColumn(
                format="%.3f",
                help="0: equal. A column weighs as much as it contributes to this prediction.",
            )
        },
    )


def _neighbours(asked: Explained, known: RowExplained) -> pa.Table:
    """Number of the row, distance, target, and the columns that contribute most."""
    near: NearRows = known.near
    found = known.contributions
    order = sorted(range(len(found.values)), key=lambda i: -abs(found.values[i]))
    names = [n for i in order for n in found.players[i]][:NEIGHBOUR_COLUMNS]
    target = asked.model.schema.target_name
    names = [name for name in names if name != target]
    cells = stored_rows(asked.row.table, asked.model.root, [target, *names], near.rows)
    titles = [f"{n} (column)" if n in (ROW, DISTANCE) else n for n in cells.column_names]
    numbers = [pa.array([row + 1 for row in near.rows]), pa.array(near.distances)]
    return pa.Table.from_arrays([*numbers, *cells.columns], [ROW, DISTANCE, *titles])


def _neighbour_sentence(truth: Sequence[object], classes: bool) -> str:
    rows = f"{count(len(truth), 'nearest row')} that the model learned from"
    if classes:
        said = [str(value) for value in truth]
        most = max(dict.fromkeys(said), key=said.count)
        return f"Of the {rows}, {said.count(most)} are {code(most, 40)}."
    values = [float(value) for value in truth if isinstance(value, int | float)]
    if not values:
        return f"The {rows}:"
    low, high = plain_number(min(values)), plain_number(max(values))
    return escape_markdown(f"The {rows} have values of {low} to {high}.")
