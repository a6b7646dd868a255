"""Changes that lead to another prediction: counterfactuals (Wachter et al., 2018).

Values are tried that the data has, a column at a time first, then the most promising in twos and
threes; the smallest changes that reach the goal are kept, of different columns each (as Mothilal
et al., 2020, ask for). Every proposal has been predicted, as a whole, by the model itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from automl_core.explain.hybrid_rows import Values
from automl_core.explain.row_distances import row_distances
from automl_core.explain.value_pools import CHANGEABLE, ValuePool, pool_of, spread_places
from automl_core.export import Cell
from automl_core.table import Column, TypedTable

Predict = Callable[[TypedTable], Values]

MOST_CHANGES = 3  # columns that a proposal changes
PROPOSALS = 4
STARTS, MOVES, MOVES_A_COLUMN = 10, 60, 3  # unfinished changes that are continued, and by what
LATER_CHANGE = 1.0  # what one more changed column costs, against a number moved across all rows
SUPPORT_ROWS, SUPPORT_SHARE = 100, 0.99  # rows whose distances say how alone a row may stand
AWAY = 0.5
SEARCHED = 1_000  # rows that a proposal's neighbour is looked for in


@dataclass(frozen=True)
class Goal:
    """What the prediction should become.

    For classes: that `label` is the most probable one, or that its probability passes an end.
    Without a label: that the predicted value does.
    """

    label: int | None = None
    at_least: float | None = None
    at_most: float | None = None

    def value(self, predicted: Values) -> Values:
        """(n,) the number that should change: the label's probability, or the value."""
        found: Values = predicted if self.label is None else predicted[:, self.label]
        return found

    def margin(self, predicted: Values) -> Values:
        """(n,) by how much the goal is reached; below 0 it is not."""
        value = self.value(predicted)
        if self.at_least is not None:
            return value - self.at_least
        if self.at_most is not None:
            return self.at_most - value
        assert self.label is not None
        others: Values = np.delete(predicted, self.label, axis=1).max(axis=1)
        return value - others


@dataclass(frozen=True)
class Proposal:
    """Changes that reach the goal together, and what the model then predicts."""

    changes: tuple[Cell, ...]  # the new values
    value: float  # what the goal is about: the label's probability, or the predicted value


@dataclass(frozen=True)
class Proposals:
    """The smallest changes first; none where nothing that was tried reaches the goal."""

    found: tuple[Proposal, ...]
    value: float  # of the row as it is
    reached: bool  # the row as it is reaches the goal already
    tried: int  # rows that the model predicted


@dataclass(frozen=True)
class _State:
    """Changes: the place in its pool for each changed column."""

    places: tuple[tuple[str, int], ...]
    margin: float
    value: float

    @property
    def names(self) -> frozenset[str]:
        return frozenset(name for name, _ in self.places)


class _Search:
    """Predicts rows that are made of values of the pools."""

    def __init__(self, predict: Predict, pools: dict[str, ValuePool], goal: Goal) -> None:
        self._predict, self._pools, self._goal = predict, pools, goal
        self.tried = 0

    def table(self, changes: Sequence[tuple[tuple[str, int], ...]]) -> TypedTable:
        """A row for each of these changes."""
        columns = {}
        for name, pool in self._pools.items():
            places = np.zeros(len(changes), np.int64)
            for i, change in enumerate(changes):
                places[i] = dict(change).get(name, 0)
            columns[name] = pool.column.take(places)
        return TypedTable(columns, len(changes))

    def states(self, changes: Sequence[tuple[tuple[str, int], ...]]) -> list[_State]:
        """The model's prediction for each."""
        if not changes:
            return []
        predicted = self._predict(self.table(changes))
        self.tried += len(changes)
        ends = zip(self._goal.margin(predicted), self._goal.value(predicted), strict=True)
        return [_State(c, float(m), float(v)) for c, (m, v) in zip(changes, ends, strict=True)]

    def cost(self, state: _State) -> float:
        """The size of the change."""
        moved = sum(float(self._pools[name].cost[place]) for name, place in state.places)
        return LATER_CHANGE * len(state.places) + moved

    def nearer(self, state: _State) -> _State:
        """The same columns with numbers as near to the row's own as still reaches the goal."""
        for name, place in state.places:
            between = self._pools[name].nearer(place)
            others = tuple(pair for pair in state.places if pair[0] != name)
            tried = self.states([(*others, (name, int(p))) for p in between])
            reached = [s for s in tried if s.margin > 0]
            state = min(reached, key=self.cost, default=state)
        return state


