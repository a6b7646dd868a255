"""Curves and counts agree with scikit-learn, and the sentences say what the numbers say."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, roc_auc_score, roc_curve

from automl_core.evaluation.diagnostics import (
    MAX_CLASSES,
    actual_predicted,
    confusion,
    not_numbers,
    plain_number,
    roc_curves,
)


def two_class(rows: int = 500) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(1)
    y = random.integers(0, 2, rows)
    score = np.round(np.clip(0.3 * y + random.uniform(0, 0.7, rows), 0, 1), 2)  # with ties
    return y, np.column_stack([1 - score, score])


def test_roc_equals_scikit_learn() -> None:
    y, p = two_class()
    (curve,) = roc_curves(y, p, ["no", "yes"], max_points=10_000)
    false_rate, true_rate, _ = roc_curve(y, p[:, 1], drop_intermediate=False)
    assert curve.label == "yes"
    assert curve.false_rate == pytest.approx(false_rate)
    assert curve.true_rate == pytest.approx(true_rate)
    assert curve.area == pytest.approx(roc_auc_score(y, p[:, 1]))


def test_weighted_roc_equals_scikit_learn() -> None:
    y, p = two_class()
    weight = np.random.default_rng(2).uniform(0, 3, len(y))
    (curve,) = roc_curves(y, p, ["no", "yes"], weight, max_points=10_000)
    false_rate, true_rate, _ = roc_curve(y, p[:, 1], sample_weight=weight, drop_intermediate=False)
    assert curve.false_rate == pytest.approx(false_rate)
    assert curve.true_rate == pytest.approx(true_rate)
    assert curve.area == pytest.approx(roc_auc_score(y, p[:, 1], sample_weight=weight))
    assert roc_curves(y, p, ["no", "yes"], np.where(y == 1, weight, 0)) == ()


def test_thinned_roc_keeps_ends_area_and_shape() -> None:
    random = np.random.default_rng(2)
    y = random.integers(0, 2, 20_000)
    score = 0.4 * y + random.uniform(0, 0.6, len(y))
    (curve,) = roc_curves(y, np.column_stack([1 - score, score]), ["0", "1"], max_points=100)
    assert len(curve.false_rate) <= 100
    assert (curve.false_rate[0], curve.true_rate[0]) == (0.0, 0.0)
    assert (curve.false_rate[-1], curve.true_rate[-1]) == (1.0, 1.0)
    assert np.trapezoid(curve.true_rate, curve.false_rate) == pytest.approx(curve.area, abs=0.01)


def test_roc_of_many_classes_skips_absent_ones() -> None:
    y = np.array([0, 0, 2, 2, 2])
    p = np.full((5, 3), 1 / 3)
    assert [c.label for c in roc_curves(y, p, ["a", "b", "c"])] == ["c", "a"]
    assert all(c.area == pytest.approx(0.5) for c in roc_curves(y, p, ["a", "b", "c"]))


def test_roc_of_one_class_is_empty() -> None:
    assert roc_curves(np.zeros(4, np.int64), np.full((4, 2), 0.5), ["a", "b"]) == ()


def test_confusion_equals_scikit_learn() -> None:
    random = np.random.default_rng(3)
    y, p = random.integers(0, 4, 300), random.dirichlet(np.ones(4), 300)
    counts = confusion(y, p, list("abcd"))
    assert np.array_equal(counts.counts, confusion_matrix(y, p.argmax(1)))
    assert counts.accuracy == pytest.approx((y == p.argmax(1)).mean())


def test_confusion_sentence_of_two_classes() -> None:
    y = np.array([0] * 6 + [1] * 4)
    called = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 0])
    p = np.eye(2)[called]
    assert confusion(y, p, ["stays", "leaves"]).sentence == (
        "Of the rows predicted as “leaves”, 3 of 4 are right. "
        "Of the rows that really are “leaves”, 3 of 4 are found."
    )
    never = confusion(y, np.eye(2)[np.zeros(10, int)], ["stays", "leaves"]).sentence
    assert never == "No row is predicted as “leaves”: the model always answers “stays”."


def test_confusion_sentence_names_the_most_common_mix_up() -> None:
    y = np.array([0, 0, 0, 1, 1, 2])
    p = np.eye(3)[np.array([0, 1, 1, 1, 1, 2])]
    assert confusion(y, p, ["ham", "jam", "tea"]).sentence == (
        "4 of 6 rows get the right class. The most common mix-up: “ham” taken for “jam” (2 rows)."
    )


def test_almost_all_is_never_called_all() -> None:
    y = np.array([0] * 1000)
    called = np.zeros(1000, int)
    called[0] = 1
    assert "more than 99 of 100" in confusion(y, np.eye(3)[called], list("abc")).sentence


def test_rare_classes_are_counted_together() -> None:
    size = MAX_CLASSES + 10
    y = np.repeat(np.arange(size), np.arange(size, 0, -1))
    counts = confusion(y, np.eye(size)[y], [f"c{i}" for i in range(size)])
    assert len(counts.labels) == MAX_CLASSES
    assert counts.labels[-1] == "11 rarer classes"
    assert sum(map(sum, counts.counts)) == len(y)


def test_actual_predicted_describes_all_rows_and_samples_some() -> None:
    y = np.arange(10_000, dtype=np.float64)
    result = actual_predicted(y, y + 100.0, max_points=50)
    assert len(result.actual) == len(result.predicted) == 50
    assert result.rows == 10_000
    assert (result.mean_error, result.median_error, result.bias) == (100.0, 100.0, 100.0)
    assert result.sentence == (
        "On average the prediction is off by 100; always answering the median would be "
        "off by 2,500. Half of the predictions are closer than 100, and they are too high on "
        "the whole."
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [(32_149.0, "32,100"), (0.012345, "0.0123"), (1.5, "1.5"), (0.0, "0"), (99.96, "100")],
)
def test_plain_number(value: float, text: str) -> None:
    assert plain_number(value) == text


def test_rows_without_a_number_are_counted_once() -> None:
    assert not_numbers(np.array([1.0, np.nan, np.inf])) == 2
    assert not_numbers(np.array([[0.5, 0.5], [np.nan, np.nan], [0.0, np.nan]])) == 2
