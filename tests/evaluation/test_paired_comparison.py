"""Paired intervals: those of differences are narrower, hold the truth, and few rows have none."""

from __future__ import annotations

import numpy as np
import pytest

from automl_core.evaluation import paired_comparison
from automl_core.evaluation.paired_comparison import compare_paired
from automl_core.metrics import METRICS, bootstrap_interval, loss_of, score
from tests.ensemble.synthetic import case


@pytest.mark.parametrize("metric", METRICS)
def test_the_better_is_ahead_and_its_equal_is_tied(metric: str) -> None:
    problem, candidates = case(metric, rows=500, count=2, noise=0.3)
    _, worse = case(metric, rows=500, count=1, noise=3.0)
    predictions = [c.prediction for c in (*candidates, *worse)]
    found = compare_paired(metric, problem.y, predictions)
    assert found.reference in (0, 1) and found.rows == 500
    one, two, bad = found.models
    assert (one.tied or two.tied) and not bad.tied
    for model, prediction in zip(found.models, predictions, strict=True):
        assert model.score == score(metric, problem.y, prediction)
        assert model.low is not None and model.high is not None
        assert model.low <= model.score <= model.high
    best = found.models[found.reference]
    assert (best.behind, best.behind_low, best.behind_high) == (0, 0, 0)
    assert bad.behind == loss_of(metric, bad.score) - loss_of(metric, best.score) > 0
    assert bad.behind_low is not None and bad.behind_high is not None
    assert 0 < bad.behind_low < bad.behind < bad.behind_high
    assert (one.low, one.high) == pytest.approx(
        bootstrap_interval(metric, problem.y, predictions[0]), abs=1e-9
    )


@pytest.mark.parametrize("metric", METRICS)
def test_first_order_draws_have_the_spread_of_scored_ones(
    metric: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem, candidates = case(metric, rows=400, count=2)
    predictions = [c.prediction for c in candidates]
    widths = []
    for cells in (10**9, 0):
        monkeypatch.setattr(paired_comparison, "EXACT_CELLS", cells)
        found = compare_paired(metric, problem.y, predictions, reference=0).models
        ends = [(m.low, m.high, m.behind_low, m.behind_high) for m in found][1]
        widths.append((ends[1] - ends[0], ends[3] - ends[2]))  # type: ignore[operator]
    assert widths[1] == pytest.approx(widths[0], rel=0.15)


def test_a_sample_of_many_rows_has_the_spread_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    problem, candidates = case("log_loss", rows=6_000, count=2)
    predictions = [c.prediction for c in candidates]
    monkeypatch.setattr(paired_comparison, "MOST_CELLS", 10**9)
    every = compare_paired("log_loss", problem.y, predictions).models[0]
    monkeypatch.setattr(paired_comparison, "MOST_CELLS", 0)
    part = compare_paired("log_loss", problem.y, predictions).models[0]
    assert part.score == every.score
    assert every.low is not None and every.high is not None
    assert part.low is not None and part.high is not None
    assert part.high - part.low == pytest.approx(every.high - every.low, rel=0.3)


def test_known_scores_and_a_reference_stand() -> None:
    problem, candidates = case("roc_auc", rows=300, count=2, noise=0.1)
    predictions = [c.prediction for c in candidates]
    found = compare_paired("roc_auc", problem.y, predictions, None, [0.999, None], 1)
    assert found.models[0].score == 0.999 and found.reference == 1
    assert found.models[0].behind == pytest.approx(found.models[1].score - 0.999)
    assert found.models[0].high is not None and found.models[0].high <= 1.0


def test_differences_of_equal_models_hold_0_as_often_as_promised() -> None:
    held = 0
    for seed in range(60):
        problem, candidates = case("log_loss", rows=200, count=2, seed=seed)
        found = compare_paired(
            "log_loss", problem.y, [c.prediction for c in candidates], None, (), 0
        )
        low, high = found.models[1].behind_low, found.models[1].behind_high
        held += low is not None and high is not None and low <= 0 <= high
    assert held >= 0.85 * 60


def test_few_rows_and_no_weight_have_no_interval() -> None:
    y = np.array([0, 1, 1])
    prediction = np.array([[0.6, 0.4], [0.2, 0.8], [0.7, 0.3]])
    found = compare_paired("accuracy", y, [prediction, prediction])
    assert found.models[1].low is None and found.models[1].tied
    wide = np.tile(prediction, (8, 1))
    found = compare_paired("accuracy", np.tile(y, 8), [wide], np.zeros(24))
    assert found.models[0].low is None
