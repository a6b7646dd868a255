"""The next proposal, from the state of a run alone."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from automl_core.models import catalog
from automl_core.models.catalog import CATALOG
from automl_core.runs.executor.device_placement import DevicePlacement
from automl_core.runs.record import Budget, RunSpec
from automl_core.runs.record import events as e
from automl_core.runs.record.state import RunState
from automl_core.runs.schedule import limits, policy
from automl_core.runs.schedule.end_reason import EndReason
from automl_core.runs.schedule.proposer import Proposer
from automl_core.runs.schedule.time_budget import TimeBudget
from automl_core.runs.setup.resources import Resources, offered
from automl_core.types import Origin, TrialStatus
from tests import fake_run
from tests.options import changed

RESOURCES = Resources(
    rows=300,
    columns=10,
    classes=2,
    folds=5,
    repeats=2,
    placement=DevicePlacement(2),
    accelerator=False,
)
BOTH = ("lightgbm", "linear")
FEW = ("knn", "linear")  # of a short portfolio, so that the search begins soon


def spec(budget: Budget, families: tuple[str, ...] = BOTH) -> RunSpec:
    return changed(fake_run.spec(), budget=budget, families=families)


def make_proposer(
    spec: RunSpec,
    state: RunState,
    resources: Resources,
    probed: dict[str, float],
    clock: float = 5.0,
) -> Proposer:
    seconds, workers = spec.options.budget.seconds, resources.placement.workers
    budget = TimeBudget(seconds, workers, 0.0, now=lambda: clock)
    return Proposer(spec, state, resources, budget, probed)


def finish(state: RunState, started: e.TrialStarted, score: float = 0.8) -> None:
    state.apply(started, 0.0, 0.0)
    state.apply(
        e.TrialFinished(started.trial, TrialStatus.FINISHED, score, 5.0, 0.1, 10, 5), 1.0, 0.0
    )


def first_two(proposer: Proposer, state: RunState, left: float | None) -> list[str]:
    names = []
    for _ in range(2):
        started = proposer.propose(left)
        assert started is not None
        finish(state, started)
        names.append(started.family)
    return names


def test_the_baseline_comes_first_then_the_portfolio_then_search() -> None:
    state = RunState()
    proposer = make_proposer(spec(Budget(trials=50), FEW), state, RESOURCES, {})
    origins = []
    for _ in range(40):
        started = proposer.propose(None)
        assert started is not None
        origins.append(started.origin)
        finish(state, started)
    assert origins[0] == "baseline"
    changes = sum(a != b for a, b in itertools.pairwise(origins))
    assert set(origins) == {"baseline", "portfolio", "search"}
    assert changes == 2


def test_later_every_second_trial_is_a_neighbour_of_the_best() -> None:
    state = RunState()
    resources = replace(RESOURCES, rows=50_000)
    proposer = make_proposer(
        spec(Budget(seconds=600), ("lightgbm", "extra_trees")), state, resources, {}
    )
    started = []
    for number in range(14):
        following = proposer.propose(500.0)
        assert following is not None
        started.append(following)
        finish(state, following, 0.9 if number == 3 else 0.8)
    best = started[3]
    assert [s.origin for s in started[8:14:2]] == ["search"] * 3
    assert {s.family for s in started[8:14:2]} == {best.family}
    assert {s.origin for s in started[9:14:2]} == {"portfolio"}
    moved = [[k for k, v in s.config.items() if v != best.config[k]] for s in started[8:14:2]]
    assert any(moved) and all(len(names) < len(best.config) for names in moved)


def test_under_a_clock_a_family_waits_for_its_probe_and_the_others_do_not() -> None:
    state, probes = RunState(), dict[str, float]()
    families = ("knn", "realmlp")
    proposer = make_proposer(spec(Budget(seconds=60), families), state, RESOURCES, probes)
    assert first_two(proposer, state, 50.0) == ["constant", "realmlp"]  # nothing else is there
    state, probes = RunState(), dict[str, float]()
    families = ("lightgbm", "realmlp", "tabm")
    proposer = make_proposer(spec(Budget(seconds=60), families), state, RESOURCES, probes)
    assert first_two(proposer, state, 50.0) == ["constant", "lightgbm"]
    assert proposer.to_probe(50.0) is None  # first what is quick
    second = proposer.propose(50.0)
    assert second is not None
    finish(state, second)
    wanted = proposer.to_probe(50.0)
    assert wanted is not None
    assert wanted.family == "realmlp"
    while (started := proposer.propose(50.0)) is not None:  # more of the family that is known
        assert started.family == "lightgbm"
        finish(state, started)
    probes["realmlp"] = 1.0
    following = proposer.to_probe(50.0, lambda family: family != "realmlp")
    assert following is not None
    assert following.family == "tabm"
    started = proposer.propose(50.0)
    assert started is not None
    assert started.family == "realmlp"


def test_what_does_well_on_this_table_comes_sooner() -> None:
    def place(good: str) -> int:
        """Where extremely randomised trees are tried for the second time."""
        state = RunState()
        families = ("lightgbm", "extra_trees", "knn")
        proposer = make_proposer(spec(Budget(trials=50), families), state, RESOURCES, {})
        order: list[str] = []
        while order.count("extra_trees") < 2:
            started = proposer.propose(None)
            assert started is not None
            order.append(started.family)
            finish(state, started, 0.9 if started.family == good else 0.6)
        return len(order)

    assert place("extra_trees") < place("lightgbm")


def test_a_family_that_cannot_finish_is_left_out_with_the_reason() -> None:
    state = RunState()
    proposer = make_proposer(
        spec(Budget(seconds=60), ("lightgbm", "realmlp")), state, RESOURCES, {"realmlp": 1000.0}
    )
    first_two(proposer, state, 50.0)
    for _ in range(10):
        started = proposer.propose(50.0)
        assert started is not None
        assert started.family == "lightgbm"
        finish(state, started)
    # a fifth of it is enough, in a fifth of three quarters of the time, folds two at a time
    assert "1000 s" in proposer.left_out["realmlp"]
    assert "With a budget of 56 min" in proposer.left_out["realmlp"]


@pytest.mark.parametrize(("rows", "near"), [(600, False), (60_000, True)])
def test_steps_from_the_best_are_taken_where_rows_tell_which_is_the_best(
    rows: int, near: bool
) -> None:
    state = RunState()
    resources = replace(RESOURCES, rows=rows)
    proposer = make_proposer(
        spec(Budget(trials=50), ("lightgbm", "extra_trees")), state, resources, {}
    )
    origins = []
    for _ in range(11):  # the portfolio of the two is longer
        started = proposer.propose(None)
        assert started is not None
        finish(state, started)
        origins.append(started.origin)
    assert (Origin.SEARCH in origins) is near


def test_one_network_is_trained_in_any_case_with_a_schedule_cut_to_a_share_of_the_budget() -> None:
    state = RunState()
    slow = {"realmlp": 1000.0, "mlp": 1000.0, "tabm": 1000.0}
    wanted = spec(Budget(seconds=60), ("lightgbm", "realmlp", "tabm", "mlp"))
    early = make_proposer(wanted, state, RESOURCES, slow, clock=10.0)
    first_two(early, state, 50.0)
    started = early.propose(50.0)
    assert started is not None
    assert started.family == "lightgbm"
    finish(state, started)
    later = make_proposer(wanted, state, RESOURCES, slow, clock=30.0)
    assert later.propose(30.0, lambda family: family != "mlp") is None  # its worker is not free
    started = later.propose(30.0)
    assert started is not None
    assert started.family == "mlp"  # the lightest of the three
    share = limits.NETWORK_SHARE * 60.0
    assert later.limit(30.0, "mlp") == pytest.approx(share * 2 / RESOURCES.folds)
    finish(state, started)
    following = later.propose(30.0)
    assert following is not None
    assert following.family == "lightgbm"  # one is enough
    short = spec(Budget(seconds=15), ("lightgbm", "mlp"))
    hurried = make_proposer(short, RunState(), RESOURCES, slow, clock=10.0)
    assert [t.family for _ in range(3) if (t := hurried.propose(5.0))] == ["constant"] + 2 * [
        "lightgbm"
    ]


def test_a_small_table_gets_repeats_of_what_leads_and_then_the_run_is_over() -> None:
    state = RunState()
    proposer = make_proposer(spec(Budget(seconds=60)), state, RESOURCES, {"linear": 1.0})
    origins = []
    for n in range(200):
        started = proposer.propose(50.0)
        if started is None:
            break
        origins.append((started.origin, started.repeat))
        finish(state, started, 0.8 + 0.0001 * n)
    tried = sum(origin in ("portfolio", "search") for origin, _ in origins)
    assert tried == policy.most_configurations(RESOURCES.rows)
    repeats = [repeat for origin, repeat in origins if origin == "repeat"]
    assert repeats
    assert set(repeats) == {0, 1}  # the further partition that there is, then another seed
    assert proposer.finished is EndReason.ENOUGH_CONFIGURATIONS


def test_what_the_ensemble_leans_on_is_repeated_first() -> None:
    state = RunState()
    resources = replace(RESOURCES, rows=50)
    proposer = make_proposer(spec(Budget(seconds=60)), state, resources, {"linear": 1.0})
    while (started := proposer.propose(50.0)) is not None and started.origin != Origin.REPEAT:
        finish(state, started)
        if started.trial == 3:
            state.apply(e.EnsembleSolved(0.9, (3, 1), (0.7, 0.3), 1.0, 10, 0.1, 10), 1.0, 0.0)
    assert started is not None
    assert started.config == state.trials[3].config


@pytest.mark.parametrize("accelerator", [False, True])
def test_families_for_small_tables_are_offered_on_small_tables(accelerator: bool) -> None:
    model_spec = replace(CATALOG[1], most_rows=1000, most_cells=5000)
    resources = replace(RESOURCES, accelerator=accelerator)
    assert offered(model_spec, replace(resources, rows=400))
    assert not offered(model_spec, replace(resources, rows=2000))
    assert offered(model_spec, replace(resources, rows=900)) == accelerator


def test_all_families_that_were_asked_for_are_tried_where_none_is_offered() -> None:
    huge = replace(RESOURCES, rows=10**9)
    for model_spec in CATALOG:
        if model_spec.kind != "baseline" and not offered(model_spec, huge):
            proposer = make_proposer(
                spec(Budget(seconds=60), (model_spec.name,)), RunState(), huge, {}
            )
            assert [c.name for c in proposer.model_specs] == [model_spec.name]


def test_a_family_that_only_fails_is_left_out() -> None:
    state = RunState()
    proposer = make_proposer(spec(Budget(trials=40), FEW), state, RESOURCES, {})
    for _ in range(20):
        started = proposer.propose(None)
        if started is None:
            break
        state.apply(started, 0.0, 0.0)
        if started.family == "linear":
            state.apply(e.TrialFailed(started.trial, "no"), 1.0, 0.0)
        else:
            finished = e.TrialFinished(started.trial, TrialStatus.FINISHED, 0.8, 5.0, 0.1, 10, 5)
            state.apply(finished, 1.0, 0.0)
    families = [t.family for t in state.trials.values()]
    assert len(families) == 20
    assert families.count("linear") <= 4  # a round may have proposed it before it was known
    assert "failed" in proposer.left_out["linear"]


def test_only_families_with_a_free_worker_are_proposed() -> None:
    state = RunState()
    placement = DevicePlacement(workers=4, gpus=1)
    resources = replace(RESOURCES, accelerator=True, placement=placement)
    proposer = make_proposer(spec(Budget(seconds=10)), state, resources, {})
    first_two(proposer, state, 9.0)
    for out, family in (("lightgbm", "linear"), ("linear", "lightgbm")):
        for _ in range(3):
            started = proposer.propose(9.0, lambda name, out=out: name != out)
            assert started is not None
            assert started.family == family
            finish(state, started)
    assert proposer.propose(9.0, lambda _: False) is None
    assert not proposer.finished  # it only waits


def test_repeats_wait_for_a_free_worker_too() -> None:
    state = RunState()
    proposer = make_proposer(spec(Budget(seconds=10)), state, replace(RESOURCES, rows=100), {})
    while (started := proposer.propose(9.0)) is not None and started.origin != Origin.REPEAT:
        finish(state, started)
    assert proposer.propose(9.0, lambda _: False) is None
    assert not proposer.finished


def test_a_fold_may_take_what_its_lane_leaves_it() -> None:
    placement = DevicePlacement(workers=5, gpus=1)
    resources = replace(RESOURCES, folds=5, accelerator=True, placement=placement)
    proposer = make_proposer(spec(Budget(seconds=100)), RunState(), resources, {})
    net, trees = proposer.limit(100.0, "linear"), proposer.limit(100.0, "lightgbm")
    assert net == pytest.approx(100.0 * limits.TRIAL_SHARE / 5)
    assert trees == pytest.approx(100.0 * limits.TRIAL_SHARE * 4 / 5)


def test_hardware_settles_how_many_members_tabm_has() -> None:
    for accelerator, members in ((False, 0), (True, 32)):
        resources = replace(RESOURCES, accelerator=accelerator)
        proposer = make_proposer(spec(Budget(trials=5), ("tabm",)), RunState(), resources, {})
        proposer.propose(None)
        started = proposer.propose(None)
        assert started is not None
        assert started.config["members"] == members


@pytest.mark.parametrize(
    ("gain", "left", "origin", "count"),
    [
        (2.0, 1000.0, Origin.SEARCH, 17),  # a third of the 50 configurations for so many rows
        (2.0, 300.0, Origin.SEARCH, 7),  # the time
        (2.0, 240.0, Origin.SEARCH, 0),
        (1.2, 1000.0, Origin.SEARCH, 0),  # it does not pay
        (2.0, 1000.0, Origin.PORTFOLIO, 0),
    ],
)
def test_a_searched_network_gets_companions_of_its_architecture_where_that_pays(
    gain: float, left: float, origin: Origin, count: int
) -> None:
    state, resources = RunState(), replace(RESOURCES, rows=10_000)
    families, probed = ("mlp", "knn"), {"mlp": 5.0}
    proposer = make_proposer(spec(Budget(seconds=1200), families), state, resources, probed)
    config = catalog.model_spec("mlp").defaults | {"width": 96, "batch": 256}
    first = e.TrialStarted(9, "mlp-9", "mlp", config, origin, 0)
    found = proposer.companions(first, left, gain)
    assert len(found) == max(0, count - 1)
    assert [f.trial for f in found] == list(range(10, 10 + len(found)))
    assert {(f.config["width"], f.config["batch"]) for f in found} <= {(96, 256)}
    assert len({f.config["learning_rate"] for f in found}) == len(found)


def test_all_columns_are_seen_where_such_a_fit_is_worth_starting() -> None:
    """A fit of selected columns took a second; 8 s are left for one."""
    state = RunState()
    proposer = make_proposer(spec(Budget(seconds=120)), state, RESOURCES, {})
    finish(state, e.TrialStarted(0, "constant", "constant", {}, Origin.BASELINE, 0))
    finish(state, e.TrialStarted(1, "linear-1", "linear", {}, Origin.PORTFOLIO, 0, selected=True))
    assert proposer.may_see_all("linear", 100.0, 0.5)  # 2 s
    assert not proposer.may_see_all("linear", 100.0, 0.001)  # 1,000 s
    assert proposer.may_see_all("lightgbm", 100.0, 0.001)  # nobody knows
    started = e.TrialStarted(2, "linear-2", "linear", {}, Origin.SEARCH, 0)
    finish(state, started)
    assert proposer.may_see_all("linear", 100.0, 0.001)  # such a fit took a second
    assert proposer.may_see_all("linear", None, 0.0)
