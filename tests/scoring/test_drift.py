"""Columns that moved are found and said in words; chance and trifles are not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from automl_core.scoring.drift import drift
from automl_core.scoring.reference import Reference
from automl_core.table import TypedColumn, TypedTable
from tests.scoring import shoppers


@pytest.fixture(scope="module")
def reference() -> Reference:
    return shoppers.reference(shoppers.shoppers(4000, 0))


def _with(typed: TypedTable, column: TypedColumn) -> TypedTable:
    return replace(typed, columns=typed.columns | {column.name: column})


def _numbers(change: Callable[[shoppers.Floats], shoppers.Floats]) -> TypedTable:
    typed = shoppers.shoppers(600, 1).typed
    numbers = typed.columns["age"].numbers
    assert numbers is not None
    return _with(typed, TypedColumn("age", numbers=change(numbers)))


def test_nothing_has_moved_among_rows_of_the_same_kind(reference: Reference) -> None:
    for rows, seed in ((40, 3), (600, 4), (20_000, 5)):
        found = drift(shoppers.shoppers(rows, seed).typed, reference)
        assert not found.moved and found.verdict.startswith("None of the 4 columns")
    assert "too few" in drift(shoppers.shoppers(20, 6).typed, reference).verdict


def test_a_trifle_does_not_count_however_many_rows_show_it(reference: Reference) -> None:
    typed = shoppers.shoppers(20_000, 7).typed
    numbers = typed.columns["age"].numbers
    assert numbers is not None
    moved = drift(_with(typed, TypedColumn("age", numbers=numbers + 1)), reference)
    age = next(c for c in moved.columns if c.column == "age" and c.what == "values")
    assert age.chance < 0.001 and not age.moved


def test_what_moved_is_said_in_words(reference: Reference) -> None:
    higher = drift(_numbers(lambda age: age + 15), reference)
    assert [c.column for c in higher.moved] == ["age"] and "1 of 4 columns" in higher.verdict
    assert "'age' is higher than in training: 60 in the middle" in higher.moved[0].words
    wider = drift(_numbers(lambda age: 45 + 3 * (age - 45)), reference)
    assert "spread wider" in wider.moved[0].words
    gaps = drift(
        _numbers(lambda age: np.where(np.arange(len(age)) % 3 == 0, np.nan, age)), reference
    )
    assert [c.what for c in gaps.moved] == ["missing"] and "33 % of the rows" in gaps.moved[0].words


def test_categories_move_too(reference: Reference) -> None:
    typed = shoppers.shoppers(600, 8).typed
    codes = np.where(np.arange(600) % 2, 2, typed.columns["city"].codes).astype(np.int32)
    found = drift(_with(typed, TypedColumn("city", codes=codes, words=shoppers.CITIES)), reference)
    assert [c.column for c in found.moved] == ["city"] and "'Narvik' is" in found.moved[0].words
    other = TypedColumn("city", codes=np.zeros(600, np.int32), words=("Paris",))
    assert "other values" in drift(_with(typed, other), reference).moved[0].words
