"""Roles of columns, found without help, and chosen by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from automl_core.errors import TableError
from automl_core.records import from_plain, to_plain
from automl_core.table.inference import column_stats
from automl_core.table.inference.schema_inference import (
    as_inferred,
    infer_schema,
    with_missing,
    with_other_day_order,
    with_role,
    without_missing,
)
from automl_core.table.schema import Column, Role, Schema

N = 200
RNG = np.random.default_rng(0)


def column(values: Any, name: str = "x") -> Column:
    return infer_schema(pa.table({name: values})).columns[0]


@pytest.mark.parametrize(
    ("role", "name", "values"),
    [
        ("id", "row", list(range(N))),
        ("id", "row", [int(i) for i in RNG.permutation(N)]),
        ("id", "customer_id", [int(v) for v in RNG.permutation(10**6)[:N]]),
        ("id", "PID", [int(v) for v in RNG.permutation(10**6)[:N]]),
        ("id", "code", [f"C-{v:06d}" for v in RNG.permutation(10**6)[:N]]),
        ("numeric", "price", [float(v) for v in RNG.normal(size=N)]),
        ("numeric", "income", [int(v) for v in RNG.permutation(10**6)[:N]]),
        ("numeric", "children", [0, 1, 2, 3] * 50),
        ("numeric", "flag", [0, 1] * 100),
        ("numeric", "year", list(range(1900, 1900 + N))),
        ("numeric", "x", [str(v) for v in range(5)] * 40 + ["?", "NA"]),
        ("numeric", "paid", [1.0, 0.5] * 100),
        ("category", "colour", ["red", "green", None, "blue"] * 50),
        ("category", "zip", ["007", "010", "123", "455"] * 50),
        ("category", "size", ["1", "2", "3", "S"] * 50),
        ("boolean", "ok", ["yes", "no", "Yes", None] * 50),
        ("boolean", "ok", [True, False] * 100),
        ("boolean", "ok", ["T", "F"] * 100),
        ("datetime", "day", ["2020-01-31", "2021-12-01"] * 100),
        ("datetime", "day", ["31.01.2020", "01.12.2021"] * 100),
        ("datetime", "day", ["1/31/2020", "12/1/2021"] * 100),
        ("datetime", "day", ["31/1/2020", "12/1/2021"] * 100),
        ("datetime", "day", ["January 7, 2018", "Aug 1, 2018"] * 100),
        ("datetime", "at", ["2020-01-31T10:11:12.5Z", "2020-01-31T10:11:13+02:00"] * 100),
        ("datetime", "at", ["1/31/20 1:05 PM", "12/1/21 11:59 am"] * 100),
        ("datetime", "day", [20200131, 20211201, 20220228, 20230115] * 50),
        ("datetime", "day", [dt.date(2020, 1, 1), dt.date(2021, 1, 1)] * 100),
        ("datetime", "created_at", [1_600_000_000 + 1000 * i for i in range(N)]),
        ("text", "note", [f"guest {i} wrote words about room {i % 7}" for i in range(N)]),
        ("ignored", "x", [7] * N),
        ("ignored", "x", [None] * N),
        ("ignored", "x", ["?"] * N),
    ],
)  # fmt: skip
def test_roles(role: Role, name: str, values: list[Any]) -> None:
    found = column(values, name)
    assert found.role == role, found
    assert found.reason


def test_counts_are_taken_after_the_rule() -> None:
    found = column([*("1", "1.0", " 2 ", "?", "NA", None), *["3"] * 20])
    assert (found.role, found.missing, found.distinct) == ("numeric", 3, 3)
    assert set(found.parse.missing) == {"?", "na"}


def test_two_values_of_which_one_is_missing_is_not_constant() -> None:
    assert column(["Grvl", None] * 50).role == "category"


def test_numbers_with_marks_of_thousands() -> None:
    found = column(["1,234", "12,345,678", "12", "1,000.5"] * 10)
    assert (found.role, found.parse.thousands, found.parse.decimal) == ("numeric", ",", ".")
    german = column(["1.234,5", "12.345.678", "12", "1.000,5"] * 10)
    assert (german.role, german.parse.thousands, german.parse.decimal) == ("numeric", ".", ",")


def test_a_stray_word_among_many_numbers() -> None:
    found = column([str(i) for i in range(500)] + ["Free"])
    assert (found.role, found.missing, found.parse.missing) == ("numeric", 1, ("free",))
    assert "'free'" in found.reason


def test_few_rows_make_no_id() -> None:
    assert column([1, 2, 3, 4, 5]).role == "numeric"
    assert column(["a", "b", "c"]).role == "category"


def test_a_schema_survives_json() -> None:
    schema = infer_schema(pa.table({"a": [1, 2], "b": ["x", "y"]}))
    assert from_plain(Schema, to_plain(schema)) == schema


def test_long_tables_are_judged_on_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(column_stats, "SAMPLE_ROWS", 2_000)
    table = pa.table(
        {
            "row": np.arange(10_000),
            "word": ["a", None, "b", "?"] * 2_500,
            "number": pa.array([1.5, None, 2.5, 3.5] * 2_500),
            "text_number": ["1", "2", "?", "3"] * 2_500,
            "mark": [-999, *range(1, 50)] * 200,
            "list": ["a;b", "b;c", "c;a;d", "d", "a;d"] * 2_000,
        }
    )
    schema = infer_schema(table)
    assert [c.role for c in schema.columns] == [
        *("id", "category", "numeric", "numeric", "numeric", "category")
    ]
    assert [c.missing for c in schema.columns] == [0, 5_000, 2_500, 2_500, 200, 0]
    assert [c.distinct for c in schema.columns] == [10_000, 2, 3, 3, 49, 5]


def test_a_long_column_has_as_many_numbers_as_a_short_one(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = pa.table({"x": pa.array([0.0, -0.0, 1.5, float("nan"), None, 2.5] * 500)})
    (short,) = infer_schema(numbers).columns
    monkeypatch.setattr(column_stats, "SAMPLE_ROWS", 1_000)
    (long,) = infer_schema(numbers).columns
    assert (long.missing, long.distinct) == (short.missing, short.distinct) == (1_000, 3)


def test_five_thousand_columns() -> None:
    table = pa.table({f"c{i}": [1, 2, i] for i in range(5_000)})
    assert len(infer_schema(table).columns) == 5_000


@pytest.mark.parametrize(
    ("role", "kind"),
    [
        ("category", "string"), ("text", "text"), ("numeric", "number"), ("weight", "number"),
        ("group", "string"), ("id", "string"), ("ignored", "number"),
    ],
)  # fmt: skip
def test_a_chosen_role_gets_its_own_rule(role: Role, kind: str) -> None:
    table = pa.table({"x": [1, 2, 2, None], "y": [1, 2, 3, 4]})
    schema = with_role(infer_schema(table), table, "x", role)
    found = schema.column("x")
    assert (found.role, found.parse.kind, found.reason) == (role, kind, "chosen by you")
    assert (found.missing, found.distinct) == (1, 2)
    assert schema.column("y") == infer_schema(table).column("y")


def test_a_role_that_no_cell_fits_is_refused() -> None:
    table = pa.table({"x": ["red", "green", "blue"]})
    schema = infer_schema(table)
    for role in ("numeric", "datetime", "boolean", "weight", "time"):
        with pytest.raises(TableError, match="'x' cannot be"):
            with_role(schema, table, "x", role)  # type: ignore[arg-type]
    with pytest.raises(TableError, match="no column 'z'"):
        with_role(schema, table, "z", "text")


def test_two_words_can_be_boolean_when_asked() -> None:
    table = pa.table({"x": ["Male", "Female"] * 5})
    found = with_role(infer_schema(table), table, "x", "boolean").column("x")
    assert (found.parse.true, found.parse.false) == (("male",), ("female",))


def test_a_column_can_be_a_list_when_asked() -> None:
    table = pa.table({"x": ["a / b", "c", None], "y": ["a;b", "b", "c;a"]})
    schema = infer_schema(table)
    assert with_role(schema, table, "y", "list").column("y").parse.separator == ";"
    found = with_role(schema, table, "x", "list").column("x")
    assert (found.role, found.missing, found.distinct) == ("list", 1, 2)


def test_every_choice_can_be_taken_back() -> None:
    table = pa.table({"x": ["1", "2", "?"] * 20, "y": ["01/02/2020", "03/04/2021"] * 30})
    schema = infer_schema(table)
    for role in ("category", "text", "ignored", "id"):
        changed = with_role(schema, table, "x", role)  # type: ignore[arg-type]
        assert changed != schema
        assert as_inferred(changed, table, "x") == schema
    turned = with_other_day_order(schema, table, "y")
    assert turned.column("y").parse.formats == ("%d/%m/%Y",)
    assert as_inferred(turned, table, "y") == schema
    with pytest.raises(TableError, match="no other order"):
        with_other_day_order(schema, table, "x")
    with pytest.raises(TableError, match="no column 'z'"):
        as_inferred(schema, table, "z")


def test_marks_of_missing_cells_are_for_the_user_to_choose() -> None:
    table = pa.table({"x": ["Gd", "None", "?", "TA"] * 20, "n": [0, 7, 3, 4] * 20})
    schema = infer_schema(table)
    found = with_missing(schema, table, "x", [" NONE ", ""])
    assert found.column("x").parse.missing == ("?", "none")
    assert (found.column("x").missing, found.column("x").distinct) == (40, 2)
    assert found.column("x").reason.endswith("missing marks chosen by you")
    kept = without_missing(found, table, "x", ["none", "?"])
    assert (kept.column("x").missing, kept.column("x").distinct) == (0, 4)
    assert with_role(kept, table, "x", "text").column("x").parse.missing == ()
    assert as_inferred(kept, table, "x") == schema
    zeros = with_missing(schema, table, "n", ["0"])
    assert (zeros.column("n").missing, zeros.column("n").distinct) == (20, 3)
    assert from_plain(Schema, to_plain(zeros)) == zeros
    with pytest.raises(TableError, match="no value left"):
        with_missing(schema, table, "x", ["gd", "none", "ta"])
    assert without_missing(schema, table, "n", ["5"]) is schema


def test_many_different_numbers_of_a_very_long_column_are_estimated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(0)
    numbers = rng.integers(0, 60_000, 80_000)
    table = pa.table(
        {
            "whole": numbers,
            "half": pa.array(numbers / 2, mask=np.arange(80_000) % 4 == 0),
            "own": rng.normal(size=80_000),
            "few": rng.integers(0, 50, 80_000),
        }
    )
    monkeypatch.setattr(column_stats, "SAMPLE_ROWS", 2_000)
    exact = infer_schema(table)
    monkeypatch.setattr(column_stats, "ESTIMATED_FROM", 50_000)
    monkeypatch.setattr(column_stats, "ENOUGH", 1_000)
    for known, found in zip(exact.columns, infer_schema(table).columns, strict=True):
        assert (found.role, found.missing) == (known.role, known.missing)
        assert abs(found.distinct - known.distinct) < 0.06 * known.distinct
        assert found.distinct <= 80_000 - found.missing
        if found.name in ("whole", "few"):
            assert (found.distinct == known.distinct) == (found.name == "few")
