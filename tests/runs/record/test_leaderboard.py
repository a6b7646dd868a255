"""The leaderboard: honest order, natural signs, nothing hidden."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from automl_core.metrics import loss_of
from automl_core.runs.record import events as e
from automl_core.runs.record.leaderboard import (
    best_model,
    best_trial,
    build_leaderboard,
    count_models,
)
from automl_core.runs.record.ranking_words import ranking_words, status_words
from automl_core.runs.record.state import RunState
from automl_core.types import Origin, RunStatus, StopReason, TrialStatus
from tests import fake_run
from tests.options import changed


def state_of(ends: list[tuple[str, str, float | None]]) -> RunState:
    """Trials as (family, status, score), the first one the baseline."""
    state = RunState()
    for number, (family, status, score) in enumerate(ends):
        origin = Origin.BASELINE if number == 0 else Origin.SEARCH
        started = e.TrialStarted(number, f"{family}-{number}", family, {}, origin)
        state.apply(started, 1.0 * number, 0.0)
        if status == "failed":
            state.apply(e.TrialFailed(number, "Memory ran out."), 9.0, 0.0)
        elif status != "running":
            finished = e.TrialFinished(number, TrialStatus(status), score, 2.0, 0.1, 10, 1)
            state.apply(finished, 9.0, 0.0)
    return state


ENDS: list[tuple[str, str, float | None]] = [
    ("constant", "finished", 2.0), ("mlp", "finished", 0.5), ("linear", "running", None),
    ("mlp", "failed", None), ("resnet", "pruned", 0.9), ("lightgbm", "finished", 0.4),
    ("mlp", "pruned", None),
]  # fmt: skip


def test_lower_is_better_for_losses_and_delta_says_how_much_better_than_the_constant() -> None:
    rows = build_leaderboard(state_of(ENDS), "log_loss")
    assert [(r.trial, r.rank) for r in rows] == [
        (5, 1), (1, 2), (4, 3), (0, 4), (2, None), (6, None), (3, None),
    ]  # fmt: skip
    assert [r.delta for r in rows[:4]] == [1.6, 1.5, 1.1, 0.0]


def test_higher_is_better_for_scores() -> None:
    rows = build_leaderboard(state_of(ENDS), "roc_auc")
    assert [r.trial for r in rows if r.rank] == [0, 4, 1, 5]
    assert rows[-1].message == "Memory ran out."


def test_equal_scores_go_to_the_earlier_trial() -> None:
    state = state_of([("constant", "finished", 0.5), ("mlp", "finished", 0.5)])
    best = best_trial(state, "roc_auc")
    assert best is not None
    assert best.number == 0


def test_an_empty_run_has_an_empty_leaderboard_and_no_best() -> None:
    assert build_leaderboard(RunState(), "rmse") == ()
    assert best_trial(RunState(), "rmse") is None


def fold_state(*trials: tuple[str, str, float, int]) -> RunState:
    """A run of five folds with trials as (family, status, score, folds that are in)."""
    state = RunState()
    state.apply(e.RunStarted(20.0, None, 5, 800, 0, 0, 1), 0.0, 0.0)
    for number, (family, status, score, folds) in enumerate(trials):
        origin = Origin.BASELINE if number == 0 else Origin.SEARCH
        state.apply(e.TrialStarted(number, family, family, {}, origin), 1.0, 0.0)
        state.apply(
            e.TrialFinished(number, TrialStatus(status), score, 2.0, 0.1, 10, folds), 2.0, 0.0
        )
    return state


def test_scores_of_a_part_of_the_folds_have_their_place_but_no_rank() -> None:
    state = fold_state(
        ("constant", "finished", 0.4983, 5), ("mlp", "finished", 0.9, 5),
        ("linear", "stopped", 0.9972, 2), ("resnet", "pruned", 0.7, 1),
    )  # fmt: skip
    rows = build_leaderboard(state, "roc_auc")
    assert [(r.family, r.rank) for r in rows] == [
        ("linear", None), ("mlp", 1), ("resnet", None), ("constant", 2),
    ]  # fmt: skip
    assert [status_words(r) for r in rows] == [
        "Stopped, 2 of 5 folds", "Recommended", "Pruned, 1 of 5 folds", "Baseline",
    ]  # fmt: skip
    assert "have no rank" in ranking_words(replace(fake_run.spec(), metric="roc_auc"), state, rows)
    best = best_trial(state, "roc_auc")
    assert best is not None
    assert best.family == "mlp"
    assert count_models(rows) == 3


@pytest.mark.parametrize("metric", ["roc_auc", "log_loss"])
def test_no_row_stands_below_one_that_it_beats(metric: str) -> None:
    chance = random.Random(7)
    trials = [("constant", "finished", 0.5, 5)]
    for _ in range(40):
        status = chance.choice(["finished", "stopped", "pruned"])
        folds = 5 if status == "finished" else chance.randint(1, 4)
        trials.append(("mlp", status, round(chance.random(), 2), folds))
    rows = build_leaderboard(with_ensemble(fold_state(*trials)), metric)
    losses = [loss_of(metric, r.score) for r in rows if r.score is not None]
    assert len(losses) == len(rows) and losses == sorted(losses)
    ranks = [r.rank for r in rows if r.rank is not None]
    assert ranks == list(range(1, len(ranks) + 1))
    assert sum(r.best for r in rows) == 1


def test_a_part_of_the_folds_beats_the_baseline_where_there_is_nothing_else() -> None:
    state = fold_state(("constant", "finished", 0.5, 5), ("linear", "stopped", 0.9, 2))
    best = best_trial(state, "roc_auc")
    assert best is not None
    assert best.family == "linear"


def with_ensemble(state: RunState, score: float = 0.85) -> RunState:
    state.apply(e.EnsembleSolved(score, (1, 2), (0.75, 0.25), 1.1, 10, 0.2, 20), 3.0, 0.0)
    return state


def test_the_ensemble_stands_at_its_score_and_the_board_says_why_it_is_recommended() -> None:
    state = with_ensemble(
        fold_state(
            ("constant", "finished", 0.5, 5), ("mlp", "finished", 0.9, 5),
            ("linear", "finished", 0.8, 5),
        )
    )  # fmt: skip
    spec = replace(fake_run.spec(), metric="roc_auc")
    rows = build_leaderboard(state, "roc_auc")
    assert [(r.family, r.rank, r.best) for r in rows] == [
        ("mlp", 1, False), ("ensemble", 2, True), ("linear", 3, False), ("constant", 4, False),
    ]  # fmt: skip
    assert rows[1].trial == e.ENSEMBLE and rows[1].name == "ensemble"
    assert rows[1].message == "average of 2 trials, 10 fitted models"
    assert rows[1].train_seconds == 4.0 and rows[1].predict_ms_per_row == 0.2
    assert rows[1].gain == pytest.approx(0.7)
    words = ranking_words(spec, state, rows)
    assert "mlp shows the better score (0.9000 against 0.8500)" in words
    assert "out of 2 models" in words and "chance" in words
    limited = ranking_words(changed(spec, max_size_mb=0.000001), state, rows)
    assert "larger or slower than the limits allow" in limited
    state.apply(e.EnsembleSolved(0.95, (1, 2), (0.75, 0.25), 1.1, 10, 0.2, 20), 3.0, 0.0)
    rows = build_leaderboard(state, "roc_auc")
    assert (rows[0].family, rows[0].rank) == ("ensemble", 1)
    assert "flatters" not in ranking_words(spec, state, rows)
    state.apply(e.EnsembleSolved(0.85, (1,), (1.0,), 1.1, 5, 0.2, 20), 3.0, 0.0)
    rows = build_leaderboard(state, "roc_auc")
    assert rows[0].family == "mlp" and rows[1].best
    assert "The ensemble is mlp alone" in ranking_words(spec, state, rows)


def test_the_model_of_a_run_is_the_ensemble_unless_it_ended_with_a_trial() -> None:
    state = with_ensemble(
        fold_state(
            ("constant", "finished", 0.5, 5), ("mlp", "finished", 0.9, 5),
            ("linear", "finished", 0.8, 5),
        )
    )  # fmt: skip
    best = best_model(state, "roc_auc")
    assert best is not None and best.number == e.ENSEMBLE
    state.apply(e.RunFinished(RunStatus.FINISHED, "", 1, None, None, None), 9.0, 0.0)
    best = best_model(state, "roc_auc")
    assert best is not None and best.family == "mlp"


def test_models_on_further_parts_keep_their_rank_and_the_board_says_what_it_compares() -> None:
    state = state_of(ENDS)
    state.started = e.RunStarted(60.0, None, 1, 100, 0, 0, 0, parts=5)
    rows = build_leaderboard(state, "roc_auc")
    best = next(row for row in rows if row.rank is not None and row.family != "constant")
    assert "first of 5 parts" in ranking_words(fake_run.spec(), state, rows)
    state.apply(e.TrialExtended(best.trial, 1), 10.0, 0.0)
    row = next(r for r in build_leaderboard(state, "roc_auc") if r.trial == best.trial)
    assert (row.rank, row.message) == (best.rank, "part 2 of 5")
    state.apply(
        e.TrialFinished(best.trial, TrialStatus.FINISHED, best.score, 3.0, 0.2, 20, 2), 12.0, 0.0
    )
    row = next(r for r in build_leaderboard(state, "roc_auc") if r.trial == best.trial)
    assert (row.rank, row.message) == (best.rank, "2 of 5 parts")
    assert status_words(replace(row, best=False)) == "2 of 5 parts"
    assert state.trials[best.trial].ended == 9.0  # its score is from then
    state.apply(e.TrialExtended(best.trial, 2), 13.0, 0.0)
    state.apply(e.RunResumed(90.0, 1), 14.0, 0.0)  # the fold that was being trained is lost
    assert state.trials[best.trial].extending is None


def test_a_row_says_what_its_folds_were_trained_on() -> None:
    state = state_of(ENDS)
    for fold, (device, node) in enumerate(
        [("cuda:1", ""), ("cuda:1", ""), ("cuda:0", "node-2"), ("cpu", "node-2"), ("mps", "")]
    ):
        state.apply(e.FoldFinished(1, fold, 0.5, StopReason.EARLY, 1.0, device, node), 9.0, 0.0)
    state.apply(e.FoldFinished(5, 0, 0.5, StopReason.EARLY, 1.0), 9.0, 0.0)  # of an older run
    devices = {row.trial: row.devices for row in build_leaderboard(state, "log_loss")}
    assert devices[1] == ("GPU 1", "GPU 0 of node-2", "CPU of node-2", "GPU")
    assert devices[5] == ()
