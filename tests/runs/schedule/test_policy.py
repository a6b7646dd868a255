"""The plan: pure decisions from state and clock."""

from __future__ import annotations

from automl_core.runs.record import events as e
from automl_core.runs.record.state import RunState
from automl_core.runs.schedule import policy
from automl_core.types import Origin, TrialStatus


def run_of(scores: dict[int, list[float]], family: str = "mlp") -> RunState:
    """Finished trials with these validation scores at progress 0.25, 0.5, 0.75, 1."""
    state = RunState()
    for number, curve in scores.items():
        n = len(curve)
        progress = tuple((i + 1) / 4 for i in range(n))
        events: list[e.Event] = [
            e.TrialStarted(number, f"t{number}", family, {}, Origin.SEARCH),
            e.Epochs(
                number, 0, tuple(range(1, n + 1)), progress, (None,) * n, (None,) * n,
                tuple(curve), (None,) * n, progress,
            ),
            e.FoldFinished(number, 0, curve[-1], "completed", 2.0),
            e.TrialFinished(number, TrialStatus.FINISHED, curve[-1], 2.0, 0.1, 10, 1),
        ]  # fmt: skip
        for event in events:
            state.apply(event, 0.0, 0.0)
    return state


CURVES = {n: [0.1 * n, 0.15 * n, 0.2 * n, 0.25 * n] for n in (1, 2, 3)}


def test_pruning_needs_three_peers_of_the_family() -> None:
    few = run_of({1: CURVES[1], 2: CURVES[2]})
    assert policy.prune_rule(few, "mlp", "roc_auc", 0, None) == ()
    assert policy.prune_rule(run_of(CURVES), "linear", "roc_auc", 0, None) == ()


def test_pruning_asks_for_the_median_of_what_peers_had_by_then() -> None:
    rule = dict(policy.prune_rule(run_of(CURVES), "mlp", "roc_auc", 0, None))
    assert set(rule) == set(policy.PRUNE_AT)
    middle = CURVES[2]
    assert rule[0.3] == -middle[0]
    assert rule[0.5] == -middle[1]
    assert rule[0.75] == -middle[2]


def test_with_trials_as_budget_peers_are_of_earlier_rounds_only() -> None:
    state = run_of({1: CURVES[1], 2: CURVES[2], 5: CURVES[3]})
    assert policy.prune_rule(state, "mlp", "roc_auc", 0, before=1) == ()
    assert policy.prune_rule(state, "mlp", "roc_auc", 0, before=2) != ()


def test_a_round_opens_when_all_earlier_ones_have_ended() -> None:
    state = run_of({n: [0.5] for n in range(5)})
    assert policy.round_may_open(state, 5)
    state.apply(e.TrialStarted(5, "t5", "mlp", {}, Origin.SEARCH), 0, 0)
    assert policy.round_may_open(state, 8)
    assert not policy.round_may_open(state, 9)


def test_a_fold_is_hopeless_below_the_median_of_all_and_of_its_family() -> None:
    state = run_of({n: [0.1 * n] for n in range(1, 6)})
    hopeless = [
        policy.fold_is_hopeless(state, state.trials[n], "roc_auc", 0, None) for n in range(1, 6)
    ]
    assert hopeless == [True, True, False, False, False]
    weak = run_of({9: [0.15]}, family="linear").trials[9]  # the best, and only one, of its family
    assert not policy.fold_is_hopeless(state, weak, "roc_auc", 0, None)


def test_nothing_is_started_that_cannot_end_well() -> None:
    state = run_of(CURVES)
    assert policy.worth_starting(state, limit=1.0, natural=2.0)
    assert not policy.worth_starting(state, limit=1.0, natural=6.0)
    assert policy.worth_starting(state, limit=1.0, natural=6.0, interruptible=True)
    assert not policy.worth_starting(state, limit=1.0, natural=20.0, interruptible=True)
    assert not policy.worth_starting(state, limit=0.1, natural=0.1)
    assert policy.worth_starting(state, limit=1.0, natural=None)
    assert policy.worth_starting(RunState(), limit=0.1, natural=100.0)  # there is no model yet


def test_a_fit_takes_as_long_as_others_of_its_family_did_or_as_its_probe_says() -> None:
    state = run_of(CURVES)  # two seconds each
    assert policy.natural_seconds(state, "mlp", {"mlp": 9.0}) == 2.0
    assert policy.natural_seconds(state, "linear", {"linear": 9.0}) == 9.0
    assert policy.natural_seconds(state, "linear", {}) is None


def test_a_fit_that_the_clock_cut_short_does_not_say_how_long_one_takes() -> None:
    state = run_of(CURVES)
    assert state.trials[1].train_seconds == 2.0
    for number, reason in ((7, "time"), (8, "completed")):
        for event in (
            e.TrialStarted(number, f"t{number}", "realmlp", {}, Origin.SEARCH),
            e.FoldFinished(number, 0, 0.5, reason, 3.0),
            e.TrialFinished(number, TrialStatus.FINISHED, 0.5, 3.0 + number, 0.1, 10, 1),
        ):
            state.apply(event, 0.0, 0.0)
        wanted = {7: 15.0, 8: 11.0}[number]  # the probe's, as long as nothing better is known
        assert policy.natural_seconds(state, "realmlp", {"realmlp": 15.0}) == wanted


def test_small_tables_are_tried_with_fewer_configurations() -> None:
    counts = [policy.most_configurations(rows) for rows in (10, 150, 2_000, 20_000, 10**7)]
    assert counts == sorted(counts)
    assert 4 <= counts[0] < counts[-1]
