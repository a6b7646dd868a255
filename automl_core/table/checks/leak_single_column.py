"""Columns that give the target away: each alone predicts it almost perfectly.

Each column is scored alone, out of fold, by the mean target (or the class shares) of its
bins or values. Knows nothing of models.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from automl_core.table import Column, Finding, ParseRule, TypedColumn, leave_out, shown
from automl_core.table.checks.sample import CheckSample
from automl_core.table.inference import Task
from automl_core.table.parsing import parse_column
from automl_core.words import percent

MAX_ROWS = 20_000
MAX_BINS = 200
AUC, EXPLAINED, R2 = 0.985, 0.95, 0.985
"""What one column must reach, out of fold, for binary, multiclass and number targets.

Honest columns of real tables stay below: the best single measurement of the breast cancer
data reaches an AUC of 0.975, departure delay explains 0.87 of arrival delay, and carat 0.87
of a diamond's price.
"""
_MIN_ROWS = 50
_ROWS_A_BIN = 20
_PRIOR = 0.5  # rows' worth of the overall mean in each bin


@dataclass(frozen=True, eq=False)
class KnownTarget:
    """The target in the rows that have one, and a random half of them."""

    task: Task
    values: NDArray[np.float64]  # (n, classes) one-hot, or (n, 1) numbers
    half: NDArray[np.bool_]  # (n,) random halves for cross-fitting

    @cached_property
    def labels(self) -> NDArray[np.int64]:
        """(n,) the class of each row."""
        return np.asarray(self.values.argmax(axis=1), np.int64)

    @cached_property
    def halves(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The rows of both halves."""
        return np.flatnonzero(self.half), np.flatnonzero(~self.half)


def find_leaks(sample: CheckSample) -> list[Finding]:
    """One finding a column that repeats the target or nearly does."""
    target, task = sample.target, sample.task
    assert target is not None and task is not None
    prepared = known_target(sample.table, sample.schema.column(target), task)
    if prepared is None:
        return []
    findings = []
    limit = {"binary": AUC, "multiclass": EXPLAINED, "regression": R2}[task]
    for column in sample.schema.columns:
        if column.name == target or column.role in ("text", "ignored"):
            continue
        score = sample.once("tells alone", column, partial(_alone, sample, column, prepared))
        if score >= limit and column.role == "id":
            findings.append(_ordered(column.name, target))
        elif score >= limit:
            findings.append(_finding(column.name, target, task, score))
    return findings


def _alone(
    sample: CheckSample, column: Column, prepared: tuple[KnownTarget, NDArray[np.bool_]]
) -> float:
    """The score of the column alone; 0 for keys in words, which have no order."""
    known, present = prepared
    rule = ParseRule("number") if column.role == "id" else column.parse
    typed = parse_column(sample.cells(column.name), column.name, rule)
    if column.role == "id" and (typed.numbers is None or np.isnan(typed.numbers).any()):
        return 0.0
    return strength_of(typed, present, known)


def strength_of(typed: TypedColumn, present: NDArray[np.bool_], known: KnownTarget) -> float:
    """The score of the column alone as a prediction of the target, in the measure of its task."""
    score = _score(bins_of(typed)[present], known)
    if known.task == "regression" and typed.numbers is not None:
        return max(score, _straightness(typed.numbers[present], known.values[:, 0]))
    if known.task == "multiclass" and typed.numbers is not None:
        return max(score, _neighbours(typed.numbers[present], known))
    return score


def _ordered(name: str, target: str) -> Finding:
    message = (
        f"{shown(name)} counts the rows in an order that gives {shown(target)} away: the table "
        "seems to be sorted by it."
    )
    fix = "As an id it is left out of training; give it no other role."
    return Finding("leak", (name, target), "info", message, fix, "fixed")


def _finding(name: str, target: str, task: Task, score: float) -> Finding:
    measure = {
        "binary": f"AUC {score:.3f}",
        "multiclass": f"{percent(score)} of its uncertainty explained",
        "regression": f"R2 {score:.3f}",
    }[task]
    message = (
        f"{shown(name)} alone predicts the target almost perfectly ({measure}). It may be "
        "known only after the outcome, or be the outcome in other words."
    )
    fix = f"Unless {shown(name)} is known when a prediction is made, set its role to ignored."
    action = leave_out(name)
    return Finding("leak", (name, target), "warning", message, fix, "to_review", action)


