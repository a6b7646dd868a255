"""The plan: pure decisions from state and clock."""

from __future__ import annotations

from automl_core.runs import events as e
from automl_core.runs import plan
from automl_core.runs.state import RunState


def run_of(scores: dict[int, list[float]], family: str = "mlp") -> RunState:
    """Finished trials with these validation scores at progress 0.25, 0.5, 0.75, 1."""
    state = RunState()
    for number, curve in scores.items():
        n = len(curve)
        progress = tuple((i + 1) / 4 for i in range(n))
        events: list[e.Event] = [
            e.TrialStarted(number, f"t{number}", family, {}, "search"),
            e.Epochs(
                number, 0, tuple(range(1, n + 1)), progress, (None,) * n, (None,) * n,
                tuple(curve), (None,) * n, progress,
            ),
            e.FoldFinished(number, 0, curve[-1], "completed", 2.0),
            e.TrialFinished(number, "finished", curve[-1], 2.0, 0.1, 10, 1),
        ]  # fmt: skip
        for event in events:
            state.apply(event, 0.0, 0.0)
    return state


CURVES = {n: [0.1 * n, 0.15 * n, 0.2 * n, 0.25 * n] for n in (1, 2, 3)}


def test_pruning_needs_three_peers_of_the_family() -> None:
    few = run_of({1: CURVES[1], 2: CURVES[2]})
    assert plan.prune_rule(few, "mlp", "roc_auc", 0, None) == ()
    assert plan.prune_rule(run_of(CURVES), "linear", "roc_auc", 0, None) == ()


def test_pruning_asks_for_the_median_of_what_peers_had_by_then() -> None:
    rule = dict(plan.prune_rule(run_of(CURVES), "mlp", "roc_auc", 0, None))
    assert set(rule) == set(plan.PRUNE_AT)
    middle = CURVES[2]
    assert rule[0.3] == -middle[0]
    assert rule[0.5] == -middle[1]
    assert rule[0.75] == -middle[2]


def test_with_trials_as_budget_peers_are_of_earlier_rounds_only() -> None:
    state = run_of({1: CURVES[1], 2: CURVES[2], 5: CURVES[3]})
    assert plan.prune_rule(state, "mlp", "roc_auc", 0, before=1) == ()
    assert plan.prune_rule(state, "mlp", "roc_auc", 0, before=2) != ()


def test_a_round_opens_when_all_earlier_ones_have_ended() -> None:
    state = run_of({n: [0.5] for n in range(5)})
    assert plan.round_may_open(state, 5)
    state.apply(e.TrialStarted(5, "t5", "mlp", {}, "search"), 0, 0)
    assert plan.round_may_open(state, 8)
    assert not plan.round_may_open(state, 9)


def test_a_fold_is_hopeless_below_the_median_of_the_others() -> None:
    state = run_of({n: [0.1 * n] for n in range(1, 6)})
    hopeless = [
        plan.fold_is_hopeless(state, state.trials[n], "roc_auc", 0, None) for n in range(1, 6)
    ]
    assert hopeless == [True, True, False, False, False]


def test_nothing_is_started_that_cannot_end_well() -> None:
    state = run_of(CURVES)  # two seconds each
    assert plan.worth_starting(state, "mlp", 2.0, 1, 1)
    assert not plan.worth_starting(state, "mlp", 0.65, 1, 1)
    assert not plan.worth_starting(state, "linear", 0.1, 1, 1)
    assert plan.worth_starting(RunState(), "linear", 0.1, 1, 1)  # there is no model yet


def test_limits_and_tail_leave_time_for_the_end() -> None:
    for budget in (1.0, 10.0, 60.0, 3600.0):
        tail = plan.tail_seconds(budget, scoring=0.1)
        assert 0 < tail < budget
        left = budget - tail
        assert plan.search_limit(budget, left, folds=1, workers=4) <= left
        assert plan.portfolio_limit(left, jobs=6, workers=4) <= left


def test_all_folds_of_the_portfolio_fit_and_what_ends_early_leaves_time() -> None:
    for workers in (1, 2, 4):
        for jobs in (6, 26):
            limit = plan.portfolio_limit(100.0, jobs, workers)
            assert limit * jobs / workers <= 100.0
    assert plan.portfolio_limit(90.0, 2, 1) > plan.portfolio_limit(100.0, 6, 1)
