"""Copies of rows: which they are, the first of each, and sets joined by two numbers."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from automl_core.runs.setup.duplicates import copy_numbers, first_of_each, joined, rows_also_in

TABLE = pa.table({"a": [1, 2, 1, 2, 1], "b": ["x", "y", "x", "y", "z"], "c": [1, 2, 3, 4, 5]})


def test_rows_with_the_same_cells_have_the_same_number() -> None:
    numbers = copy_numbers(TABLE, ["a", "b"])
    assert numbers[0] == numbers[2] and numbers[1] == numbers[3]
    assert len(set(numbers.tolist())) == 3
    assert len(set(copy_numbers(TABLE, ["a", "b", "c"]).tolist())) == 5


def test_the_first_of_each_stays() -> None:
    rows = np.array([1, 2, 3, 4])
    assert first_of_each(copy_numbers(TABLE, ["a", "b"]), rows).tolist() == [1, 2, 4]


def test_rows_that_share_one_of_two_numbers_are_joined_also_by_way_of_others() -> None:
    one = np.array([0, 0, 1, 2, 3, 4])
    other = np.array([5, 6, 6, 7, 7, 9])
    assert joined(one, other).tolist() == [0, 0, 0, 1, 1, 2]
    chain = np.arange(20_000)
    assert set(joined(chain // 2, (chain + 1) // 2).tolist()) == {0}
    assert joined(chain[:0], chain[:0]).tolist() == []
    # numbered by the first row of each, whatever the numbers were
    assert joined(np.array([9, 5, 9, 5, 1]), np.array([3, 2, 3, 2, 8])).tolist() == [0, 1, 0, 1, 2]


def test_rows_of_another_table_that_are_in_this_one_however_they_are_stored() -> None:
    names = ["a", "b", "c", "d", "e"]
    train = pa.table({n: [i, i + 1, None, i, 7] for i, n in enumerate(names)})
    test = pa.table(
        {n: [float(i), i + 1.0, None, 99.0] for i, n in enumerate(names[:4])}
        | {"e": ["4", "6", None, "4"], "more": [1, 2, 3, 4]}
    )
    every, first = np.arange(5), np.array([0])
    assert rows_also_in(train, every, test, names).tolist() == [True, False, True, False]
    assert rows_also_in(train, first, test, names).tolist() == [True, False, False, False]
    assert rows_also_in(train, every, test, names[:4]).tolist() == [True, True, True, False]
