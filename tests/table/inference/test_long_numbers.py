"""Whole numbers that no float holds stay different: as categories, keys, labels and rows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from automl_core.runs.setup.duplicates import rows_also_in
from automl_core.table.inference import describe_target, guess_task, infer_schema, with_role
from tests.table.guessed import guessed

FIRST = 1_234_567_890_123_456_789
IDS = [FIRST + i for i in range(8)]


@pytest.mark.parametrize(
    "cells",
    [
        pa.array(IDS * 10),
        pa.array(IDS * 10 + [None]),
        pa.array([-i for i in IDS] * 10),
        pa.array([i + 10**19 for i in IDS] * 10, pa.uint64()),
        pa.array([Decimal(i) for i in IDS] * 10, pa.decimal128(20)),
        pa.array([Decimal(i * 100) for i in IDS] * 10, pa.decimal128(30, 4)),
        pa.array([str(i) for i in IDS] * 10),
        pa.array([f"{i}00" for i in IDS] * 10 + ["n/a"]),
        pa.array([12_345_678_901_234_567 + i for i in range(8)] * 10),
    ],
)
def test_long_whole_numbers_are_as_many_as_they_are(cells: pa.Array) -> None:
    found = guessed(cells)
    assert (found.role, found.parse.kind, found.distinct) == ("category", "string", 8)
    assert "digits" in found.reason


@pytest.mark.parametrize("cells", [list(range(FIRST, FIRST + 40)), [str(i) for i in IDS * 1]])
def test_one_a_row_is_a_key_and_few_rows_are_none(cells: list[Any]) -> None:
    found = guessed(cells)
    assert found.role == ("id" if len(cells) == 40 else "category")
    assert found.distinct == len(cells)


@pytest.mark.parametrize(
    "cells",
    [
        [10**17 * i for i in range(1, 30)],  # round: an amount
        [*range(1, 60), -(2**63), 2**63 - 1],  # extremes among others
        [2**40 + 7 * i for i in range(30)],
        [i / 7 * 1e18 for i in range(1, 30)],
    ],
)
def test_amounts_stay_numbers(cells: list[Any]) -> None:
    assert guessed(cells).role == "numeric"


def test_long_labels_are_classes() -> None:
    table = pa.table({"x": list(range(80)), "y": IDS * 10})
    schema = infer_schema(table)
    assert guess_task(table, schema, "y").task == "multiclass"
    summary = describe_target(table, schema, "y", "multiclass")
    assert set(summary.labels) == {str(i) for i in IDS}


def test_a_chosen_role_counts_exactly() -> None:
    table = pa.table({"x": pa.array([*IDS * 10, None])})
    column = with_role(infer_schema(table), table, "x", "numeric").column("x")
    assert (column.distinct, column.missing) == (8, 1)


def test_rows_with_long_numbers_are_no_copies_of_each_other() -> None:
    train = pa.table({"k": pa.array(IDS), "x": list(range(8))})
    test = pa.table({"k": pa.array([float(FIRST)]), "x": [0]})
    rows = pa.array(range(8)).to_numpy()
    assert not rows_also_in(train, rows, test, ["k", "x"]).any()
