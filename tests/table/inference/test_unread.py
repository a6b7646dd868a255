"""Columns of numbers or dates that are read as neither are found; honest words are not."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from automl_core.table.inference import (
    compute_column_stats,
    infer_schema,
    with_role,
)
from automl_core.table.inference.unread import Unread, unread_values


def unread(cells: list[Any], name: str = "x") -> Unread | None:
    values = pa.chunked_array([pa.array(cells)])
    schema = infer_schema(pa.table({name: values}))
    return unread_values(compute_column_stats(values, name), schema.column(name))


def test_numbers_among_words() -> None:
    found = unread([str(i / 7) for i in range(90)] + [f"see note {i}" for i in range(10)])
    assert found is not None
    assert (found.kind, found.share, found.other_rows) == ("number", 0.9, 10)
    assert found.others[0] == "see note 0"


def test_dates_among_words() -> None:
    cells = [f"{1 + i % 28:02}/0{1 + i % 9}/2021" for i in range(90)] + ["to be confirmed"] * 9
    found = unread([*cells, "by phone"])
    assert found is not None
    assert (found.kind, found.share, found.others[0]) == ("date", 0.9, "to be confirmed")


@pytest.mark.parametrize(
    "cells",
    [
        [f"{i:05}" for i in range(100)],  # codes
        [f"K{i}" for i in range(100)],
        ["1", "2", "3", "crew"] * 30,
        [f"{i}.{i % 7}.{i % 5}" for i in range(100)],  # versions
        [f"{i} Main Street" for i in range(100)],
        ["red", "green", "blue"] * 30,
        [f"10.0.{i}.{i + 3}" for i in range(100)],
    ],
)
def test_honest_words_are_not_accused(cells: list[str]) -> None:
    assert unread(cells) is None


def test_a_user_who_chose_is_not_told() -> None:
    table = pa.table({"x": [str(i / 7) for i in range(90)] + [f"see note {i}" for i in range(10)]})
    schema = with_role(infer_schema(table), table, "x", "category")
    assert unread_values(compute_column_stats(table["x"], "x"), schema.column("x")) is None
