"""Distances between rows: by the kind of a column, by weight, and what is missing."""

from __future__ import annotations

import numpy as np
import pytest

from automl_core.explain.row_distances import nearest_rows, row_distances
from automl_core.table import TypedColumn, TypedTable

KINDS = {"size": "number", "city": "string", "note": "text"}


def rows() -> TypedTable:
    size = np.array([0.0, 1.0, 10.0, np.nan])
    city = np.array([0, 0, 1, -1], np.int32)
    note = np.array([0, 1, 1, 0], np.int32)
    return TypedTable(
        {
            "size": TypedColumn("size", numbers=size),
            "city": TypedColumn("city", codes=city, words=("Oslo", "Bergen")),
            "note": TypedColumn("note", codes=note, words=("all is fine", "all is late")),
        },
        4,
    )


@pytest.mark.parametrize(
    ("column", "row", "expected"),
    [
        ("size", 0, [0.0, 1 / 9, 1.0, 1.0]),  # 90 % of the spread lies between 0.1 and 9.1
        ("size", 3, [1.0, 1.0, 1.0, 0.0]),
        ("city", 0, [0.0, 0.0, 1.0, 1.0]),
        ("city", 3, [1.0, 1.0, 1.0, 0.0]),
        ("note", 0, [0.0, 0.5, 0.5, 0.0]),
    ],
)
def test_of_one_column(column: str, row: int, expected: list[float]) -> None:
    table = rows()
    found = row_distances(table.take(np.array([row])), table, {column: 2.0}, KINDS)
    assert found == pytest.approx(expected)


def test_weights_decide_and_no_column_is_ignored() -> None:
    table = rows()
    own = table.take(np.array([0]))
    by_city = row_distances(own, table, {"size": 0.0, "city": 1.0}, KINDS)
    assert by_city[0] == 0 < by_city[1] < 0.05 < by_city[2] == pytest.approx(1.0)
    alike = row_distances(own, table, {"size": 0.0, "city": 0.0}, KINDS)
    assert alike[2] == pytest.approx(1.0)
    near = nearest_rows(by_city, 2)
    assert near.rows == (0, 1) and near.distances == tuple(by_city[:2])


def test_a_column_of_one_value() -> None:
    table = TypedTable({"size": TypedColumn("size", numbers=np.full(4, 7.0))}, 4)
    own = TypedTable({"size": TypedColumn("size", numbers=np.array([8.0]))}, 1)
    assert row_distances(own, table, {"size": 1.0}, KINDS).tolist() == [1.0] * 4
    assert row_distances(table.take(np.array([0])), table, {"size": 1.0}, KINDS).max() == 0
