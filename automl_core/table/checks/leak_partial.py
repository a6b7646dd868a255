"""Columns that give away a part: one class of the target, or nearly all that can be known of it.

An honest strong column is not alone: the others, taken together, tell much of the same. What one
column knows almost surely and all others hardly guess was probably recorded after the outcome.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl_core.table import Finding, TypedColumn, leave_out, shown
from automl_core.table.checks.leak_single_column import (
    MAX_ROWS,
    KnownTarget,
    auc,
    bins_of,
    judged,
    known_target,
    predicted_by,
    strength_of,
)
from automl_core.table.checks.sample import CheckSample, few_rows
from automl_core.words import percent

NEARLY = {"binary": 0.96, "multiclass": 0.85, "regression": 0.95}
"""Score of one column alone, from which on it is compared with the others."""
OTHERS = {"binary": 0.8, "multiclass": 0.4, "regression": 0.5}
"""Score of all others together, above which the strong column is no surprise."""

MOST_COLUMNS = 200
PURE, COVERED = 0.97, 0.3  # share of the class in rows of a value; of the class that has the value
LEFT = 0.08  # of the impurity that chance would give
LEAST_ROWS, MOST_VALUES = 30, 200
GUESSED = 0.8  # area under the curve with which others may tell that class
OFTEN = 0.05  # share of the rows with one number, that it counts as a value
Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Table:
    """The columns in rows that have a target: typed, and their predictions alone."""

    target: KnownTarget
    typed: dict[str, TypedColumn]  # of the rows with a target
    scores: dict[str, float]
    rows: NDArray[np.int64]  # (n,) row numbers in the whole table

    def others(self, without: set[str]) -> Numbers:
        """(n, k) predictions of all other columns together, each half from the other one."""
        parts = [
            predicted_by(bins_of(typed), self.target)
            for name, typed in self.typed.items()
            if name not in without
        ]
        y = self.target.values
        if not parts:
            return np.repeat(y.mean(axis=0)[None, :], len(y), axis=0)
        x = np.column_stack([*parts, np.ones(len(y))])
        found = np.empty_like(y)
        for half in (self.target.half, ~self.target.half):
            penalty = 1e-3 * len(y) * np.eye(x.shape[1]) * x.var(axis=0).max()
            known = x[~half]
            weights = np.linalg.solve(known.T @ known + penalty, known.T @ y[~half])
            found[half] = x[half] @ weights
        return found


def partial_leaks(sample: CheckSample, accused: set[str]) -> list[Finding]:
    """Findings on columns that tell nearly all, or one class; not on those `accused` already."""
    table = _table(sample, accused)
    if table is None or sample.target is None:
        return []
    task = table.target.task
    strong = {name for name, score in table.scores.items() if score >= NEARLY[task]}
    findings = []
    if strong:
        rest = judged(_shares(table.others(strong), task), table.target)
        if rest <= OTHERS[task]:
            findings = [_nearly_all(n, sample.target, table.scores[n], rest, task) for n in strong]
    if task != "regression":
        findings += _of_values(sample, table, strong)
    return findings


def _table(sample: CheckSample, accused: set[str]) -> _Table | None:
    assert sample.target is not None and sample.task is not None
    columns = [c for c in sample.features() if c.role != "text" and c.name not in accused]
    if not 2 <= len(columns) <= MOST_COLUMNS or len(sample.numbers) > MAX_ROWS:
        return None
    prepared = known_target(sample.table, sample.schema.column(sample.target), sample.task)
    if prepared is None or prepared[0].values.shape[1] > 20:
        return None
    target, present = prepared
    at = np.flatnonzero(present)
    typed = {c.name: sample.typed(c.name).take(at) for c in columns}
    every = np.ones(len(at), np.bool_)
    scores = {name: strength_of(t, every, target) for name, t in typed.items()}
    return _Table(target, typed, scores, sample.numbers[at])


def _shares(predicted: Numbers, task: str) -> Numbers:
    """Predictions of classes as shares that sum to one; numbers as they are."""
    if task != "multiclass":
        return predicted
    positive = np.maximum(predicted, 1e-3)
    return np.asarray(positive / positive.sum(axis=1, keepdims=True), np.float64)


def _nearly_all(name: str, target: str, score: float, rest: float, task: str) -> Finding:
    measure = {"binary": "AUC", "multiclass": "share of its uncertainty", "regression": "R2"}[task]
    message = (
        f"{shown(name)} alone tells nearly all that can be known of {shown(target)} ({measure} "
        f"{score:.2f}), and all other columns together hardly anything ({rest:.2f}): it may be "
        "known only after the outcome."
    )
    return _leak(name, target, message, ())


def _of_values(sample: CheckSample, table: _Table, strong: set[str]) -> list[Finding]:
    """Columns with a value that stands in rows of one class only, and in many of these."""
    assert sample.target is not None
    hot = table.target.values
    found: dict[str, tuple[str, int, NDArray[np.bool_]]] = {}
    for name, typed in table.typed.items():
        if name not in strong and typed.signals is None:
            telling = _telling_value(typed, hot)
            if telling is not None:
                found[name] = telling
    if not found:
        return []
    rest = table.others({*found, *strong})
    findings = []
    for name, (value, k, state) in found.items():
        positive = hot[:, k] > 0
        guessed = auc(positive, rest[:, k])
        if guessed <= GUESSED:
            labels = _label(sample, table, positive)
            share = float(positive[state].mean())
            covered = float(state[positive].mean())
            message = (
                f"{shown(name)} is {value} in {percent(covered)} of the rows of one class of "
                f"{shown(sample.target)}{labels}, and {percent(share)} of the rows with it are of "
                "that class; other columns hardly tell it. It may be written after the outcome."
            )
            rows = few_rows(table.rows[state])
            findings.append(_leak(name, sample.target, message, rows))
    return findings


def _label(sample: CheckSample, table: _Table, positive: NDArray[np.bool_]) -> str:
    assert sample.target is not None
    first = int(np.flatnonzero(positive)[0])
    place = int(np.searchsorted(sample.numbers, table.rows[first]))
    return f" ({shown(str(sample.cells(sample.target)[place].as_py()))})"


def _telling_value(typed: TypedColumn, hot: Numbers) -> tuple[str, int, NDArray[np.bool_]] | None:
    """A value in words, the class that it tells, and the rows that have it."""
    for words, state in _values(typed):
        rows = int(state.sum())
        if not LEAST_ROWS <= rows <= len(state) - LEAST_ROWS:
            continue
        of_class = hot[state].sum(axis=0)
        k = int(of_class.argmax())
        base = float(hot[:, k].mean())
        pure, covered = float(of_class[k]) / rows, float(of_class[k]) / max(1.0, base * len(hot))
        if pure >= PURE and 1 - pure <= LEFT * (1 - base) and covered >= COVERED and base < 0.95:
            return words, k, state
    return None


def _values(typed: TypedColumn) -> list[tuple[str, NDArray[np.bool_]]]:
    """Each frequent value of a column in words, and the rows that have it."""
    gaps = typed.gaps
    found = [("empty", gaps), ("filled", ~gaps)] if gaps.any() else []
    if typed.codes is not None:
        counts = np.bincount(typed.codes[~gaps], minlength=len(typed.words))
        often = np.flatnonzero(counts >= LEAST_ROWS)[:MOST_VALUES]
        return [*found, *((shown(typed.words[i]), typed.codes == i) for i in often)]
    assert typed.numbers is not None
    values, counts = np.unique(typed.numbers[~gaps], return_counts=True)
    frequent = values[counts >= max(LEAST_ROWS, OFTEN * len(gaps))][:MOST_VALUES]
    return [*found, *((f"{v:g}", typed.numbers == v) for v in frequent)]


def _leak(name: str, target: str, message: str, rows: tuple[int, ...]) -> Finding:
    fix = f"Unless {shown(name)} is known when a prediction is made, leave it out."
    action = leave_out(name)
    return Finding("leak", (name, target), "warning", message, fix, "to_review", action, rows)
