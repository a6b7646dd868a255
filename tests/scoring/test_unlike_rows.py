"""Rows unlike the training data are found with their columns; others at the stated rate only."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from automl_core.scoring.unlike_rows import UnlikeRows, unlike_rows
from automl_core.scoring.unlike_rule import RATE
from automl_core.table import TypedColumn, TypedTable
from tests.scoring import shoppers


def _found(typed: TypedTable) -> UnlikeRows:
    reference = shoppers.reference(shoppers.shoppers(2000, 0))
    assert reference.unlike is not None
    return unlike_rows(typed, reference.columns, reference.unlike, reference.rows)


def test_the_rate_among_rows_like_those_of_training_is_the_stated_one() -> None:
    found = _found(shoppers.shoppers(20_000, 1).typed)
    assert 0.4 * RATE < found.unlike.mean() < 2 * RATE
    assert all(
        bool(names) == unlike for names, unlike in zip(found.columns, found.unlike, strict=True)
    )


@pytest.mark.parametrize(
    ("column", "odd"),
    [
        ("age", TypedColumn("age", numbers=np.array([190.0]))),
        ("spend", TypedColumn("spend", numbers=np.array([-500.0]))),
        ("city", TypedColumn("city", codes=np.array([0], np.int32), words=("Atlantis",))),
        ("age", TypedColumn("age", numbers=np.array([np.nan]))),  # training had no gap there
    ],
)
def test_a_row_with_an_odd_cell_is_found_and_the_column_named(
    column: str, odd: TypedColumn
) -> None:
    row = shoppers.shoppers(50, 2).typed.take(np.array([7]))
    found = _found(replace(row, columns=row.columns | {column: odd}))
    assert found.unlike.tolist() == [True] and found.columns[0][0] == column
