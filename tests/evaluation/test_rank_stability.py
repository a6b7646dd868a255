"""Ranks of models fold by fold."""

from __future__ import annotations

import numpy as np
import pytest

from automl_core.evaluation.rank_stability import rank_stability


def test_folds_that_agree_and_folds_that_do_not() -> None:
    same = {f"m{i}": {fold: 0.9 - 0.1 * i for fold in range(5)} for i in range(4)}
    found = rank_stability("roc_auc", same)
    assert found is not None and found.concordance == pytest.approx(1.0)
    assert [m.name for m in found.models] == ["m0", "m1", "m2", "m3"]
    assert found.models[0].ranks == (1.0,) * 5
    assert "agree well" in found.sentence and "m0 is alone at the top in 5 of 5" in found.sentence
    lower = rank_stability("log_loss", same)
    assert lower is not None and lower.models[0].name == "m3"
    turned = {"a": {0: 1.0, 1: 2.0}, "b": {0: 2.0, 1: 1.0}}
    against = rank_stability("rmse", turned)
    assert against is not None and against.concordance == 0.0
    assert "hardly agree" in against.sentence and "1 of 2" in against.sentence


def test_concordance_is_small_by_chance() -> None:
    rng = np.random.default_rng(0)
    scores = {f"m{i}": dict(enumerate(rng.random(10))) for i in range(8)}
    found = rank_stability("roc_auc", scores)
    assert found is not None and found.concordance < 0.3


def test_ties_share_a_rank_and_what_is_missing_is_left_out() -> None:
    scores = {
        "a": {0: 1.0, 1: 1.0, 2: 5.0},
        "b": {0: 1.0, 1: 2.0},
        "short": {0: 0.5},
        "lost": {0: None, 1: float("nan")},
    }
    found = rank_stability("rmse", scores)
    assert found is not None and found.folds == (0, 1)
    assert [(m.name, m.ranks) for m in found.models] == [("a", (1.5, 1.0)), ("b", (1.5, 2.0))]
    assert rank_stability("rmse", {"a": {0: 1.0, 1: 1.0}}) is None
    assert rank_stability("rmse", {"a": {0: 1.0}, "b": {0: 2.0}}) is None
    assert rank_stability("rmse", {}) is None
