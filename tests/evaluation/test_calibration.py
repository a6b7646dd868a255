"""Temperatures undo what was done to probabilities, and leave good ones alone."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from automl_core.evaluation.calibration import (
    COLDEST,
    HOTTEST,
    apply_temperature,
    cross_calibrate,
    fit_temperature,
)
from automl_core.metrics import score

Floats = NDArray[np.float64]


def _case(rows: int, classes: int, seed: int = 0) -> tuple[NDArray[np.int64], Floats]:
    """Classes drawn from the probabilities themselves: perfectly calibrated."""
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.ones(classes), rows)
    y = (rng.random((rows, 1)) > p.cumsum(axis=1)[:, :-1]).sum(axis=1)
    return y.astype(np.int64), p


@pytest.mark.parametrize("classes", [2, 7])
@pytest.mark.parametrize("temperature", [0.4, 1.0, 2.5])
def test_finds_the_temperature_that_was_applied(classes: int, temperature: float) -> None:
    y, p = _case(8_000, classes)
    assert fit_temperature(y, apply_temperature(p, 1 / temperature)) == pytest.approx(
        temperature, rel=0.06
    )


def test_keeps_rows_apart_and_their_order() -> None:
    _, p = _case(50, 3)
    warm = apply_temperature(p, 2.0)
    assert warm.sum(axis=1) == pytest.approx(np.ones(50))
    assert np.array_equal(warm.argmax(axis=1), p.argmax(axis=1))
    assert np.array_equal(warm[7:8], apply_temperature(p[7:8], 2.0))
    assert apply_temperature(p, 1.0) is p
    assert apply_temperature(np.array([[0.0, 1.0]]), 3.0).tolist() == [[0.0, 1.0]]


def test_calibrated_probabilities_are_nearly_left_alone() -> None:
    kept = [cross_calibrate(*_case(400, 2, seed))[0] for seed in range(20)]
    assert np.mean(np.abs(np.log(kept))) < 0.1
    assert max(abs(np.log(t)) for t in kept) < 0.2


def test_overconfident_ones_are_not_and_the_score_is_honest() -> None:
    y, p = _case(2_000, 4)
    sure = apply_temperature(p, 0.3)
    temperature, crossed = cross_calibrate(y, sure)
    assert temperature == pytest.approx(1 / 0.3, rel=0.1)
    honest, before = score("log_loss", y, crossed), score("log_loss", y, sure)
    own = score("log_loss", y, apply_temperature(sure, temperature))
    assert own <= honest < before


def test_perfect_and_hopeless_predictions_stay_within_bounds() -> None:
    y = np.arange(500) % 3
    perfect = np.eye(3)[y]
    for p in (perfect, 0.9 * perfect + 0.1 / 3, np.eye(3)[(y + 1) % 3], np.full((500, 3), 1 / 3)):
        temperature, crossed = cross_calibrate(y, p)
        assert COLDEST <= temperature <= HOTTEST
        assert np.isfinite(crossed).all() and np.isfinite(apply_temperature(p, temperature)).all()


def test_few_rows_or_no_weight_keep_what_is_there() -> None:
    y, p = _case(30, 2)
    assert cross_calibrate(y, apply_temperature(p, 0.2))[0] == 1.0
    y, p = _case(200, 2)
    assert cross_calibrate(y, p, np.zeros(200))[0] == 1.0


def test_few_sure_rows_are_no_reason_for_certainty() -> None:
    lost = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        p = rng.dirichlet([0.05, 0.05], 4_100).clip(1e-6)
        p /= p.sum(axis=1, keepdims=True)
        y = (rng.random(len(p)) < p[:, 1]).astype(np.int64)
        temperature, _ = cross_calibrate(y[:100], p[:100])
        fresh, kept = p[100:], score("log_loss", y[100:], p[100:])
        lost.append(score("log_loss", y[100:], apply_temperature(fresh, temperature)) / kept - 1)
    assert np.mean(lost) < 0.01  # 0.017 without a prior


def test_only_rows_with_weight_count() -> None:
    y, p = _case(4_000, 2)
    half = np.arange(4_000) < 2_000
    mixed = np.where(half[:, None], apply_temperature(p, 0.5), p[::-1])
    found = fit_temperature(y, mixed, half.astype(float))
    assert found == pytest.approx(fit_temperature(y[half], mixed[half]), rel=1e-3)
