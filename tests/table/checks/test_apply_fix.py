"""The effect of one click on a schema, and that a stored schema repeats it."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest

from automl_core.errors import TableError
from automl_core.records import from_plain, to_plain
from automl_core.table.checks.apply_fix import apply_fix
from automl_core.table.fixes import FixAction, leave_out, undo
from automl_core.table.inference.schema_inference import infer_schema
from automl_core.table.parsing.parse import parse_column
from automl_core.table.schema import Schema

TABLE = pa.table(
    {
        "city": ["café", "Rome", "café".encode().decode("latin-1"), "none"] * 30,
        "age": [30 + i % 40 for i in range(119)] + [999],
    }
)
SCHEMA = infer_schema(TABLE)


def words(schema: Schema) -> list[str]:
    column = schema.column("city")
    return list(parse_column(TABLE["city"], "city", column.parse).words)


def test_leaving_out_and_taking_back() -> None:
    left = apply_fix(leave_out("city", "age"), SCHEMA, TABLE)
    assert [c.role for c in left.columns] == ["ignored", "ignored"]
    assert apply_fix(undo("city", "age"), left, TABLE) == SCHEMA


def test_cells_become_missing_and_values_again() -> None:
    mended = apply_fix(FixAction("missing", "", ("age",), ("999",)), SCHEMA, TABLE)
    assert mended.column("age").missing == 1
    back = apply_fix(FixAction("values", "", ("age",), ("999",)), mended, TABLE)
    assert back.column("age").missing == 0


def test_mended_text_is_repeated_by_a_stored_schema() -> None:
    assert len(words(SCHEMA)) == 4
    mended = apply_fix(FixAction("mend_text", "", ("city",)), SCHEMA, TABLE)
    stored = from_plain(Schema, json.loads(json.dumps(to_plain(mended))))
    assert words(stored) == ["café", "Rome", "none"]
    assert mended.column("city").distinct == 3


def test_a_setting_of_the_run_leaves_the_schema_alone() -> None:
    assert apply_fix(FixAction("setting", "", (), ("copies", "drop")), SCHEMA, TABLE) is SCHEMA


def test_what_cannot_be_is_refused() -> None:
    for action in (FixAction("role", "", ("city",), ("king",)), leave_out("town"),
                   FixAction("role", "", ("city",), ("numeric",))):  # fmt: skip
        with pytest.raises(TableError):
            apply_fix(action, SCHEMA, TABLE)


def test_marks_that_were_named_and_a_mended_text_outlive_a_change_of_role() -> None:
    named = apply_fix(FixAction("missing", "", ("age",), ("999",)), SCHEMA, TABLE)
    assert named.column("age").missing == 1
    for role in ("category", "numeric", "ignored", "category", "numeric"):
        named = apply_fix(FixAction("role", "", ("age",), (role,)), named, TABLE)
        assert named.column("age").missing == 1, role
    mended = apply_fix(FixAction("mend_text", "", ("city",)), SCHEMA, TABLE)
    mended = apply_fix(FixAction("missing", "", ("city",), ("none",)), mended, TABLE)
    for role in ("text", "category"):
        mended = apply_fix(FixAction("role", "", ("city",), (role,)), mended, TABLE)
        assert (mended.column("city").missing, mended.column("city").distinct) == (30, 2)


def test_a_change_of_role_and_back_adds_no_marks_of_its_own() -> None:
    table = pa.table({"x": ["1", "2", "n/a", "7"] * 30})
    schema = infer_schema(table)
    for role in ("category", "numeric"):
        schema = apply_fix(FixAction("role", "", ("x",), (role,)), schema, table)
    assert schema.column("x").parse == infer_schema(table).column("x").parse
