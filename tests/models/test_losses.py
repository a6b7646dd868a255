"""The losses of boosting: derivatives as finite differences give them, and finite everywhere."""

from __future__ import annotations

import numpy as np
import pytest

from automl_core.models.losses import derivatives
from automl_core.types import Task

STEP = 1e-4
OUTPUTS: dict[Task, int] = {"regression": 1, "binary": 1, "multiclass": 4}


def _loss(task: Task, y: np.ndarray, raw: np.ndarray) -> np.ndarray:
    """Loss of each row (n,)."""
    if task == "regression":
        return np.asarray(0.5 * (raw[:, 0] - y) ** 2)
    if task == "binary":
        return np.asarray(np.logaddexp(0.0, raw[:, 0]) - y * raw[:, 0])
    largest = raw.max(axis=1)
    total = largest + np.log(np.exp(raw - largest[:, None]).sum(axis=1))
    return np.asarray(total - raw[np.arange(len(y)), y])


def _case(task: Task, spread: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    raw = spread * rng.normal(size=(200, OUTPUTS[task]))
    if task == "regression":
        y = rng.normal(size=200)
    else:
        y = rng.integers(0, max(2, OUTPUTS[task]), 200)
    return y, raw, rng.uniform(0.5, 2.0, 200)


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize("task", list(OUTPUTS))
def test_equal_to_finite_differences(task: Task, weighted: bool) -> None:
    y, raw, weight = _case(task, 2.0)
    first, second = derivatives(task, y, np.asfortranarray(raw), weight if weighted else None)
    assert first.dtype == second.dtype == np.float32
    factor = weight if weighted else np.ones(len(y))
    for k in range(OUTPUTS[task]):
        step = np.zeros(OUTPUTS[task])
        step[k] = STEP
        above, here, below = (_loss(task, y, raw + s * step) for s in (1, 0, -1))
        np.testing.assert_allclose(
            first[:, k], factor * (above - below) / (2 * STEP), rtol=1e-5, atol=1e-6
        )
        np.testing.assert_allclose(
            second[:, k], factor * (above - 2 * here + below) / STEP**2, rtol=1e-3, atol=1e-6
        )


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_scores_far_from_zero_stay_finite(task: Task) -> None:
    y, raw, _ = _case(task, 1e4)
    first, second = derivatives(task, y, raw, None)
    assert np.isfinite(first).all() and (np.abs(first) <= 1.0).all()
    assert np.isfinite(second).all() and (second >= 0.0).all()
