"""Ranks by fold as drawn."""

from __future__ import annotations

from automl_core.charts.fold_ranks import draw_fold_ranks
from automl_core.evaluation.rank_stability import rank_stability


def test_each_fold_is_a_dot_and_the_mean_another() -> None:
    found = rank_stability("rmse", {"<b>a</b>": {0: 1.0, 1: 1.0}, "b": {0: 2.0, 1: 1.0}})
    assert found is not None
    drawing = draw_fold_ranks(found)
    folds, means = drawing.traces
    assert folds["x"] == [1.0, 1.5, 2.0, 1.5] and folds["y"] == [0, 0, 1, 1]
    assert means["x"] == [1.25, 1.75]
    assert folds["customdata"][1] == ["&lt;b&gt;a&lt;/b&gt;", 2]
    assert "<b>" not in drawing.alt and "2 folds" in drawing.alt
    drawing.figure()
