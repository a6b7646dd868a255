"""Pairs of columns of which a class is made: one is larger, both are equal, or a sum is reached."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from automl_core.table import Finding, leave_out, shown
from automl_core.table.checks.sample import CheckSample

ROWS, COLUMNS = 2_000, 40
EXACT = 0.99  # share of the rows of each class in which it holds
LEAST_ROWS = 20  # of each class
Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]


def exact_comparisons(sample: CheckSample) -> list[Finding]:
    """Two numeric columns that give a target with two classes exactly, only together."""
    target = sample.target
    numeric = [c.name for c in sample.features() if c.role == "numeric" and c.distinct > 2]
    if target is None or sample.task != "binary" or not 2 <= len(numeric) <= COLUMNS:
        return []
    every = max(1, len(sample.numbers) // ROWS)
    hot = sample.outcome()[::every]
    known = ~np.isnan(hot[:, 0])
    y = hot[known].argmax(axis=1) == 1
    if min(y.sum(), (~y).sum()) < LEAST_ROWS:
        return []
    parts = sample.matrix(numeric)[::every][known]
    findings = []
    for i in range(len(numeric)):
        for j in range(i + 1, len(numeric)):
            how = _how(parts[:, i], parts[:, j], y)
            if how:
                findings.append(_finding(numeric[i], numeric[j], how, target))
    return findings


def _how(a: Numbers, b: Numbers, y: Flags) -> str:
    """In words, what of the two is the class; "" where nothing is."""
    if _is_class(a > b, y) or _is_class(a >= b, y):
        return "which of the two is larger"
    if _is_class(a == b, y):
        return "whether they are equal"
    total = a + b
    for rows in (y, ~y):
        level = float(np.nanmedian(total[rows])) if not np.isnan(total[rows]).all() else np.nan
        if _is_class(np.isclose(total, level), y):
            return f"whether they add up to {level:g}"
    return ""


def _is_class(flags: Flags, y: Flags) -> bool:
    inside, outside = float(flags[y].mean()), float(flags[~y].mean())
    return bool(abs(inside - outside) >= 2 * EXACT - 1)


def _finding(first: str, second: str, how: str, target: str) -> Finding:
    message = (
        f"{shown(first)} and {shown(second)} give the target {shown(target)} away, row for row, "
        f"by {how}."
    )
    fix = "Unless both are known when a prediction is made, set their roles to ignored."
    names, action = (first, second, target), leave_out(first, second)
    return Finding("leak", names, "warning", message, fix, "to_review", action)
