"""A table looked at by one check."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from automl_core.table.checks.run import find_problems
from automl_core.table.checks.sample import CheckSample, gather
from automl_core.table.findings import Finding
from automl_core.table.inference.column_stats import ColumnStats, compute_column_stats
from automl_core.table.inference.schema_inference import infer_schema
from automl_core.table.inference.target import Task
from automl_core.table.schema import Column


def evidence(
    columns: dict[str, Any], target: str | None = None, task: Task | None = None
) -> CheckSample:
    """The evidence of a table made of these columns."""
    table = pa.table(columns)
    return gather(table, infer_schema(table), target, task)


def one(cells: Any, name: str = "x") -> tuple[ColumnStats, Column, pa.ChunkedArray]:
    """What a check of one column is given."""
    table = pa.table({name: cells})
    return compute_column_stats(table[name], name), infer_schema(table).column(name), table[name]


def found(columns: dict[str, Any], kind: str, target: str | None = None) -> list[Finding]:
    """The findings of one kind in a table made of these columns."""
    table = pa.table(columns)
    return [f for f in find_problems(table, infer_schema(table), target) if f.kind == kind]
