"""Proposed changes reach the goal, are small, different, of values that the data has, or absent."""

from __future__ import annotations

import numpy as np
import pytest

from automl_core.explain.changes import Goal, Proposal, Proposals, find_changes
from automl_core.explain.hybrid_rows import Values
from automl_core.export import Cell
from automl_core.export.cells import row_of_cells
from automl_core.table import Column, ParseRule, TypedTable
from automl_core.table.parsing import parse_table
from tests import small

COLUMNS = tuple(
    Column(name, "numeric", "test", ParseRule(kind), 0, 5)  # type: ignore[arg-type]
    for name, kind in (("age", "number"), ("city", "string"), ("vip", "boolean"), ("note", "text"))
)
ROWS = parse_table(small.table(), COLUMNS)
ROW = row_of_cells(
    COLUMNS,
    [Cell("age", 40.0), Cell("city", text="Bergen"), Cell("vip", 0.0), Cell("note", text="fine")],
)


def score(table: TypedTable) -> Values:
    """0.05 a year, 1 in Oslo, 1 for a VIP."""
    age, city, vip = (table.columns[name] for name in ("age", "city", "vip"))
    assert age.numbers is not None and city.codes is not None and vip.numbers is not None
    oslo = np.append([word == "Oslo" for word in city.words], False)[city.codes]
    return np.asarray(0.05 * age.numbers + oslo + vip.numbers, np.float64)


def classes(table: TypedTable) -> Values:
    yes = 1 / (1 + np.exp(3.5 - score(table)))
    return np.stack([1 - yes, yes], axis=1)


def cells(proposal: Proposal) -> dict[str, float | str | None]:
    return {c.column: c.text if c.number is None else c.number for c in proposal.changes}


def check(found: Proposals, goal: Goal, locked: tuple[str, ...] = ()) -> None:
    """Each proposal is predicted again."""
    for proposal in found.found:
        changed = {c.column: row_of_cells(COLUMNS, [c]).columns[c.column] for c in proposal.changes}
        table = TypedTable(ROW.columns | changed, 1)
        predicted = score(table) if goal.label is None else classes(table)
        assert goal.margin(predicted)[0] > 0
        assert goal.value(predicted)[0] == pytest.approx(proposal.value)
        assert not {c.column for c in proposal.changes} & {*locked, "note"}


def test_a_class_is_reached_by_small_and_different_changes() -> None:
    goal = Goal(label=1)
    found = find_changes(classes, ROW, ROWS, COLUMNS, goal)
    check(found, goal)
    assert not found.reached and found.value == pytest.approx(1 / (1 + np.exp(1.5)))
    first, *others = [cells(proposal) for proposal in found.found]
    assert first == {"age": 71.0}  # one column, and no older than needed
    assert {"city": "Oslo", "vip": 1.0} in others
    names = [frozenset(change) for change in (first, *others)]
    assert not any(a < b or a == b for i, a in enumerate(names) for b in names[i + 1 :])


def test_locked_columns_stay() -> None:
    goal = Goal(label=1)
    found = find_changes(classes, ROW, ROWS, COLUMNS, goal, locked=("age", "note"))
    check(found, goal, ("age",))
    assert [cells(proposal) for proposal in found.found] == [{"city": "Oslo", "vip": 1.0}]


def test_a_value_is_passed_or_a_probability() -> None:
    goal = Goal(at_most=1.5)
    found = find_changes(score, ROW, ROWS, COLUMNS, goal)
    check(found, goal)
    assert cells(found.found[0]) == {"age": 28.0}  # no row has 29
    goal = Goal(label=1, at_least=0.3)
    found = find_changes(classes, ROW, ROWS, COLUMNS, goal)
    check(found, goal)
    assert {"city": "Oslo"} in [cells(proposal) for proposal in found.found]


def test_what_cannot_be_reached_or_is_already() -> None:
    found = find_changes(score, ROW, ROWS, COLUMNS, Goal(at_least=50.0))
    assert found.found == () and not found.reached and found.tried > 10
    found = find_changes(score, ROW, ROWS, COLUMNS, Goal(at_least=1.0))
    assert found.found == () and found.reached
    every = tuple(column.name for column in COLUMNS)
    assert find_changes(score, ROW, ROWS, COLUMNS, Goal(at_least=3.0), every).found == ()


def test_values_are_those_of_the_data_and_the_search_may_end_early() -> None:
    missing = row_of_cells(COLUMNS, [])
    found = find_changes(score, missing, ROWS, COLUMNS, Goal(at_least=1.0), time_left=lambda: False)
    known = {*small.table().column("age").to_pylist()}
    assert found.found == ()  # without an age there is no score: nothing is a number
    young = TypedTable(ROW.columns | {"age": ROWS.columns["age"].take(np.array([0]))}, 1)
    found = find_changes(score, young, ROWS, COLUMNS, Goal(at_least=4.5), time_left=lambda: False)
    assert {value for p in found.found for c, value in cells(p).items() if c == "age"} <= known
    assert max(len(p.changes) for p in found.found) == 1
