"""The portfolio: proven configurations of each family, tried first, in the order given here.

The order is the same for all tables. The search begins after it, seeded with its results.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from automl_core.errors import SpecError, did_you_mean
from automl_core.models import CATALOG, RETIRED_SPECS, SETTING, ModelSpec
from automl_core.types import Config, Origin

BASELINE = "constant"

LOG = 1000
"""Added to a configuration's number: the same, fitted to the logarithm of the target."""

# (family, which of its configurations: 0 its defaults, i the spec's portfolio[i - 1]).
# Measured on real tables (tests/benchmarks/README.md): sure and quick first, then variety.
ORDER = (
    ("lightgbm", 7),
    ("lightgbm", 0),
    ("realmlp", 0),
    ("catboost", 2),
    ("lightgbm", 1),
    ("tabm", 0),
    ("extra_trees", 0),
    ("lightgbm", 2),
    ("catboost", 2 + LOG),
    ("lightgbm", LOG),
    ("mlp", LOG),
    ("lightgbm", 6),
    ("knn", 0),
    ("linear", 0),
    ("mlp", 0),
    ("catboost", 1),
    ("lightgbm", 4 + LOG),
    ("realmlp", 1),
    ("extra_trees", 1),
    ("lightgbm", 5),
    ("realmlp", LOG),
    ("tabm", LOG),
    ("knn", 1),
    ("resnet", 0),
    ("extra_trees", LOG),
    ("lightgbm", 4),
    ("catboost", 0),
    ("realmlp", 2),
    ("lightgbm", 3),
    ("extra_trees", 2),
    ("knn", 2),
    ("random_forest", 0),
    ("ft_transformer", 0),
)


@dataclass(frozen=True)
class Proposal:
    """A configuration to try."""

    family: str
    config: Config
    origin: Origin


def families(wanted: tuple[str, ...]) -> tuple[ModelSpec, ...]:
    """Specs of the families to search, in portfolio order: the named ones, or all but the baseline.

    Raises SpecError for a name that is not in the catalog, or no longer trained.
    """
    known = {entry.name: entry for entry in CATALOG if entry.kind != "baseline"}
    retired = {entry.name for entry in RETIRED_SPECS}
    for name in wanted:
        if name in known or name == BASELINE:
            continue
        if name in retired:
            raise SpecError(
                f"The model family {name!r} is no longer trained.",
                "Name others, such as 'lightgbm', or none for all of them.",
            )
        raise SpecError(f"There is no model family {name!r}.", did_you_mean(name, known))
    first = [name for name, _ in ORDER if name in known]
    order = dict.fromkeys([*first, *known])
    return tuple(known[n] for n in order if not wanted or n in wanted)


def make_portfolio(
    model_specs: tuple[ModelSpec, ...], log_target: bool = False
) -> tuple[Proposal, ...]:
    """The baseline, then the families' proven configurations in order.

    Those that the order does not name come last, family by family in turns. `log_target`: also
    those that are fitted to the logarithm of the target.
    """
    ways = {
        (model_spec.name, i): Proposal(
            model_spec.name, model_spec.defaults | config, Origin.PORTFOLIO
        )
        for model_spec in model_specs
        for i, config in enumerate(({}, *model_spec.portfolio))
    }
    rest = sorted((key for key in ways if key not in ORDER), key=lambda key: key[1])
    if log_target:
        for (name, i), proposal in list(ways.items()):
            ways[name, i + LOG] = replace(proposal, config=proposal.config | {SETTING: True})
    order = [*(key for key in ORDER if key in ways), *rest]
    return (Proposal(BASELINE, {}, Origin.BASELINE), *(ways[key] for key in order))
