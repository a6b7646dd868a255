"""Numbers whose mark may mean two things are asked about, and one click settles it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from automl_core.table.checks.apply_fix import apply_fix
from automl_core.table.checks.run import find_problems
from automl_core.table.findings import Finding
from automl_core.table.inference.schema_inference import infer_schema
from automl_core.table.parsing.parse import parse_column

RNG = np.random.default_rng(0)
CELLS = [f"{v:,}".replace(",", ".") for v in RNG.integers(1_000, 90_000, 60)]


def findings(table: pa.Table, decimal: str = ".", target: str | None = None) -> list[Finding]:
    found = find_problems(table, infer_schema(table, decimal), target)
    return [f for f in found if f.kind == "number_marks"]


def test_both_readings_are_named_and_one_click_takes_the_other() -> None:
    table = pa.table({"people": CELLS})
    (finding,) = findings(table)
    whole = CELLS[0].replace(".", "")
    assert (finding.state, finding.severity, finding.rows) == (
        "to_review",
        "warning",
        (0, 1, 2, 3, 4),
    )
    assert f"read as {CELLS[0]}" in finding.message and f"it is {whole} if" in finding.message
    assert finding.action is not None
    assert finding.action.label == f"Read {CELLS[0]} as {whole}"
    schema = apply_fix(finding.action, infer_schema(table), table)
    column = schema.column("people")
    numbers = parse_column(table["people"], "people", column.parse).numbers
    assert numbers is not None and numbers[0] == float(whole)
    assert "thousands '.', chosen by you" in column.reason
    assert not [f for f in find_problems(table, schema) if f.kind == "number_marks"]


def test_a_comma_may_be_the_decimal_mark_where_the_file_says_so() -> None:
    table = pa.table({"people": [c.replace(".", ",") for c in CELLS]})
    assert not findings(table)  # 2,500 is written in English
    (finding,) = findings(table, ",")
    assert f"read as {CELLS[0]}" in finding.message
    assert finding.action is not None and finding.action.values == (".", ",")


def test_a_target_is_asked_about_too() -> None:
    table = pa.table({"people": CELLS, "x": list(range(60))})
    assert [f.columns for f in findings(table, target="people")] == [("people",)]


def test_nothing_is_asked_where_cells_or_other_columns_tell() -> None:
    assert not findings(pa.table({"people": [*CELLS, "12.5"]}))
    assert not findings(pa.table({"people": [*CELLS, "656", "720"]}))
    assert not findings(pa.table({"people": CELLS, "x": np.linspace(0, 1, 60)}))
    assert not findings(pa.table({"people": CELLS}), ",")  # points group where commas part
