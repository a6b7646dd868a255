"""Columns that are filled, or left empty, only once the target has happened.

The values of such a column may be useless; that there is one predicts the target.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from automl_core.table import Column, Finding, leave_out, shown
from automl_core.table.checks.leak_single_column import auc
from automl_core.table.checks.sample import CheckSample, few_rows
from automl_core.table.inference import TargetSummary
from automl_core.words import percent

LEAST_ROWS = 30
PURE = 0.94  # share of one class where the column is filled (or empty)
LEFT = 0.08  # of the impurity that chance would give
COVERED = 0.5  # share of that class
APART = 0.985  # probability that a row with a value has the higher target, or the lower one
SAME_ROWS = 0.98  # of the rows without a value or a target, those that lack both


def target_dependent_missingness(sample: CheckSample, summary: TargetSummary) -> list[Finding]:
    """Columns that are filled for one class only, or where a number is high or low."""
    if summary.task == "regression":
        return _of_number(sample)
    if not summary.labels or len(summary.labels) > 100:
        return []
    hot = sample.outcome()
    known = ~np.isnan(hot[:, 0])
    hot = hot[known]
    findings = []
    for column in sample.features():
        if 0.01 < column.missing / max(1, sample.schema.rows) < 0.99:
            look = partial(_of_class, sample, column, known, hot)
            findings.append(sample.once("gaps tell", column, look))
    return [f for f in findings if f is not None]


def _of_class(
    sample: CheckSample, column: Column, known: NDArray[np.bool_], hot: NDArray[np.float64]
) -> Finding | None:
    """The finding where the column is filled, or left empty, for one class only."""
    base, rows = hot.mean(axis=0), sample.numbers[known]
    gaps = sample.gaps(column.name)[known]
    filled = _tells(~gaps, hot, base)
    found = filled or _tells(gaps, hot, base)
    if not found:
        return None
    target = sample.target or ""
    words = f"nearly only in rows of one class of {shown(target)} ({percent(found)} of them)"
    some = few_rows(rows[~gaps if filled else gaps])
    return _finding(column, target, words, some, not filled)


def _of_number(sample: CheckSample) -> list[Finding]:
    """Columns that are filled, or left empty, only where the target is high, or only where low."""
    y = sample.outcome()[:, 0]
    known = ~np.isnan(y)
    findings = [
        sample.once("gaps tell", column, partial(_of_end, sample, column, known, y[known]))
        for column in sample.features()
        if column.missing
    ]
    return [f for f in findings if f is not None]


def _of_end(
    sample: CheckSample, column: Column, known: NDArray[np.bool_], y: NDArray[np.float64]
) -> Finding | None:
    """The finding where the column is filled, or left empty, at one end of the target only."""
    filled = ~sample.gaps(column.name)[known]
    if not LEAST_ROWS <= filled.sum() <= len(filled) - LEAST_ROWS:
        return None
    apart = auc(filled, y)
    if max(apart, 1 - apart) < APART:
        return None
    few, target = filled.mean() < 0.5, sample.target or ""
    where = "high" if (apart > 0.5) == few else "low"
    rows = sample.numbers[known][filled == few]
    state = f"nearly only in rows where {shown(target)} is {where}"
    return _finding(column, target, state, few_rows(rows), not few)


def recorded_together(sample: CheckSample) -> list[Finding]:
    """Columns that have no value in just the rows that have no target: both come at one time."""
    assert sample.target is not None
    unknown = np.isnan(sample.outcome()[:, 0])
    features = sample.features()
    if not LEAST_ROWS <= unknown.sum() <= 0.5 * len(unknown):
        return []
    same = [
        column.name
        for column in features
        if column.missing
        and sample.once("gaps agree", column, partial(_agree, sample, column, unknown))
    ]
    if len(same) > 0.3 * len(features):  # then whole rows are empty
        return []
    rows = few_rows(sample.numbers[unknown])
    return [_recorded(name, sample.target, rows) for name in same]


def _agree(sample: CheckSample, column: Column, unknown: NDArray[np.bool_]) -> bool:
    """True if the column has no value in just these rows, but for a few."""
    gaps = sample.gaps(column.name)
    return bool((gaps & unknown).sum() >= SAME_ROWS * max(1, (gaps | unknown).sum()))


def _recorded(name: str, target: str, rows: tuple[int, ...]) -> Finding:
    message = (
        f"{shown(name)} is empty in just the rows that have no {shown(target)}: it seems to be "
        "recorded together with the target, and not before."
    )
    return _leak(name, target, message, rows)


def _tells(state: NDArray[np.bool_], hot: NDArray[np.float64], base: NDArray[np.float64]) -> float:
    """The share of one class in these rows where it is beyond doubt; 0 otherwise."""
    rows = int(state.sum())
    if rows < LEAST_ROWS or rows > len(state) - LEAST_ROWS:
        return 0.0
    of_class = hot[state].sum(axis=0)
    top = int(of_class.argmax())
    pure, before = float(of_class[top]) / rows, float(base[top])
    covered = float(of_class[top]) / max(1.0, before * len(hot))
    surprising = 1 - pure <= LEFT * (1 - before) and before < 0.95
    return pure if pure >= PURE and surprising and covered >= COVERED else 0.0


def _finding(
    column: Column, target: str, where: str, rows: tuple[int, ...], empty: bool
) -> Finding:
    name, word = column.name, "empty" if empty else "filled"
    message = (
        f"{shown(name)} is {word} {where}: it seems to be {'left empty' if empty else 'filled'} "
        "after the fact."
    )
    return _leak(name, target, message, rows)


def _leak(name: str, target: str, message: str, rows: tuple[int, ...]) -> Finding:
    fix = f"Unless {shown(name)} is known when a prediction is made, leave it out."
    action = leave_out(name)
    return Finding("leak", (name, target), "warning", message, fix, "to_review", action, rows)
