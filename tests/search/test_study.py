"""Proposals: inside the space, reproducible, and better than chance where there is a slope."""

from __future__ import annotations

import pytest

from automl_core.errors import SpecError
from automl_core.models.base import Choice, Range
from automl_core.models.catalog import CATALOG
from automl_core.models.log_target import SETTING
from automl_core.search.portfolio import families, make_portfolio
from automl_core.search.study import Study
from automl_core.types import Config

SPECS = families(())


def loss(family: str, config: Config) -> float:
    return (0.0 if family == "mlp" else 1.0) + 0.001 * sum(
        abs(v) for v in config.values() if isinstance(v, float)
    )


def ask(seed: int, count: int) -> list[tuple[str, Config]]:
    study = Study(SPECS, seed)
    asked = []
    for number in range(count):
        proposal = study.ask(number)
        asked.append((proposal.family, proposal.config))
        study.tell(number, *asked[-1], loss(*asked[-1]))
    return asked


def test_proposals_lie_in_the_space_of_their_card() -> None:
    model_specs = {c.name: c for c in SPECS}
    for family, config in ask(0, 25):
        assert set(config) >= set(model_specs[family].defaults)
        for parameter in model_specs[family].space:
            value = config[parameter.name]
            match parameter:
                case Choice():
                    assert value in parameter.options
                case Range():
                    assert isinstance(value, (int, float))
                    assert parameter.low <= value <= parameter.high
                    assert isinstance(value, int) == parameter.integer


def test_same_seed_same_proposals() -> None:
    assert ask(3, 12) == ask(3, 12)
    assert ask(3, 12) != ask(4, 12)


def test_any_seed_will_do() -> None:
    assert ask(5_000_000_000, 2)


def test_the_search_learns_which_family_pays() -> None:
    late = [family for family, _ in ask(0, 40)][20:]
    assert late.count("mlp") > 3 * len(late) / len(SPECS)  # three times a fair share


def test_the_portfolio_can_be_told_and_failures_do_not_end_the_search() -> None:
    study = Study(SPECS, 0)
    for number, proposal in enumerate(make_portfolio(SPECS)):
        study.tell(number, proposal.family, proposal.config, 0.5)
    for number in range(10, 20):
        proposal = study.ask(number)
        study.tell(number, proposal.family, proposal.config, None)
    assert study.ask(20).family in {c.name for c in SPECS}


def test_portfolio_holds_the_baseline_first_and_every_configuration_once() -> None:
    tried = [(p.family, tuple(sorted(p.config.items()))) for p in make_portfolio(SPECS)]
    assert tried[0] == ("constant", ())
    assert len(set(tried)) == len(tried) == 1 + sum(1 + len(c.portfolio) for c in SPECS)
    assert {family for family, _ in tried} == {c.name for c in CATALOG}


def test_logarithms_of_the_target_are_tried_where_they_make_sense() -> None:
    plain, logs = make_portfolio(SPECS), make_portfolio(SPECS, log_target=True)
    assert not any(SETTING in p.config for p in plain)
    more = [p for p in logs if SETTING in p.config]
    assert len(more) >= 3
    assert len(logs) == len(plain) + len(more)


def test_unknown_families_are_refused_with_the_closest_name() -> None:
    with pytest.raises(SpecError, match="mlp"):
        families(("mpl",))


def test_retired_families_are_refused_by_name() -> None:
    with pytest.raises(SpecError, match="no longer trained"):
        families(("hist_boosting", "lightgbm"))
