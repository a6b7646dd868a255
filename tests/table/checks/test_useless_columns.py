"""Columns that tell nothing, or too many different things."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from automl_core.table.checks.run import find_problems
from automl_core.table.inference.schema_inference import infer_schema, with_role
from tests.table.checks.looked import found

N = 600
RNG = np.random.default_rng(0)
NOISE = RNG.normal(size=N)


def test_empty_and_constant_columns_are_mended() -> None:
    (empty,) = found({"a": NOISE, "gone": [None] * N}, "all_missing")
    (constant,) = found({"a": NOISE, "one": ["x"] * N}, "constant")
    assert (empty.state, constant.state) == ("fixed", "fixed")


def test_a_constant_column_that_is_wanted_is_said_again() -> None:
    table = pa.table({"a": NOISE, "one": ["x"] * N})
    schema = with_role(infer_schema(table), table, "one", "category")
    (finding,) = [f for f in find_problems(table, schema) if f.kind == "constant"]
    assert finding.state == "to_review" and finding.action is not None
    assert finding.action.columns == ("one",)


def test_nearly_constant_columns() -> None:
    flag = np.zeros(N)
    flag[:3] = 1
    (finding,) = found({"a": NOISE, "flag": flag}, "near_constant")
    assert (finding.columns, finding.state) == (("flag",), "noted")  # nothing was changed
    flag[:30] = 1
    assert not found({"a": NOISE, "flag": flag}, "near_constant")


def test_many_words() -> None:
    words = [f"w{i}" for i in RNG.integers(0, 300, N)]
    assert found({"a": NOISE, "w": words}, "high_cardinality")
    few = [f"w{i}" for i in RNG.integers(0, 20, N)]
    assert not found({"a": NOISE, "w": few}, "high_cardinality")


def test_what_is_constant_where_the_target_is_known() -> None:
    y = NOISE.copy()
    y[:80] = np.nan
    late = np.arange(N) < 80
    reason = np.where(late, "weather", None)
    columns = {"a": RNG.normal(size=N), "late": late.astype(int), "reason": reason, "y": y}
    assert [f.columns for f in found(columns, "constant", "y")] == [("late",)]
    assert [f.columns for f in found(columns, "all_missing", "y")] == [("reason",)]
