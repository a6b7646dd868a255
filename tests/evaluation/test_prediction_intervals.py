"""Prediction intervals: measured coverage is what new rows meet, local widths where they help."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from automl_core.evaluation.prediction_intervals import (
    MAX_ROWS,
    ROWS_FOR_INTERVALS,
    PredictionIntervals,
    prediction_intervals,
)

Floats = NDArray[np.float64]


def generated(rows: int, local: bool, seed: int) -> tuple[Floats, Floats]:
    """Actual values and predictions; `local`: the error grows with the prediction."""
    rng = np.random.default_rng(seed)
    prediction = rng.uniform(1, 20, rows)
    spread = 0.2 * prediction if local else 2.0
    return prediction + spread * rng.standard_normal(rows), prediction


def covered_of(found: PredictionIntervals, y: Floats, prediction: Floats) -> float:
    place = np.searchsorted(found.starts, prediction, side="right") - 1
    return float((np.abs(y - prediction) <= np.asarray(found.half_widths)[place]).mean())


@pytest.mark.parametrize("local", [False, True])
@pytest.mark.parametrize("rows", [200, 1000])
def test_new_rows_are_covered_and_the_measured_coverage_is_not_flattered(
    rows: int, local: bool
) -> None:
    on_new, measured = [], []
    for seed in range(20):
        found = prediction_intervals(*generated(rows, local, seed))
        assert found is not None
        on_new.append(covered_of(found, *generated(5000, local, 1000 + seed)))
        measured.append(found.covered)
    assert 0.885 <= np.mean(on_new) <= 0.915
    assert abs(np.mean(measured) - np.mean(on_new)) <= 0.01


def test_local_widths_are_chosen_where_they_are_shorter_and_only_there() -> None:
    chosen = {local: 0 for local in (False, True)}
    for local in chosen:
        for seed in range(10):
            found = prediction_intervals(*generated(1000, local, seed))
            assert found is not None
            chosen[local] += found.is_local
    assert chosen[True] == 10
    assert chosen[False] <= 2
    found = prediction_intervals(*generated(1000, True, 0))
    assert found is not None
    assert found.half_widths[0] < 0.3 * found.half_widths[-1]


def test_ranges_hold_all_rows_and_their_coverage() -> None:
    found = prediction_intervals(*generated(2000, True, 3))
    assert found is not None
    assert sum(part.rows for part in found.by_range) == 2000
    mean = sum(part.rows * part.covered for part in found.by_range) / 2000
    assert mean == pytest.approx(found.covered)
    widths = [part.width for part in found.by_range]
    assert widths[-1] > 3 * widths[0]
    assert all(p.covered_low <= p.covered <= p.covered_high for p in found.by_range)
    assert all(0.8 <= part.covered <= 0.97 for part in found.by_range)


def test_too_few_rows_exact_predictions_and_one_prediction() -> None:
    assert prediction_intervals(np.arange(3.0), np.arange(3.0)) is None
    assert prediction_intervals(*generated(ROWS_FOR_INTERVALS - 1, False, 0)) is None
    assert prediction_intervals(*generated(ROWS_FOR_INTERVALS, False, 0)) is not None
    y = np.arange(500.0)
    exact = prediction_intervals(y, y)
    assert exact is not None and exact.width == 0 and exact.covered == 1
    constant = prediction_intervals(y, np.full(500, 250.0))
    assert constant is not None and len(constant.by_range) == 1
    assert constant.half_widths[0] == pytest.approx(225, abs=2)
    many = prediction_intervals(*generated(MAX_ROWS + 1000, True, 0))
    assert many is not None and many.rows == MAX_ROWS and 0.89 <= many.covered <= 0.91
    damaged = prediction_intervals(np.full(60, np.nan), y[:60])
    assert damaged is None
