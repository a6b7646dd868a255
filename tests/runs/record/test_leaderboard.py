"""The leaderboard: honest order, natural signs, nothing hidden."""

from __future__ import annotations

from automl_core.runs.record import events as e
from automl_core.runs.record.leaderboard import best_model, best_trial, build_leaderboard
from automl_core.runs.record.state import RunState
from automl_core.types import Origin, RunStatus, TrialStatus


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


def test_scores_of_a_part_of_the_folds_come_after_whole_ones_and_say_so() -> None:
    state = fold_state(
        ("constant", "finished", 0.5, 5), ("mlp", "finished", 0.8, 5), ("linear", "stopped", 0.9, 2)
    )
    rows = build_leaderboard(state, "roc_auc")
    assert [r.family for r in rows] == ["mlp", "constant", "linear"]
    assert rows[2].message == "2 of 5 folds"
    best = best_trial(state, "roc_auc")
    assert best is not None
    assert best.family == "mlp"


def test_a_part_of_the_folds_beats_the_baseline_where_there_is_nothing_else() -> None:
    state = fold_state(("constant", "finished", 0.5, 5), ("linear", "stopped", 0.9, 2))
    best = best_trial(state, "roc_auc")
    assert best is not None
    assert best.family == "linear"


def with_ensemble(state: RunState, score: float = 0.85) -> RunState:
    state.apply(e.EnsembleSolved(score, (1, 2), (0.75, 0.25), 1.1, 10, 0.2, 20), 3.0, 0.0)
    return state


def test_the_ensemble_comes_first_whatever_its_score_and_says_what_it_is() -> None:
    state = with_ensemble(
        fold_state(
            ("constant", "finished", 0.5, 5), ("mlp", "finished", 0.9, 5),
            ("linear", "finished", 0.8, 5),
        )
    )  # fmt: skip
    rows = build_leaderboard(state, "roc_auc")
    assert [(r.family, r.rank) for r in rows] == [
        ("ensemble", 1), ("mlp", 2), ("linear", 3), ("constant", 4),
    ]  # fmt: skip
    assert rows[0].trial == e.ENSEMBLE and rows[0].name == "ensemble"
    assert rows[0].message == "average of 2 trials, 10 fitted models"
    assert rows[0].train_seconds == 4.0 and rows[0].predict_ms_per_row == 0.2


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
