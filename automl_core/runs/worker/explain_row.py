"""The tasks about one row: why it is predicted as it is, and what would have to change.

Called by `main.py`, for a page that a person looks at. Explaining goes on from task to task for the
same row, so that no task is long and a changed row need not wait.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from automl_core.explain import (
    Contributions,
    HybridRows,
    NearRows,
    estimate_contributions,
    find_changes,
    nearest_rows,
    row_distances,
    single_players,
)
from automl_core.export import Predictor, row_of_cells
from automl_core.runs.executor import (
    AskedRow,
    Blobs,
    ChangeRowTask,
    ExplainRowTask,
    RowExplained,
    unpack_rows,
)
from automl_core.runs.worker.connection import Connection
from automl_core.runs.worker.predict import kept_predictor
from automl_core.table import TypedTable, open_table, single_names, take_rows
from automl_core.table.parsing import parse_table

BACKGROUND, LEAST_BACKGROUND = 100, 25  # rows that a row is compared with
ROUND_SECONDS = 1.0  # that a first estimate may take, with fewer background rows where needed
MOST_PLAYERS = 24  # columns that are told apart; the less important ones count as one
NEAREST = 8
KEPT = 4  # rows whose explanations go on where they ended
SEED = 0

Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Learned:
    """Rows that a model learned from, as far as they are at hand."""

    typed: TypedTable
    rows: NDArray[np.int64]  # their numbers in the stored table; none: a row of usual values
    background: TypedTable  # those that all rows are compared with


@dataclass(eq=False)
class _Explaining:
    """An explanation that goes on with the next task."""

    better: Iterator[Contributions | None]
    known: Contributions | None = None
    near: tuple[int, NearRows] | None = None  # by the contributions after so many rounds


_learned: dict[tuple[str, str, bytes], _Learned] = {}  # of the task before
_explaining: OrderedDict[ExplainRowTask, _Explaining] = OrderedDict()


def explain_row(task: ExplainRowTask, blobs: Blobs, connection: Connection) -> None:
    """Make the contributions better for about `seconds`; at first until there are any."""
    until = time.monotonic() + task.seconds
    predictor = kept_predictor(task.row.model, blobs)
    learned = _learned_rows(task.row, predictor, blobs)
    row = row_of_cells(predictor.columns, task.row.cells)
    going = _explaining.pop(task, None) or _begin(task, predictor, learned, row)
    for found in going.better:
        going.known = found or going.known
        late = time.monotonic() > until or connection.cancelled() is not None
        if late and going.known is not None:
            break
    assert going.known is not None
    _explaining[task] = going
    while len(_explaining) > KEPT:
        _explaining.popitem(last=False)
    if going.near is None or going.near[0] != going.known.rounds:
        going.near = going.known.rounds, _near(going.known, learned, row, predictor)
    connection.send(RowExplained(going.known, going.near[1]))


def change_row(task: ChangeRowTask, blobs: Blobs, connection: Connection) -> None:
    """Find changes of the row that reach the goal."""
    until = time.monotonic() + task.seconds
    predictor = kept_predictor(task.row.model, blobs)
    learned = _learned_rows(task.row, predictor, blobs)
    row = row_of_cells(predictor.columns, task.row.cells)
    unused = {column.name for column in predictor.columns} - {*task.row.order}

    def time_left() -> bool:
        return time.monotonic() < until and connection.cancelled() is None

    connection.send(
        find_changes(
            predictor.predict, row, learned.typed, predictor.columns,
            task.goal, unused | {*task.locked}, time_left,
        )
    )  # fmt: skip


def _learned_rows(asked: AskedRow, predictor: Predictor, blobs: Blobs) -> _Learned:
    """The rows as the model reads them; TableError where their table is gone."""
    if not asked.table:
        usual = row_of_cells(predictor.columns, asked.usual)
        return _Learned(usual, np.zeros(0, np.int64), usual)
    key = (asked.model, asked.table, blobs["rows"])
    if key not in _learned:
        _learned.clear()
        rows = unpack_rows(blobs["rows"])
        table = open_table(asked.table, Path(asked.root), verify=False)
        single = single_names(table)
        names = [c.name for c in predictor.columns if c.name in single]
        typed = parse_table(take_rows(table.select(names), rows), predictor.columns)
        background = _background(typed, predictor, len(single_players(asked.order, MOST_PLAYERS)))
        _learned[key] = _Learned(typed, rows, background)
    return _learned[key]


def _begin(
    task: ExplainRowTask, predictor: Predictor, learned: _Learned, row: TypedTable
) -> _Explaining:
    players = single_players(task.row.order, MOST_PLAYERS)
    rows = HybridRows(_measure(predictor, task.label), row, learned.background, players)
    return _Explaining(estimate_contributions(rows, SEED))


def _background(typed: TypedTable, predictor: Predictor, players: int) -> TypedTable:
    """Random rows, as many as a round of estimates has time for."""
    order = np.random.default_rng(SEED).permutation(typed.rows)[:BACKGROUND]
    found = typed.take(order)
    predictor.predict(found.take(np.zeros(1, np.int64)))  # loads libraries
    began = time.perf_counter()
    predictor.predict(found)
    seconds_a_row = max(1e-7, (time.perf_counter() - began) / found.rows)
    affordable = int(ROUND_SECONDS / (seconds_a_row * 2 * max(1, players - 1)))
    return found.take(np.arange(min(len(order), max(LEAST_BACKGROUND, affordable))))


def _measure(predictor: Predictor, label: int) -> Callable[[TypedTable], Values]:
    def measure(table: TypedTable) -> Values:
        predicted = predictor.predict(table)
        chosen: Values = predicted if predicted.ndim == 1 else predicted[:, label]
        return chosen

    return measure


def _near(
    known: Contributions, learned: _Learned, row: TypedTable, predictor: Predictor
) -> NearRows:
    """The nearest rows, where a column weighs as much as it contributes."""
    if not len(learned.rows):
        return NearRows((), ())
    weights: dict[str, float] = {}
    for names, value in zip(known.players, known.values, strict=True):
        weights |= dict.fromkeys(names, abs(value) / len(names))
    if not weights:
        return NearRows((), ())
    kinds = {column.name: column.parse.kind for column in predictor.columns}
    found = nearest_rows(row_distances(row, learned.typed, weights, kinds), NEAREST)
    return NearRows(tuple(learned.rows[list(found.rows)].tolist()), found.distances)