def find_changes(
    predict: Predict,
    row: TypedTable,
    rows: TypedTable,
    columns: Sequence[Column],
    goal: Goal,
    locked: Collection[str] = (),
    time_left: Callable[[], bool] = lambda: True,
) -> Proposals:
    """At most PROPOSALS changes of `row` that reach the goal, of values that `rows` have.

    `columns` are those of both tables; `locked` ones, texts and lists stay as they are. Ends early,
    with what was found, once there is no time left.
    """
    pools = {
        column.name: pool_of(
            row.columns[column.name],
            rows.columns[column.name],
            "" if column.name in locked else column.parse.kind,
        )
        for column in columns
    }
    search = _Search(predict, pools, goal)
    (start,) = search.states([()])
    found = [] if start.margin > 0 else _reaching(search, pools, start, time_left)
    likely = _supported(search, row, rows, columns, found)
    chosen = _different(search, likely)
    return Proposals(
        tuple(Proposal(_cells(state, pools), state.value) for state in chosen),
        start.value, start.margin > 0, search.tried,
    )  # fmt: skip


def _reaching(
    search: _Search, pools: dict[str, ValuePool], start: _State, time_left: Callable[[], bool]
) -> list[_State]:
    """Changes of few columns that reach the goal, with numbers moved no further than needed."""
    single = [((name, int(p)),) for name, pool in pools.items() for p in pool.coarse]
    tried = search.states(single)
    best = sorted(tried, key=lambda s: -s.margin)
    moves = [state.places[0] for state in _few_of_each(best, MOVES_A_COLUMN, MOVES)]
    found: list[_State] = []
    for _ in range(MOST_CHANGES):
        reached = sorted((s for s in tried if s.margin > 0), key=search.cost)
        found += [search.nearer(s) for s in _few_of_each(reached, 1, 2 * PROPOSALS)]
        if len(found) >= PROPOSALS or not time_left():
            break
        open_ones = [s for s in tried if start.margin < s.margin <= 0]
        starts = sorted(open_ones, key=lambda s: -s.margin)
        changes = {
            tuple(sorted((*state.places, move)))
            for state in _few_of_each(starts, MOVES_A_COLUMN, STARTS)
            for move in moves
            if move[0] not in state.names
        }
        tried = search.states(sorted(changes))
    return found


def _few_of_each(states: Sequence[_State], each: int, most: int) -> list[_State]:
    """The first states, at most `each` that change the same columns, and `most` in all."""
    taken: dict[frozenset[str], int] = {}
    chosen = []
    for state in states:
        taken[state.names] = taken.get(state.names, 0) + 1
        if taken[state.names] <= each:
            chosen.append(state)
    return chosen[:most]


def _different(search: _Search, states: Sequence[_State]) -> list[_State]:
    """The smallest changes, none of which changes all the columns of another one and more."""
    chosen: list[_State] = []
    for state in sorted(states, key=search.cost):
        if not any(kept.names <= state.names for kept in chosen):
            chosen.append(state)
    return chosen[:PROPOSALS]


def _supported(
    search: _Search,
    row: TypedTable,
    rows: TypedTable,
    columns: Sequence[Column],
    states: list[_State],
) -> list[_State]:
    """Those that stand no more alone among the data than its own rows do.

    Of a row that stands alone itself, changes may lead away by AWAY of what they could.
    """
    kinds = {c.name: c.parse.kind for c in columns if c.parse.kind in CHANGEABLE}
    if not states or rows.rows < 3:
        return states
    near = rows.take(spread_places(rows.rows, SEARCHED))

    def alone(table: TypedTable, place: int, rank: int) -> float:
        one = table.take(np.array([place]))
        found = row_distances(one, near, dict.fromkeys(kinds, 1.0), kinds)
        return float(np.partition(found, rank)[rank])

    own = [alone(near, int(i), 1) for i in spread_places(near.rows, SUPPORT_ROWS)]
    usual, before = float(np.quantile(own, SUPPORT_SHARE)), alone(row, 0, 0)
    table = search.table([state.places for state in states])
    return [
        state
        for i, state in enumerate(states)
        if alone(table, i, 0) <= max(usual, before + AWAY * len(state.places) / len(kinds))
    ]


def _cells(state: _State, pools: dict[str, ValuePool]) -> tuple[Cell, ...]:
    found = []
    for name, place in state.places:
        column = pools[name].column
        if column.numbers is not None:
            found.append(Cell(name, number=float(column.numbers[place])))
        else:
            assert column.codes is not None
            found.append(Cell(name, text=column.words[column.codes[place]]))
    return tuple(found)
