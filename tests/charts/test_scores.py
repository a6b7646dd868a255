"""Scores over time: the step line of the best, the baseline, and what is left out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from automl_core.charts.scores import ScoreHistory, ScorePoint, draw_scores, score_history
from automl_core.runs.record import events as e
from automl_core.runs.record.state import RunState
from automl_core.types import Origin, TrialStatus
from tests.fake_run import Shape, run_state


def state_with(scores: list[tuple[float, str, float]], baseline: float = 0.5) -> RunState:
    """Trials that ended at these seconds with these statuses and scores."""
    state = RunState()
    state.apply(e.RunStarted(60.0, None, 1, 100, 0, 0, 0), 0.0, 0.0)
    state.apply(e.TrialStarted(0, "constant", "constant", {}, Origin.BASELINE), 0.0, 0.0)
    state.apply(e.TrialFinished(0, TrialStatus.FINISHED, baseline, 0.1, 0.1, 1, 1), 0.1, 0.1)
    for number, (t, status, score) in enumerate(scores, start=1):
        state.apply(e.TrialStarted(number, f"mlp-{number}", "mlp", {}, Origin.SEARCH), t - 0.5, t)
        state.apply(e.TrialFinished(number, TrialStatus(status), score, 0.5, 0.1, 1, 1), t, t)
    return state


def trace(drawing: Any, uid: str) -> dict[str, Any]:
    found: dict[str, Any] = next(t for t in drawing.traces if t["uid"] == uid)
    return found


def test_the_best_so_far_rises_only_and_goes_on_to_now() -> None:
    runs = [(1.0, "finished", 0.8), (2.0, "finished", 0.7), (3.0, "finished", 0.9)]
    history = score_history(state_with(runs), "roc_auc", now=10.0)
    assert history.best_seconds == (1.0, 3.0)
    assert history.best_scores == (0.8, 0.9)
    assert history.baseline == 0.5
    best = trace(draw_scores(history), "best")
    assert best["x"] == [1.0, 3.0, 10.0] and best["y"] == [0.8, 0.9, 0.9]


def test_lower_is_better_for_an_error() -> None:
    runs = [(1.0, "finished", 4.0), (2.0, "finished", 5.0), (3.0, "finished", 3.0)]
    history = score_history(state_with(runs, baseline=9.0), "rmse")
    assert history.best_scores == (4.0, 3.0)
    assert "lower is better" in draw_scores(history).layout["yaxis"]["title"]["text"]


def test_a_pruned_trial_is_a_cross_and_no_lead() -> None:
    history = score_history(state_with([(1.0, "pruned", 0.9), (2.0, "finished", 0.8)]), "roc_auc")
    assert history.best_scores == (0.8,)
    assert trace(draw_scores(history), "family-mlp")["marker"]["symbol"] == ["x", "circle"]


def test_a_running_trial_stands_at_now_with_its_newest_score() -> None:
    state = run_state(Shape(trials=4), until=3.0)
    running = [
        p
        for p in score_history(state, "roc_auc", now=5.0).points
        if p.status == TrialStatus.RUNNING
    ]
    assert running and all(p.seconds == 5.0 for p in running)


@pytest.mark.parametrize(("whole", "mark"), [(False, "↓"), (True, "")])
def test_a_baseline_far_away_is_named_at_the_edge_until_asked_for(whole: bool, mark: str) -> None:
    runs = [(float(i), "finished", 0.9 + i / 1000) for i in range(1, 9)]
    drawing = draw_scores(score_history(state_with(runs), "roc_auc"), from_baseline=whole)
    assert trace(drawing, "baseline")["name"] == f"baseline 0.5000 {mark}".strip()
    assert ("range" in drawing.layout["yaxis"]) is not whole


@pytest.mark.parametrize("trials", [1, 2, 4, 9])
def test_few_trials_differ_on_the_chart_though_the_baseline_is_far_away(trials: int) -> None:
    runs = [(float(i), "finished", 0.36 + i / 1000) for i in range(1, trials + 1)]
    history = score_history(state_with(runs, baseline=1.93), "log_loss")
    low, high = draw_scores(history).layout["yaxis"]["range"]
    assert 0.3 < low < 0.361 and high < 0.4
    assert "range" not in draw_scores(history, from_baseline=True).layout["yaxis"]


def test_a_wild_score_does_not_flatten_the_others() -> None:
    runs = [(float(i), "finished", 10.0 + i / 10) for i in range(1, 30)] + [(40.0, "finished", 1e6)]
    drawing = draw_scores(score_history(state_with(runs, baseline=20.0), "rmse"))
    low, high = drawing.layout["yaxis"]["range"]
    assert low < 10.1 and high < 20


def test_many_dots_are_thinned_and_the_best_and_newest_stay() -> None:
    points = tuple(
        ScorePoint(i, f"mlp-{i}", "mlp", TrialStatus.FINISHED, float(i), 1.0 if i == 7 else 0.5)
        for i in range(1000)
    )
    drawing = draw_scores(ScoreHistory("roc_auc", points, (7.0,), (1.0,), 0.4, 1000.0))
    dots = trace(drawing, "family-mlp")
    assert len(dots["x"]) <= 300
    assert 1.0 in dots["y"] and "mlp-999 (finished)" in dots["text"]


def test_the_ensemble_has_a_line_of_its_own_above_that_of_the_best_trial() -> None:
    state = state_with([(1.0, "finished", 0.8), (2.0, "finished", 0.9)])
    for t, score in ((1.5, 0.8), (2.5, 0.92)):
        state.apply(e.EnsembleSolved(score, (1,), (1.0,), 1.0, 1, 0.1, 10), t, t)
    drawing = draw_scores(score_history(state, "roc_auc", now=4.0))
    line = trace(drawing, "ensemble")
    assert (line["x"], line["y"]) == ([1.5, 2.5, 4.0], [0.8, 0.92, 0.92])
    assert trace(drawing, "best")["line"]["dash"] == "dash"
    assert drawing.alt.endswith("best 0.9000, ensemble 0.9200.")


def test_an_empty_run_and_a_large_one_are_plain_data() -> None:
    for state in (RunState(), run_state(Shape(trials=200))):
        drawing = draw_scores(score_history(state, "roc_auc"))
        json.dumps([drawing.traces, drawing.layout], allow_nan=False)
        drawing.figure()
