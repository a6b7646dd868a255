"""Columns that say the same."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from automl_core.table.checks.duplicate_columns import duplicate_columns
from automl_core.table.inference.schema_inference import as_inferred, infer_schema
from tests.table.checks.looked import evidence

N = 300
RNG = np.random.default_rng(3)
COUNT = RNG.integers(0, 9, N)
SIZE = RNG.normal(20, 3, N)


def test_a_copy_of_a_column_is_left_out_and_can_be_taken_back() -> None:
    table = pa.table({"a": COUNT, "b": SIZE, "again": [str(v) for v in COUNT]})
    schema = infer_schema(table)
    assert [c.role for c in schema.columns] == ["numeric", "numeric", "ignored"]
    (finding,) = duplicate_columns(evidence({n: table[n] for n in table.column_names}))
    assert finding.state == "fixed" and finding.columns == ("again",)
    assert as_inferred(schema, table, "again").column("again").role == "numeric"


def test_other_words_and_other_units() -> None:
    letters = np.array(list("abcdefghi"))[COUNT]
    found = duplicate_columns(evidence({"a": COUNT, "b": letters, "c": SIZE, "d": SIZE * 2.54 + 1}))
    assert [f.columns for f in found] == [("a", "b"), ("c", "d")]
    assert all(f.action is not None and len(f.action.columns) == 1 for f in found)


def test_what_only_goes_together_is_no_copy() -> None:
    near = SIZE + 0.01 * RNG.normal(size=N)
    flags = RNG.integers(0, 2, N)
    table = {"a": SIZE, "b": near, "c": flags, "d": flags.astype(str)}
    assert duplicate_columns(evidence(table)) == []
