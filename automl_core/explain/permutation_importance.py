"""Permutation importance: the loss of score when one column of the table is shuffled.

All matrix columns that were made from the same table column are shuffled together
(Breiman, Random Forests, 2001, section 10; Fisher, Rudin and Dominici, 2019, for any model).
Works on the encoded matrix, for any model that predicts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl_core.features import Feature
from automl_core.metrics import METRICS, score
from automl_core.models import Array

Predict = Callable[[Array], NDArray[np.float64]]

# 97.5 % quantiles of Student's t for 1 to 30 degrees of freedom; no need to load SciPy for it.
STUDENT_T = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
    2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
    2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip


@dataclass(frozen=True)
class ImportanceSummary:
    """Importance of each table column over `repeats` shuffles, most important first."""

    repeats: int
    features: tuple[str, ...]  # columns of the table
    mean: tuple[float, ...]  # > 0: the column helps, in units of the metric
    low: tuple[float, ...]  # 95 % interval of the mean
    high: tuple[float, ...]


def one_repeat(
    predict: Predict,
    x: Array,
    features: tuple[Feature, ...],
    y: NDArray[np.float64] | NDArray[np.int64],
    metric: str,
    *,
    weight: NDArray[np.float64] | None,
    seed: int,
) -> dict[str, float]:
    """Loss of score per table column when its matrix columns are shuffled once.

    `x` is (n, d) float32 with a Feature for each of its d columns; it is not changed. The
    result is in units of the metric and positive where the column helps, whichever way the
    metric points. Columns get shuffles of their own, decided by `seed` alone.
    """
    groups: dict[str, list[int]] = {}
    for i, feature in enumerate(features):
        groups.setdefault(feature.source, []).append(i)
    sign = 1.0 if METRICS[metric].higher_is_better else -1.0
    full = score(metric, y, predict(x), weight)
    shuffled = np.array(x, copy=True)
    lost = {}
    for number, (source, columns) in enumerate(groups.items()):
        order = np.random.default_rng((seed, number)).permutation(len(x))
        shuffled[:, columns] = x[order][:, columns]
        lost[source] = float(sign * (full - score(metric, y, predict(shuffled), weight)))
        shuffled[:, columns] = x[:, columns]
    return lost


def summarise(repeats: Sequence[dict[str, float]]) -> ImportanceSummary:
    """Mean and 95 % interval (Student's t over repeats) of each column, largest mean first.

    A single repeat has no spread: its interval goes from zero to
    twice the value, and shrinks once there are more. A column that some repeats lack (its
    encoder gave it no matrix column) counts as 0 there.
    """
    names = list(dict.fromkeys(name for repeat in repeats for name in repeat))
    values = np.array([[r.get(name, 0.0) for name in names] for r in repeats], dtype=np.float64)
    values = values.reshape(len(repeats), len(names))
    n = len(repeats)
    mean = values.mean(axis=0) if n else np.zeros(0)
    half = np.abs(mean)
    if n > 1:
        half = _student_t(n - 1) * values.std(axis=0, ddof=1) / math.sqrt(n)
    order = np.argsort(-mean, kind="stable")
    return ImportanceSummary(
        n,
        tuple(names[i] for i in order),
        tuple(mean[order].tolist()),
        tuple((mean - half)[order].tolist()),
        tuple((mean + half)[order].tolist()),
    )


def _student_t(freedom: int) -> float:
    """97.5 % quantile; beyond the table by 1.96 + 2.4 / freedom, good to three digits."""
    return STUDENT_T[freedom - 1] if freedom <= len(STUDENT_T) else 1.96 + 2.4 / freedom
