"""Columns of which the target is made: a sum, a difference, a weighted sum, or a product."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from automl_core.table import Finding, leave_out, listed, shown
from automl_core.table.checks.sample import CheckSample

ROWS, COLUMNS = 2_000, 60
EXACT = 1 - 2e-4  # share of the target's variance that rounding may leave
LEAST_PART = 0.01  # of the target's deviation, that a part accounts for
Numbers = NDArray[np.float64]


def exact_arithmetic(sample: CheckSample) -> list[Finding]:
    """Numeric columns that give a number target exactly, two or more together."""
    target = sample.target
    numeric = [c.name for c in sample.features() if c.role == "numeric" and c.distinct > 2]
    if target is None or sample.task != "regression" or not 2 <= len(numeric) <= COLUMNS:
        return []
    every = max(1, len(sample.numbers) // ROWS)
    y = sample.outcome()[::every, 0]
    known = ~np.isnan(y)
    parts = sample.matrix(numeric)[::every][known]
    y = y[known]
    if len(y) < 50:
        return []
    pairs = [_finding((numeric[i], numeric[j]), word, target) for i, j, word in _pairs(parts, y)]
    if pairs:
        return pairs
    used = _straight(parts, y)
    if used:
        return [_finding(tuple(numeric[i] for i in used), "and", target)]
    used = _product(parts, y)
    return [_finding(tuple(numeric[i] for i in used), "times", target)] if used else []


def _pairs(parts: Numbers, y: Numbers) -> list[tuple[int, int, str]]:
    """Pairs whose sum or difference is the target in nearly every row."""
    found = []
    for i in range(parts.shape[1]):
        for j in range(parts.shape[1]):
            for sign, word in ((1.0, "plus"), (-1.0, "minus")):
                if i == j or (sign > 0 and j < i):
                    continue
                close = np.isclose(parts[:, i] + sign * parts[:, j], y, rtol=1e-9, atol=1e-9)
                if close.mean() >= 0.99 and np.ptp(parts[close][:, [i, j]], axis=0).min() > 0:
                    found.append((i, j, word))
    return found


def _straight(parts: Numbers, y: Numbers) -> list[int]:
    """The columns of a weighted sum that leaves nothing of the target."""
    usable = np.flatnonzero(np.isnan(parts).mean(axis=0) < 0.2)
    rows = ~np.isnan(parts[:, usable]).any(axis=1)
    x, goal = parts[rows][:, usable], y[rows] - y[rows].mean()
    if len(goal) < max(50, 4 * len(usable)) or goal.std() == 0:
        return []
    spread = x.std(axis=0)
    x = (x - x.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    weights = np.linalg.lstsq(x, goal, rcond=1e-8)[0]
    used = np.flatnonzero(np.abs(weights) >= LEAST_PART * goal.std())
    if not 2 <= len(used) <= 8:
        return []
    weights = np.linalg.lstsq(x[:, used], goal, rcond=None)[0]
    left = ((goal - x[:, used] @ weights) ** 2).sum() / (goal**2).sum()
    return [int(usable[i]) for i in used] if 1 - left >= EXACT else []


def _product(parts: Numbers, y: Numbers) -> list[int]:
    """The columns of a product or quotient, found as a sum of logarithms."""
    positive = np.flatnonzero(np.nanmin(parts, axis=0, initial=np.inf) > 0)
    if y.min() <= 0 or len(positive) < 2:
        return []
    return [int(positive[i]) for i in _straight(np.log(parts[:, positive]), np.log(y))]


def _finding(names: tuple[str, ...], word: str, target: str) -> Finding:
    if word == "and":
        message = f"{listed(names)} give the target {shown(target)} exactly, as a weighted sum."
    else:
        joined = f" {word} ".join(shown(n) for n in names)
        message = f"{joined} is the target {shown(target)}, row for row."
    both = "both" if len(names) == 2 else "all"
    fix = f"Unless {both} are known when a prediction is made, set their roles to ignored."
    action = leave_out(*names)
    return Finding("leak", (*names, target), "warning", message, fix, "to_review", action)
