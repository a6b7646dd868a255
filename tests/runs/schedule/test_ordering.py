"""In which order the portfolio goes on, from what has been tried."""

from __future__ import annotations

from automl_core.models.catalog import model_spec
from automl_core.runs.record.state import Trial
from automl_core.runs.schedule.ordering import in_turn
from automl_core.search.portfolio import Proposal
from automl_core.types import Config, Origin, TrialStatus

DEFAULTS = model_spec("lightgbm").defaults


def tried(number: int, config: Config, score: float, family: str = "lightgbm") -> Trial:
    full = model_spec(family).defaults | config
    return Trial(
        number, f"t{number}", family, full, Origin.PORTFOLIO, 0.0, TrialStatus.FINISHED, score
    )


def waiting(*leaves: int) -> list[Proposal]:
    return [Proposal("lightgbm", DEFAULTS | {"max_leaves": n}, Origin.PORTFOLIO) for n in leaves]


def test_nothing_changes_before_anything_is_known() -> None:
    proposals = waiting(15, 127, 63)
    assert in_turn(proposals, [], "roc_auc") == proposals
    few = [tried(1, {}, 0.8), tried(2, {}, 0.9)]
    assert in_turn(proposals, few, "roc_auc") == proposals


def test_what_is_like_the_best_comes_sooner() -> None:
    trials = [tried(1, {}, 0.8), tried(2, {}, 0.8), tried(3, {"max_leaves": 255}, 0.9)]
    order = [p.config["max_leaves"] for p in in_turn(waiting(8, 15, 127), trials, "roc_auc")]
    assert order[0] == 127
    trials = [tried(1, {"max_leaves": 8}, 0.9), *trials[1:2], tried(3, {"max_leaves": 255}, 0.8)]
    order = [p.config["max_leaves"] for p in in_turn(waiting(511, 15), trials, "roc_auc")]
    assert order == [15, 511]


def test_a_family_that_is_behind_waits_and_one_that_was_not_tried_does_not() -> None:
    forest = Proposal("random_forest", model_spec("random_forest").defaults, Origin.PORTFOLIO)
    trees = Proposal("extra_trees", model_spec("extra_trees").defaults, Origin.PORTFOLIO)
    trials = [tried(1, {}, 0.6), tried(2, {}, 0.9, "extra_trees")]
    first, second, third = in_turn([*waiting(31), forest, trees], trials, "roc_auc")
    assert [first, second] == [forest, trees]
    assert third.family == "lightgbm"
