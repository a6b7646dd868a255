"""The input of an ensemble: trials' out-of-fold predictions, their costs, and limits on these.

Plain records, independent of runs, folders and fitted models.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl_core.types import Task

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Problem:
    """Rows that all candidates predict, with targets and weights, and the metric."""

    metric: str
    task: Task
    y: NDArray[np.float64] | NDArray[np.int64]  # (n,) values or class numbers
    weight: Floats | None  # (n,); None: all equal


@dataclass(frozen=True, eq=False)
class Candidate:
    """One trial: predictions for rows that it was not trained on, and what it costs."""

    family: str
    prediction: Floats  # (n, classes) or (n,), rows as in the problem
    members: int  # fitted models: its folds
    predict_ms_per_row: float  # of all its members together
    size_bytes: int  # likewise


@dataclass(frozen=True)
class Limits:
    """Limits on the costs of the final model: the sum over candidates with a weight; None: none."""

    most_members: int = 40
    most_ms: float | None = None  # a row
    most_bytes: int | None = None


def costs(candidates: Sequence[Candidate]) -> Floats:
    """Members, milliseconds a row and bytes of each: (m, 3)."""
    rows = [(c.members, c.predict_ms_per_row, c.size_bytes) for c in candidates]
    return np.array(rows, dtype=np.float64).reshape(len(rows), 3)


def ceiling(limits: Limits) -> Floats:
    """The limits as `costs` counts them: (3,), infinite where there is none."""
    most = (limits.most_members, limits.most_ms, limits.most_bytes)
    return np.array([np.inf if x is None else x for x in most], dtype=np.float64)


def take(problem: Problem, rows: Rows) -> Problem:
    """The problem with these rows only."""
    weight = None if problem.weight is None else problem.weight[rows]
    return Problem(problem.metric, problem.task, problem.y[rows], weight)


def sample_rows(n: int, most: int) -> Rows:
    """Ascending row numbers: all n, or a fixed random sample of `most`."""
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(0).permutation(n)[:most])