def known_target(
    table: pa.Table, column: Column, task: Task
) -> tuple[KnownTarget, NDArray[np.bool_]] | None:
    """The target of a table, and which rows (n,) have one; None where these are too few."""
    values = table.column(table.schema.get_field_index(column.name))
    if task == "regression":
        rule = column.parse if column.parse.kind == "number" else ParseRule("number")
        numbers = parse_column(values, column.name, rule).numbers
        assert numbers is not None
        present = ~np.isnan(numbers)
        y = numbers[present][:, None]
        enough = len(y) >= _MIN_ROWS and bool(np.ptp(y) > 0)
    else:
        codes = parse_column(values, column.name, ParseRule("string", column.parse.missing)).codes
        assert codes is not None
        present = codes >= 0
        labels, y_codes = np.unique(codes[present], return_inverse=True)
        enough = len(y_codes) >= _MIN_ROWS and 2 <= len(labels) <= 200
        y = np.eye(len(labels))[y_codes] if enough else np.zeros((0, 1))
    if not enough:
        return None
    half = np.random.default_rng(0).random(len(y)) < 0.5
    return KnownTarget(task, y, half), present


def bins_of(column: TypedColumn) -> NDArray[np.int64]:
    """(n,) bin of each row: its value where few, quantiles where many; 0 is missing."""
    if column.codes is not None:
        return column.codes.astype(np.int64) + 1
    assert column.numbers is not None
    numbers = column.numbers
    good = ~np.isnan(numbers)
    bins = np.zeros(len(numbers), np.int64)
    distinct = np.unique(numbers[good])
    most = max(10, min(MAX_BINS, int(good.sum()) // _ROWS_A_BIN))
    if len(distinct) > most:
        distinct = np.unique(np.quantile(numbers[good], np.linspace(0, 1, most)))
    bins[good] = np.searchsorted(distinct, numbers[good], side="right")
    return bins


def _score(bins: NDArray[np.int64], target: KnownTarget) -> float:
    """AUC, share of entropy explained, or R2, of predictions from the other half's bins."""
    return judged(predicted_by(bins, target), target)


def predicted_by(bins: NDArray[np.int64], target: KnownTarget) -> NDArray[np.float64]:
    """(n, k) the mean target of each row's bin (n,) in the half that the row is not of."""
    size = int(bins.max()) + 1
    overall = target.values.mean(axis=0)
    predicted = np.empty_like(target.values)
    for rows, others in (target.halves, target.halves[::-1]):
        known = bins[others]
        sums = _sums(known, target, others, size)
        counts = np.bincount(known, minlength=size)[:, None]
        means = (sums + _PRIOR * overall) / (counts + _PRIOR)
        predicted[rows] = means[bins[rows]]
    return predicted


def _sums(
    bins: NDArray[np.int64], target: KnownTarget, rows: NDArray[np.int64], size: int
) -> NDArray[Any]:
    """(size, k) the target's sum over the rows of each bin; `bins` are those of `rows`."""
    wide = target.values.shape[1]
    if target.task == "regression":
        return np.bincount(bins, target.values[rows, 0], size)[:, None]
    return np.bincount(bins * wide + target.labels[rows], minlength=size * wide).reshape(size, wide)


def judged(predicted: NDArray[np.float64], target: KnownTarget) -> float:
    """AUC, share of entropy explained, or R2, of predictions (n, k)."""
    overall = target.values.mean(axis=0)
    if target.task == "regression":
        error = ((target.values - predicted) ** 2).sum()
        return float(1 - error / ((target.values - overall) ** 2).sum())
    if target.task == "binary":
        above = auc(target.values[:, 1] > 0, predicted[:, 1])
        return max(above, 1 - above)
    likelihood = np.log(np.maximum(predicted, 1e-9))[target.values > 0].mean()
    entropy = -(overall * np.log(np.maximum(overall, 1e-12))).sum()
    return float(1 + likelihood / entropy)


def _neighbours(x: NDArray[np.float64], target: KnownTarget) -> float:
    """The share of a blind guess's errors that nearest rows avoid; 0 with gaps.

    Follows classes that lie side by side, which bins of few rows cut across.
    """
    if np.isnan(x).any() or np.ptp(x) == 0:
        return 0.0
    labels = target.labels
    wrong = 0
    for rows, others in (target.halves, target.halves[::-1]):
        order = np.argsort(x[others], kind="stable")
        known, answers = x[others][order], labels[others][order]
        at = np.clip(np.searchsorted(known, x[rows]), 1, len(known) - 1)
        left_nearer = x[rows] - known[at - 1] <= known[at] - x[rows]
        wrong += int((answers[at - left_nearer] != labels[rows]).sum())
    blind = 1 - target.values.mean(axis=0).max()
    return float(1 - wrong / len(labels) / blind)


def _straightness(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """R2 of a straight line, which bins of few rows cannot follow; 0 where cells are missing."""
    if np.isnan(x).any() or np.ptp(x) == 0:
        return 0.0
    scaled = (x - x.mean()) / np.abs(x - x.mean()).max()
    return float(np.corrcoef(scaled, y)[0, 1] ** 2)


def auc(positive: NDArray[np.bool_], score: NDArray[np.float64]) -> float:
    """Area under the ROC curve by mean ranks (Mann-Whitney)."""
    _, place, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2
    n, m = int(positive.sum()), int((~positive).sum())
    if not n or not m:
        return 0.5
    return float((ranks[place][positive].sum() - n * (n + 1) / 2) / (n * m))
