"""Missing cells and their pattern: columns that are mostly empty, columns empty together."""

from __future__ import annotations

import numpy as np

from automl_core.table import Column, Finding, leave_out, listed, shown
from automl_core.table.checks.sample import CheckSample, few_rows
from automl_core.words import percent

MOSTLY = 0.5
TOGETHER = 0.5  # share of the rows with a gap in one of two columns that have it in both
MOST_COLUMNS = 500
_KEPT = "Where a cell is empty is a feature, and models learn from it."


def mostly_missing(column: Column, rows: int) -> Finding | None:
    """A column with more gaps than values, of so many rows."""
    share = column.missing / max(1, rows)
    if share < MOSTLY or not column.distinct or column.role == "ignored":
        return None
    message = (
        f"{shown(column.name)} is empty in {percent(share)} of the rows: what it adds may be "
        "chance."
    )
    action = leave_out(column.name)
    return Finding("missing", (column.name,), "info", message, _KEPT, "noted", action)


def missing_together(sample: CheckSample) -> list[Finding]:
    """Sets of columns whose gaps lie in the same rows, far beyond chance."""
    n = len(sample.numbers)
    columns = [c for c in sample.features() if 0.005 * n <= c.missing * n / sample.schema.rows]
    columns = [c for c in columns if c.missing < 0.95 * sample.schema.rows][:MOST_COLUMNS]
    if len(columns) < 2:
        return []
    gaps = np.column_stack([sample.gaps(c.name) for c in columns]).astype(np.float32)
    both = gaps.T @ gaps
    one = np.diag(both)
    either = one[:, None] + one[None, :] - both
    chance = one[:, None] * one[None, :] / n
    linked = (both >= TOGETHER * np.maximum(either, 1)) & (both >= 2 * chance) & (both >= 8)
    findings, grouped = [], np.zeros(len(columns), np.bool_)
    for i in range(len(columns)):
        members = np.flatnonzero(linked[i] & ~grouped)
        if grouped[i] or len(members) < 2:
            continue
        grouped[members] = True
        names = tuple(columns[j].name for j in members)
        where = gaps[:, members].all(axis=1)
        message = (
            f"{listed(names)} are empty in the same rows ({percent(where.mean())} of them): one "
            "reason lies behind these gaps."
        )
        rows = few_rows(sample.numbers[where])
        findings.append(
            Finding("missing_together", names, "info", message, _KEPT, "noted", None, rows)
        )
    return findings
