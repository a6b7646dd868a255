"""Levels of a target that count as missing, kept as classes by one click, and the reverse."""

from __future__ import annotations

import pyarrow as pa
import pytest

from automl_core.table.checks.apply_fix import apply_fix
from automl_core.table.checks.run import find_problems
from automl_core.table.inference.schema_inference import infer_schema
from automl_core.table.inference.target import describe_target, guess_task

NUMBERS = [i * 7 % 31 + 0.5 for i in range(90)]


@pytest.mark.parametrize(
    "levels", [("yes", "no", "unknown"), ("a", "b", "?"), ("cat", "dog", "n/a"), ("j", "n", "null")]
)
def test_a_level_that_means_missing(levels: tuple[str, str, str]) -> None:
    table = pa.table({"x": NUMBERS, "y": list(levels) * 30})
    schema = infer_schema(table)
    (finding,) = [f for f in find_problems(table, schema, "y") if f.kind == "target_missing"]
    assert repr(levels[2]) in finding.message and "30 rows" in finding.message
    assert finding.action is not None
    classes = len(describe_target(table, schema, "y", guess_task(table, schema, "y").task).labels)
    other = apply_fix(finding.action, schema, table)
    after = len(describe_target(table, other, "y", guess_task(table, other, "y").task).labels)
    assert {classes, after} == {2, 3}


def test_classes_of_words_are_left_alone() -> None:
    table = pa.table({"x": NUMBERS, "y": ["yes", "no", "maybe"] * 30})
    assert not [f for f in find_problems(table, infer_schema(table), "y") if "target" in f.kind]
