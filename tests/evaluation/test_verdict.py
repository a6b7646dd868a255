"""The verdict on a score: its word, its gain in percent, and what it never says."""

from __future__ import annotations

import numpy as np
import pytest

from automl_core.evaluation.verdict import (
    Grade,
    Measured,
    gain_words,
    grade_rules,
    judge,
    loss_removed,
    relative_gain,
    words_of_classes,
    words_of_values,
)
from automl_core.metrics import METRICS


@pytest.mark.parametrize(
    ("metric", "measured", "baseline", "grade"),
    [
        ("roc_auc", Measured(0.95, 0.93, 0.97), 0.5, Grade.EXCELLENT),
        ("roc_auc", Measured(0.74, 0.69, 0.78), 0.5, Grade.USEFUL),
        ("roc_auc", Measured(0.61, 0.55, 0.67), 0.5, Grade.WEAK),
        ("roc_auc", Measured(0.61, 0.49, 0.72), 0.5, Grade.GUESSING),
        ("roc_auc", Measured(0.31, 0.28, 0.35), 0.5, Grade.GUESSING),
        ("log_loss", Measured(0.37, 0.35, 0.39), 1.93, Grade.EXCELLENT),
        ("log_loss", Measured(4.094, 4.09, 4.1), 4.094, Grade.GUESSING),
        ("log_loss", Measured(4.094344562222091), 4.094344562222092, Grade.GUESSING),
        ("accuracy", Measured(0.80, 0.78, 0.82), 0.73, Grade.USEFUL),
        ("rmse", Measured(44_000.0, 43_000.0, 45_000.0), 115_000.0, Grade.EXCELLENT),
        ("r2", Measured(0.13, 0.11, 0.15), 0.0, Grade.WEAK),
        ("r2", Measured(0.13, -0.02, 0.25), -0.001, Grade.GUESSING),
        ("mae", Measured(12.0), 20.0, Grade.USEFUL),
        ("f1", Measured(0.5, 0.4, 0.6), 0.0, Grade.USEFUL),
        ("rmse", Measured(0.0, 0.0, 0.0), 0.0, Grade.GUESSING),
    ],
)
def test_grades(metric: str, measured: Measured, baseline: float, grade: Grade) -> None:
    assert judge(metric, measured, baseline).grade == grade


def test_regressions_are_judged_alike_whatever_the_metric() -> None:
    assert loss_removed("rmse", 5.0, 10.0) == pytest.approx(0.75)  # R² of these errors
    assert loss_removed("r2", 0.75, 0.0) == pytest.approx(0.75)
    assert loss_removed("roc_auc", 0.75, 0.5) == pytest.approx(0.5)
    assert loss_removed("rmse", 20.0, 10.0) < 0


@pytest.mark.parametrize(
    ("metric", "score", "baseline", "words"),
    [
        ("log_loss", 0.37, 1.93, "81 % lower than baseline"),
        ("roc_auc", 0.7384, 0.5, "48 % higher than baseline"),
        ("roc_auc", 0.45, 0.5, "10 % lower than baseline"),
        ("rmse", 120.0, 100.0, "20 % higher than baseline"),
        ("log_loss", 4.094344562222091, 4.094344562222092, "equal to baseline"),
        ("f1", 0.5, 0.0, "baseline 0"),
        ("accuracy", 0.7341, 0.7327, "0.2 % higher than baseline"),
    ],
)
def test_gains_are_in_percent(metric: str, score: float, baseline: float, words: str) -> None:
    assert gain_words(metric, score, baseline) == words


def test_a_difference_of_rounding_is_no_gain() -> None:
    assert relative_gain("log_loss", 4.094344562222092, 4.094344562222091) == 0.0
    assert relative_gain("f1", 0.4, 0.0) is None


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_has_rules_a_meaning_and_advice(metric: str) -> None:
    higher = METRICS[metric].higher_is_better
    baseline, score = (0.5, 0.8) if higher else (1.0, 0.6)
    verdict = judge(metric, Measured(score), baseline)
    assert "excellent from" in grade_rules(metric)
    assert verdict.meaning.endswith(".") and verdict.advice.endswith(".")


def test_a_score_without_error_asks_for_a_leak() -> None:
    verdict = judge("roc_auc", Measured(0.9995, 0.999, 1.0), 0.5)
    assert "leak" in verdict.advice
    assert "more than 99 of 100" in verdict.meaning


def test_what_a_model_finds_is_said_in_the_words_of_the_table() -> None:
    y = np.array([1, 1, 0, 0, 0, 0, 0, 0])
    chance = np.array([0.9, 0.1, 0.8, 0.3, 0.2, 0.2, 0.1, 0.1])
    both = np.column_stack([1 - chance, chance])
    assert words_of_classes("churn", ("no", "yes"), y, both) == (
        "Of 100 rows with churn = yes it finds 50 when it names as many as there are; at random "
        "it would find 25."
    )
    heavy = np.array([3.0, 1, 1, 1, 1, 1, 1, 1])  # rows with churn weigh 4 of 10
    assert "finds 75 when" in words_of_classes("churn", ("no", "yes"), y, both, heavy)
    three = np.eye(3)[[1, 1, 0, 0, 0, 0, 0, 2]]
    assert words_of_classes("kind", ("a", "b", "c"), y, three) == (
        "Of 100 rows it names the right one of 3 classes for 88; always “a” is right for 75."
    )
    assert words_of_classes("churn", ("no", "yes"), np.zeros(3, int), both[:3]) == ""


def test_how_far_off_a_model_is_stands_beside_the_values() -> None:
    y = np.linspace(0, 10_000, 101)
    assert words_of_values(y, y + 123.0) == (
        "It is off by 123 on average, where nine of ten values go from 500 to 9,500."
    )
    assert words_of_values(y[:0], y[:0]) == ""
