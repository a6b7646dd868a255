"""Counts at a threshold agree with scikit-learn; a threshold parts the rows it is to part."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, f1_score, precision_score, recall_score

from automl_core.evaluation import Ranking, at_threshold, rank_rows
from automl_core.evaluation.ranking import threshold_below
from tests.evaluation.rankings import LABELS, ranked, rows


@pytest.mark.parametrize("threshold", [0.0, 0.25, 0.5, 1.0])
@pytest.mark.parametrize("weighted", [False, True])
def test_counts_equal_scikit_learn(threshold: float, weighted: bool) -> None:
    y, p = rows(400)
    weight = np.random.default_rng(1).uniform(0.5, 3, len(y)) if weighted else np.ones(len(y))
    at = at_threshold(ranked(y, p, weight), threshold)
    counted, flagged = weight / weight.mean(), (p > threshold).astype(int)
    expected = confusion_matrix(y, flagged, sample_weight=counted)
    assert [[at.rest, at.alarms], [at.misses, at.hits]] == pytest.approx(expected)
    assert at.share == pytest.approx(np.average(flagged, weights=weight))
    assert at.recall == pytest.approx(recall_score(y, flagged, sample_weight=weight))
    assert at.f1 == pytest.approx(f1_score(y, flagged, sample_weight=weight, zero_division=0))
    if at.precision is None:
        assert not flagged.any()
    else:
        assert at.precision == pytest.approx(precision_score(y, flagged, sample_weight=weight))


def test_at_a_half_it_flags_what_the_model_predicts() -> None:
    y, p = np.array([0, 1, 1]), np.array([[0.5, 0.5], [0.4, 0.6], [0.7, 0.3]])
    at = at_threshold(ranked(y, p[:, 1]), 0.5)
    assert (at.hits, at.alarms) == (1, 0)
    assert p.argmax(axis=1).tolist() == [0, 1, 0]


def test_a_threshold_is_short_and_parts_the_groups() -> None:
    ranking = ranked([1, 0, 1, 0], [0.9, 0.312, 0.311, 0.0])
    thresholds = [threshold_below(ranking, groups) for groups in range(5)]
    assert thresholds == [1.0, 0.6, 0.311, 0.2, 0.0]
    flagged = [at_threshold(ranking, t) for t in thresholds[:4]]
    assert [at.hits + at.alarms for at in flagged] == [0, 1, 2, 3]


def test_rows_of_weight_0_count_for_nothing() -> None:
    ranking = ranked([1, 0, 0], [0.9, 0.1, 0.8], [2, 2, 0])
    assert ranking.probability.tolist() == [0.9, 0.1]
    assert (ranking.totals.tolist(), ranking.weighted) == ([1.0, 1.0], False)


@pytest.mark.parametrize(
    ("y", "probability", "weight", "said"),
    [
        ([], [], None, "no row"),
        ([1, 0], [0.5, 0.5], [0, 0], "no row"),
        ([1, 1, 1], [0.2, 0.3, 0.4], None, "all “yes”"),
        ([1, 0, 0], [0.2, 0.3, 0.4], [0, 1, 1], "all “no”"),
        ([1, 0], [np.nan, 0.4], None, "not numbers"),
    ],
)
def test_where_there_is_no_ranking_a_sentence_says_why(
    y: list[int], probability: list[float], weight: list[float] | None, said: str
) -> None:
    weights = None if weight is None else np.array(weight, np.float64)
    found = rank_rows(np.array(y, np.int64), np.array(probability), weights, LABELS)
    assert not isinstance(found, Ranking) and said in found
