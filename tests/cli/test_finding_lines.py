"""Warnings of `train` before it starts: findings that wait for a decision, and no others."""

from __future__ import annotations

import pyarrow as pa
import pytest

from automl_core.cli.finding_lines import say_warnings
from automl_core.table.inference.schema_inference import infer_schema

N = 120
YES = ["yes" if i % 3 == 0 else "no" for i in range(N)]
SIZE = [i * 37 % 101 + 0.5 for i in range(N)]


def test_a_leak_and_a_class_that_is_left_out_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["unknown" if i % 4 == 0 else YES[i] for i in range(N)]
    table = pa.table({"size": SIZE, "told": [w == "yes" for w in words], "y": words})
    say_warnings(table, infer_schema(table), "y")
    said = capsys.readouterr().err
    assert "'unknown' in 30 rows" in said and "'told' alone predicts" in said
    assert all(line.startswith("Warning: ") for line in said.splitlines())


def test_an_honest_table_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    table = pa.table({"size": SIZE, "other": [i * 53 % 89 + 0.5 for i in range(N)], "y": YES})
    say_warnings(table, infer_schema(table), "y")
    assert capsys.readouterr().err == ""
