"""Ties are found where the truth is a tie, and standard errors are those of resampled rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from automl_core.ensemble.candidates import take
from automl_core.ensemble.statistical_ties import influences, smallest_tied, standard_error, tied
from automl_core.metrics import score
from tests.ensemble.synthetic import METRICS, case


@pytest.mark.parametrize("metric", METRICS)
def test_equals_are_tied_and_the_worse_are_not(metric: str) -> None:
    problem, candidates = case(metric, rows=3_000, count=3, noise=0.3)
    _, worse = case(metric, rows=3_000, count=2, noise=3.0)
    winner, *others = [c.prediction for c in candidates]
    answers = tied(problem, winner, [winner, *others, *[c.prediction for c in worse]])
    assert answers[0] and not any(answers[3:])
    back = tied(problem, worse[0].prediction, [winner])
    assert back == (True,)  # better is no reason to be left out


def test_false_alarms_are_as_rare_as_promised() -> None:
    found = 0
    for seed in range(200):
        problem, candidates = case("roc_auc", rows=300, count=2, seed=seed)
        found += tied(problem, candidates[0].prediction, [candidates[1].prediction])[0]
    assert found > 0.94 * 200  # 97.5 % of equals, one side


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("metric", METRICS)
def test_standard_error_is_that_of_resampled_rows(metric: str, weighted: bool) -> None:
    problem, (a, b) = case(metric, rows=600, count=2)
    rng = np.random.default_rng(0)
    if weighted:
        problem = replace(problem, weight=rng.random(600) + 0.1)
    differences = []
    for _ in range(300):
        rows = rng.integers(0, 600, 600)
        part = take(problem, rows)
        one, two = (score(metric, part.y, c.prediction[rows], part.weight) for c in (a, b))
        differences.append(one - two)
    error = standard_error(problem, a.prediction, b.prediction)
    assert error == pytest.approx(np.std(differences), rel=0.15)
    assert abs(influences(problem, a.prediction).mean()) < 1e-9 * max(1.0, error)


def test_the_smallest_of_the_tied() -> None:
    problem, candidates = case("log_loss", rows=2_000, count=4, noise=0.3)
    _, (bad, *_) = case("log_loss", rows=2_000, count=1, noise=5.0)
    sizes = [(500, 2.0), (300, 2.0), (300, 1.0), (400, 0.1)]
    ranked = [
        replace(c, prediction=candidates[0].prediction, size_bytes=b, predict_ms_per_row=ms)
        for c, (b, ms) in zip(candidates, sizes, strict=True)
    ]
    winner = candidates[0].prediction
    assert smallest_tied(problem, winner, [*ranked, replace(bad, size_bytes=1)]) == 2
    assert smallest_tied(problem, winner, [replace(bad, size_bytes=1)]) is None


@pytest.mark.parametrize("metric", METRICS)
def test_few_rows_and_predictions_that_never_miss(metric: str) -> None:
    for rows in (1, 2, 30):
        problem, (other, *_) = case(metric, rows=rows, count=1)
        exact = problem.y.astype(float)
        if problem.task != "regression":
            exact = np.eye(other.prediction.shape[1])[problem.y.astype(int)]
        assert tied(problem, exact, [exact]) == (True,)
        assert len(tied(problem, exact, [other.prediction])) == 1
