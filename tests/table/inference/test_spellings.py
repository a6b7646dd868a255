"""Spellings that differ in case, blanks or normal form only: one rule everywhere."""

from __future__ import annotations

import pyarrow as pa
import pytest

from automl_core.errors import TableError
from automl_core.features import fit_target
from automl_core.records import from_plain, to_plain
from automl_core.table import Schema
from automl_core.table.inference import (
    compute_column_stats,
    describe_target,
    guess_task,
    infer_schema,
    with_role,
)
from automl_core.table.inference.spellings import (
    spelling_variants,
    with_merged_spellings,
    with_own_spellings,
)
from automl_core.table.parsing import parse_column

ANSWERS = ["Yes"] * 5 + ["yes"] * 3 + ["YES ", "ｙｅｓ", "y\u200bes"] + ["No"] * 6 + ["no", " NO"]
CITIES = ["São Paulo"] * 4 + ["Sa\u0303o  Paulo", "SÃO\u00a0PAULO", "Rio"] + ["rio"] * 2


@pytest.mark.parametrize("cells", [ANSWERS, [*ANSWERS, "y", "N"]])
def test_words_for_yes_and_no_are_two_classes_everywhere(cells: list[str]) -> None:
    table = pa.table({"x": list(range(len(cells))), "y": cells})
    schema = infer_schema(table)
    assert (schema.column("y").role, schema.column("y").distinct) == ("boolean", 2)
    assert guess_task(table, schema, "y").task == "binary"
    assert describe_target(table, schema, "y", "binary").labels == ("Yes", "No")
    coder = fit_target(table["y"], "binary", None, schema.column("y").parse)
    assert coder.labels == ("No", "Yes")
    assert coder.encode(pa.array(["YES", "nO ", "maybe"]))[1].tolist() == [True, True, False]
    assert coder.decode([0, 1]).to_pylist() == ["No", "Yes"]


def test_true_comes_back_as_it_was_written() -> None:
    cells = pa.array(["True", "False"] * 10)
    rule = infer_schema(pa.table({"y": cells})).column("y").parse
    assert parse_column(pa.array(["true", "FALSE", None]), "y", rule).words == ()
    coder = fit_target(cells, "binary", "true", rule)
    assert coder.decode([1, 0]).to_pylist() == ["True", "False"]
    assert coder.encode(pa.array([True, False]))[0].tolist() == [1, 0]


def test_other_words_are_kept_apart_until_they_are_merged() -> None:
    table = pa.table({"city": CITIES})
    schema = infer_schema(table)
    column = schema.column("city")
    assert column.distinct == 5
    variants = spelling_variants(compute_column_stats(table["city"], "city"), column.parse)
    assert [(v.word, v.rows, v.other_rows) for v in variants] == [
        ("São Paulo", 4, 2),
        ("rio", 2, 1),
    ]
    merged = from_plain(Schema, to_plain(with_merged_spellings(schema, table, "city")))
    found = merged.column("city")
    assert found.distinct == 2 and "read alike" in found.reason
    new = parse_column(pa.array(["RIO", "sao Paulo", "são paulo", "Lima"]), "city", found.parse)
    assert new.words == ("rio", "sao Paulo", "São Paulo", "Lima")
    assert spelling_variants(compute_column_stats(table["city"], "city"), found.parse) == ()
    assert with_own_spellings(merged, table, "city").column("city") == column


def test_numbers_have_no_spellings_to_merge() -> None:
    table = pa.table({"x": [i / 7 for i in range(30)]})
    with pytest.raises(TableError, match="no category"):
        with_merged_spellings(infer_schema(table), table, "x")


def test_words_that_a_user_calls_boolean_are_two_in_any_spelling() -> None:
    table = pa.table({"x": ["Left", "left", "RIGHT", "right", "Right"] * 6})
    schema = with_role(infer_schema(table), table, "x", "boolean")
    assert schema.column("x").distinct == 2
