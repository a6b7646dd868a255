"""Which trials are drawn, what their lines are, and that a large run stays small on the screen."""

from __future__ import annotations

import json

import pytest

from automl_core.charts.learning_curves import draw_curves, loss_curves
from automl_core.charts.theme import BEST
from automl_core.runs.record import events as e
from automl_core.runs.record.leaderboard import build_leaderboard
from automl_core.runs.record.state import RunState
from automl_core.types import Origin, TrialStatus
from tests.fake_run import Shape, run_state


def ranking(state: RunState) -> tuple[int, ...]:
    rows = build_leaderboard(state, "roc_auc")
    skipped = ("constant", "ensemble")
    return tuple(r.trial for r in rows if r.rank is not None and r.family not in skipped)


def epochs(trial: int, fold: int, losses: list[float | None], first: int = 1) -> e.Epochs:
    numbers = tuple(range(first, first + len(losses)))
    progress = tuple(n / 10 for n in numbers)
    flat = tuple(0.0 for _ in numbers)
    return e.Epochs(trial, fold, numbers, progress, flat, tuple(losses), flat, flat, flat)


def small_state() -> RunState:
    state = RunState()
    state.apply(e.RunStarted(10.0, None, 2, 100, 0, 0, 0), 0.0, 0.0)
    state.apply(e.TrialStarted(1, "mlp-1", "mlp", {}, Origin.PORTFOLIO), 0.1, 0.1)
    return state


def test_a_running_trial_is_one_line_with_a_gap_between_its_folds() -> None:
    state = small_state()
    state.apply(epochs(1, 0, [0.9, 0.5]), 0.2, 0.2)
    state.apply(epochs(1, 1, [0.8]), 0.3, 0.3)
    (line,) = loss_curves(state, (), "roc_auc").lines
    assert line.x == (10.0, 20.0, None, 10.0)
    assert line.y == (0.9, 0.5, None, 0.8)
    assert line.epochs == (1, 2, None, 1)


def test_a_fold_that_has_ended_leaves_the_picture_to_those_that_move() -> None:
    state = small_state()
    state.apply(epochs(1, 0, [0.9, 0.5]), 0.2, 0.2)
    state.apply(e.FoldFinished(1, 0, 0.7, "completed", 1.0), 0.3, 0.3)
    assert loss_curves(state, (), "roc_auc").lines[0].y == (0.9, 0.5)  # until another one begins
    state.apply(epochs(1, 1, [0.8]), 0.4, 0.4)
    assert loss_curves(state, (), "roc_auc").lines[0].y == (0.8,)


def test_an_ended_trial_is_the_mean_of_its_folds_and_a_short_fold_keeps_its_last_value() -> None:
    state = small_state()
    state.apply(epochs(1, 0, [1.0, 0.6, 0.4]), 0.2, 0.2)
    state.apply(epochs(1, 1, [0.8, 0.2]), 0.3, 0.3)
    state.apply(e.TrialFinished(1, TrialStatus.FINISHED, 0.9, 1.0, 0.1, 10, 2), 0.4, 0.4)
    (line,) = loss_curves(state, (1,), "roc_auc").lines
    assert line.role == "best"
    assert line.y == (0.9, 0.4, 0.3)


def test_a_further_fold_of_a_trial_that_leads_is_drawn_while_it_moves() -> None:
    state = small_state()
    state.apply(e.TrialStarted(2, "mlp-2", "mlp", {}, Origin.PORTFOLIO), 0.1, 0.1)
    for trial in (1, 2):
        state.apply(epochs(trial, 0, [0.9, 0.5]), 0.2, 0.2)
        state.apply(e.FoldFinished(trial, 0, 0.7, "completed", 1.0), 0.3, 0.3)
        state.apply(e.TrialFinished(trial, TrialStatus.FINISHED, 0.9, 1.0, 0.1, 10, 1), 0.3, 0.3)
        state.apply(e.TrialExtended(trial, 1), 0.4, 0.4)
        state.apply(epochs(trial, 1, [0.8]), 0.5, 0.5)
    best, other = sorted(loss_curves(state, (1, 2), "roc_auc").lines, key=lambda line: line.trial)
    assert (best.role, best.y) == ("best", (0.9, 0.5))  # its curve does not jump meanwhile
    assert (other.role, other.y) == ("running", (0.8,))


def test_losses_that_are_missing_leave_no_points() -> None:
    state = small_state()
    state.apply(epochs(1, 0, [None, 0.5, float("nan")]), 0.2, 0.2)
    (line,) = loss_curves(state, (), "roc_auc").lines
    assert line.y == (0.5,)
    nothing = small_state()
    nothing.apply(epochs(1, 0, [None, None]), 0.2, 0.2)
    assert loss_curves(nothing, (), "roc_auc").lines == ()


def test_running_best_and_latest_trials_are_chosen_pruned_ones_too() -> None:
    state = run_state(Shape(trials=40, workers=4), until=20.0)
    curves = loss_curves(state, ranking(state), "roc_auc")
    shown = {line.trial for line in curves.lines}
    assert {
        t.number for t in state.trials.values() if t.status == TrialStatus.RUNNING and t.curves
    } <= shown
    assert set(ranking(state)[:5]) <= shown
    ended = [t for t in state.trials.values() if t.ended is not None and t.curves]
    latest = max(ended, key=lambda t: t.ended or 0)
    assert latest.number in shown
    assert 0 not in shown  # the constant has nothing to learn
    assert curves.lines[-1].trial == ranking(state)[0]  # best on top
    assert curves.others == sum(t.curves != {} for t in state.trials.values()) - len(shown)


