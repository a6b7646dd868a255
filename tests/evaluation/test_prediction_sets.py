"""Prediction sets have the class of nine rows in ten, on rows that did not make them."""

from __future__ import annotations

import numpy as np
import pytest

from automl_core.evaluation.prediction_sets import Floats, Integers, in_set, prediction_sets


def _rows(rows: int, seed: int) -> tuple[Integers, Floats]:
    rng = np.random.default_rng(seed)
    chances = rng.dirichlet([0.6, 0.6, 0.6], rows)
    y = (chances.cumsum(axis=1) < rng.random((rows, 1))).sum(axis=1)
    return y, chances


@pytest.mark.parametrize("rows", [150, 1000, 5000])
def test_they_cover_what_they_promise_on_new_rows(rows: int) -> None:
    covered, promised = [], []
    for seed in range(10):
        found = prediction_sets(*_rows(rows, seed))
        assert found is not None and found.rows == rows
        y, chances = _rows(5000, 1000 + seed)
        covered.append(in_set(chances, found.least)[np.arange(5000), y].mean())
        promised.append(found.covered)
    assert abs(np.mean(covered) - 0.9) < 0.02 and abs(np.mean(promised) - 0.9) < 0.02


def test_a_set_is_never_empty_and_small_where_the_model_is_sure() -> None:
    y = np.arange(400) % 2
    sure = np.where(np.stack([y == 0, y == 1], axis=1), 0.99, 0.01)
    found = prediction_sets(y, sure)
    assert found is not None and found.size == 1 and found.covered == 1
    unsure = np.array([[0.5, 0.5], [0.6, 0.4]])
    assert in_set(unsure, found.least).sum(axis=1).tolist() == [1, 1]


def test_few_rows_make_no_sets() -> None:
    assert prediction_sets(*_rows(99, 0)) is None
