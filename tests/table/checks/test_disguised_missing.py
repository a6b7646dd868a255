"""Missing cells that look like values, and the way back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from automl_core.table.checks.apply_fix import apply_fix
from automl_core.table.checks.disguised_missing import disguised
from automl_core.table.findings import Finding
from automl_core.table.fixes import FixAction
from automl_core.table.inference.column_stats import compute_column_stats
from automl_core.table.inference.schema_inference import infer_schema
from automl_core.table.schema import Schema

N = 600
RNG = np.random.default_rng(8)
GAP = np.arange(N) % 10 == 0
AGES = RNG.integers(18, 80, N)


def looked(table: pa.Table, schema: Schema) -> list[Finding]:
    return disguised(compute_column_stats(table["x"], "x"), schema.column("x"), table["x"])


@pytest.mark.parametrize(
    "cells",
    [
        np.where(GAP, -9, AGES),
        np.where(GAP, -1, RNG.integers(0, 90, N)),
        [f"{v} kg" for v in np.where(GAP, -999, AGES)],
        [f"${v}" for v in np.where(GAP, 9999, AGES)],
    ],
)
def test_what_is_read_as_missing_without_asking_is_said_and_can_be_undone(cells: Any) -> None:
    table = pa.table({"x": cells})
    schema = infer_schema(table)
    assert schema.column("x").missing == 60
    (done,) = looked(table, schema)
    assert done.state == "fixed" and done.action is not None and GAP[list(done.rows)].all()
    kept = apply_fix(done.action, schema, table)
    assert kept.column("x").missing == 0
    (noted,) = looked(table, kept)
    assert noted.state == "noted" and noted.action is not None
    assert apply_fix(noted.action, kept, table).column("x").missing == 60


def test_what_may_be_a_gap_is_asked_and_then_done() -> None:
    table = pa.table({"x": np.where(GAP, 99, RNG.integers(1, 6, N))})
    schema = infer_schema(table)
    (asked,) = looked(table, schema)
    assert asked.state == "to_review" and asked.action == FixAction(
        "missing", "Read as missing", ("x",), ("99",)
    )
    (done,) = looked(table, apply_fix(asked.action, schema, table))
    assert done.state == "fixed"


def test_a_word_that_is_kept_asks_and_one_that_is_read_as_missing_does_not() -> None:
    for word, state in (("None", "to_review"), ("N/A", "fixed")):
        words = np.where(GAP, word, np.array(["brick", "stone", "wood"])[AGES % 3])
        table = pa.table({"x": words.tolist()})
        (finding,) = looked(table, infer_schema(table))
        assert finding.state == state


def test_words_and_numbers_in_one_column_are_two_findings() -> None:
    cells = np.where(GAP, "999", AGES.astype(str)).tolist()
    cells[5:25] = ["n/a"] * 20
    table = pa.table({"x": cells})
    assert [f.state for f in looked(table, infer_schema(table))] == ["fixed", "fixed"]


def test_words_that_are_missing_already_are_not_said_to_be_kept() -> None:
    cells = ["Rome"] * 60 + ["Oslo"] * 60 + ["unknown"] * 10 + ["N/A"] * 10
    table = pa.table({"x": cells})
    kept, read = looked(table, infer_schema(table))
    assert "'unknown' in 10 rows" in kept.message
    assert "N/A" not in kept.message and kept.state != "fixed"
    assert "'N/A' in 10 rows" in read.message
    assert "unknown" not in read.message
    assert read.state == "fixed"
