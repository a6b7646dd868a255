"""Doubted labels: planted ones come first, and nothing is claimed where nothing speaks for it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from automl_core.evaluation.label_doubts import class_doubts, value_doubts

Floats = NDArray[np.float64]


def classes_that_differ(
    rng: np.random.Generator, rows: int, classes: int, apart: float
) -> tuple[NDArray[np.int64], Floats]:
    """True classes and their true probabilities, from Gaussian points `apart` from each other."""
    truth = rng.integers(0, classes, rows)
    points = np.eye(classes)[truth] * apart + rng.normal(size=(rows, classes))
    logits = apart * points
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return truth, odds / odds.sum(axis=1, keepdims=True)


@pytest.mark.parametrize(("classes", "apart"), [(2, 2.5), (3, 4.0), (10, 5.0)])
def test_planted_labels_come_first_and_are_counted(classes: int, apart: float) -> None:
    rng = np.random.default_rng(0)
    truth, probability = classes_that_differ(rng, 4000, classes, apart)
    planted = rng.random(4000) < 0.05
    y = np.where(planted, (truth + 1) % classes, truth)
    # As a model that learned from such labels says it.
    probability = 0.95 * probability + 0.05 * np.roll(probability, 1, axis=1)
    found = class_doubts(y, probability)
    many = int(planted.sum())
    assert planted[found.places[:many]].mean() > 0.8
    assert (np.diff(found.doubt) <= 0).all() and (found.doubt > 0).all()
    first = found.places[: many // 2]
    assert (found.suggested[: many // 2] == truth[first]).mean() > 0.95
    assert found.low is not None and found.high is not None
    assert found.confident <= len(found.places)
    assert found.low <= planted.mean() <= found.high and found.high < 0.1


@pytest.mark.parametrize("apart", [1.0, 2.5, 6.0])
def test_of_right_labels_hardly_any_is_counted_wrong(apart: float) -> None:
    counted = []
    for seed in range(20):
        truth, probability = classes_that_differ(np.random.default_rng(seed), 2000, 2, apart)
        found = class_doubts(truth, probability)
        assert found.high is not None
        counted.append(found.low)
        assert found.confident < 300
    if apart > 2:  # nearer, even the surest rows may be of either class
        assert max(counted) < 0.01


@pytest.mark.parametrize("kind", ["constant", "noise", "one class", "no row"])
def test_a_model_that_knows_nothing_doubts_nothing(kind: str) -> None:
    rng = np.random.default_rng(0)
    y = (rng.random(500) < 0.2).astype(np.int64)
    first = np.full(500, 0.8) if kind == "constant" else rng.random(500)
    if kind == "one class":
        y, first = np.zeros(500, np.int64), np.ones(500)
    rows = 0 if kind == "no row" else 500
    found = class_doubts(y[:rows], np.stack([first, 1 - first], axis=1)[:rows])
    assert not found.informed and not len(found.places) and found.low is None
    assert found.rows == rows


def test_few_rows_are_no_ground_for_a_count() -> None:
    truth, probability = classes_that_differ(np.random.default_rng(0), 1000, 3, 4.0)
    kept = np.append(np.flatnonzero(truth < 2), np.flatnonzero(truth == 2)[:4])
    y, probability = truth[kept], probability[kept]
    probability[:40] = 0.1, 0.1, 0.8
    found = class_doubts(y, probability)
    # Of a class with four rows nobody knows how probable it usually is.
    assert (found.suggested == 2).sum() >= 40 and found.confident < 20
    few = class_doubts(y[:200], probability[:200])
    assert few.informed and few.low is None and 0 < few.counted < 50  # too few to count


TAILS = {
    "normal": lambda rng, n: rng.normal(0, 3, n),
    "growing": lambda rng, n: rng.normal(0, np.linspace(0.1, 10, n)),
    "long": lambda rng, n: rng.lognormal(0, 1.2, n),
    "longer": lambda rng, n: rng.standard_t(3, n),
}


@pytest.mark.parametrize("tail", TAILS)
def test_a_long_tail_alone_is_no_wrong_value(tail: str) -> None:
    claimed = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        prediction = np.linspace(10, 100, 1000)
        y = prediction + TAILS[tail](rng, 1000)
        claimed += len(value_doubts(y, prediction).places)
    assert claimed <= 10


def test_values_with_a_slip_come_first() -> None:
    rng = np.random.default_rng(0)
    truth = rng.uniform(10, 100, 1000)
    prediction = truth + rng.normal(0, truth / 40)
    y = truth.copy()
    y[[3, 500, 900]] *= [10, 0.1, 100]
    found = value_doubts(y, prediction)
    assert found.places[0] == 900 and set(found.places.tolist()) == {3, 500, 900}
    assert found.suggested[0] == prediction[900]
    assert (np.diff(found.doubt) <= 0).all() and found.doubt[-1] > 10
    assert not len(value_doubts(truth, truth).places)  # exact: nothing to say
    assert not len(value_doubts(y[:100], prediction[:100]).places)  # too few rows