def test_the_drawing_is_plain_data_with_one_trace_a_trial() -> None:
    state = run_state(Shape(trials=12), until=8.0)
    curves = loss_curves(state, ranking(state), "roc_auc")
    drawing = draw_curves(curves)
    lines = [t for t in drawing.traces if t["mode"] == "lines"]
    assert any(name for name in drawing.traces[-1]["text"])
    assert [t["uid"] for t in lines] == [f"trial-{line.trial}" for line in curves.lines]
    assert lines[-1]["line"]["color"] == BEST
    json.dumps([drawing.traces, drawing.layout], allow_nan=False)
    assert draw_curves(curves, logarithmic=True).layout["yaxis"]["type"] == "log"
    assert len(drawing.figure().data) == len(drawing.traces)


def test_the_ensemble_before_it_does_not_keep_the_best_trial_from_being_marked() -> None:
    state = run_state(Shape(trials=12), until=8.0)
    first = ranking(state)
    assert loss_curves(state, (e.ENSEMBLE, *first), "roc_auc") == loss_curves(
        state, first, "roc_auc"
    )


def names_of(losses: list[float], logarithmic: bool) -> list[str]:
    """Names at the heads of running trials that stand at these losses, all at 10 %."""
    state = RunState()
    state.apply(e.RunStarted(10.0, None, 1, 100, 0, 0, 0), 0.0, 0.0)
    for number, loss in enumerate(losses):
        state.apply(e.TrialStarted(number, f"mlp-{number}", "mlp", {}, Origin.SEARCH), 0.1, 0.1)
        state.apply(epochs(number, 0, [loss]), 0.2, 0.2)
    heads = draw_curves(loss_curves(state, (), "roc_auc"), logarithmic).traces[-1]
    return [name.strip() for name in heads["text"]]


def test_names_that_would_lie_on_each_other_are_left_out() -> None:
    assert names_of([0.5, 0.51, 1.0], False) == ["mlp-0", "", "mlp-2"]
    assert names_of([0.001, 0.01, 1.0], False) == ["mlp-0", "", "mlp-2"]
    assert names_of([0.001, 0.01, 1.0], True) == ["mlp-0", "mlp-1", "mlp-2"]


def test_the_best_point_is_marked_and_an_early_stop_is_said() -> None:
    state = small_state()
    state.apply(epochs(1, 0, [1.0, 0.4, 0.6]), 0.2, 0.2)
    state.apply(e.TrialFinished(1, TrialStatus.FINISHED, 0.9, 1.0, 0.1, 10, 1), 0.4, 0.4)
    drawing = draw_curves(loss_curves(state, (1,), "roc_auc"))
    line, star, heads = drawing.traces
    assert (star["uid"], star["x"], star["y"]) == ("best-point", [20.0], [0.4])
    assert heads["text"] == [" mlp-1, stopped early"]
    assert "finished, stopped early" in line["hovertemplate"]


@pytest.mark.parametrize(("metric", "best"), [("roc_auc", 0.9), ("log_loss", 0.5)])
def test_curves_are_drawn_in_the_metric_too(metric: str, best: float) -> None:
    state = small_state()
    numbers = (0.1, 0.2, 0.3)
    scores = e.Epochs(1, 0, (1, 2, 3), numbers, (0.0,) * 3, (0.0,) * 3, (0.5, 0.9, 0.7),
                      (0.1,) * 3, numbers)  # fmt: skip
    state.apply(scores, 0.2, 0.2)
    state.apply(e.TrialFinished(1, TrialStatus.FINISHED, 0.9, 1.0, 0.1, 10, 1), 0.4, 0.4)
    drawing = draw_curves(loss_curves(state, (1,), metric, "score"))
    assert drawing.traces[0]["y"] == [0.5, 0.9, 0.7]
    assert drawing.traces[1]["y"] == [best]
    assert drawing.layout["yaxis"]["title"]["text"].endswith("on validation rows")


def test_training_losses_are_dashed() -> None:
    state = run_state(Shape(trials=6), until=5.0)
    drawing = draw_curves(loss_curves(state, ranking(state), "roc_auc", "training"))
    assert {t["line"]["dash"] for t in drawing.traces if t["mode"] == "lines"} == {"dash"}
    assert drawing.layout["yaxis"]["title"]["text"] == "Training loss"


def test_a_run_without_curves_draws_an_empty_chart() -> None:
    drawing = draw_curves(loss_curves(RunState(), (), "roc_auc"))
    assert [t["x"] for t in drawing.traces] == [[]]


def test_a_thousand_trials_with_200_000_epochs_stay_within_24_traces_of_300_points() -> None:
    state = run_state(Shape(trials=1000, epochs=270, workers=16))
    assert sum(len(c.epoch) for t in state.trials.values() for c in t.curves.values()) > 200_000
    drawing = draw_curves(loss_curves(state, ranking(state), "roc_auc"))
    assert len(drawing.traces) <= 24
    assert max(len(t["x"]) for t in drawing.traces) <= 300
