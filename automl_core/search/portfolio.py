"""What is tried first, in order: each family's defaults, the surest and fastest first.

The order knows nothing of the table. Search begins after it, seeded with its results.
"""

from __future__ import annotations

from dataclasses import dataclass

from automl_core.errors import SpecError, did_you_mean
from automl_core.models.base import Card, Config
from automl_core.models.catalog import CATALOG

BASELINE = "constant"
_FIRST = ("hist_boosting", "mlp", "extra_trees", "linear", "resnet")


@dataclass(frozen=True)
class Proposal:
    """A configuration to try."""

    family: str
    config: Config
    origin: str  # baseline, portfolio, search


def families(wanted: tuple[str, ...]) -> tuple[Card, ...]:
    """The cards to search, in portfolio order; all but the baseline where none are named.

    Raises SpecError for a name that is not in the catalog.
    """
    known = {c.name: c for c in CATALOG if c.kind != "baseline"}
    for name in wanted:
        if name not in known and name != BASELINE:
            raise SpecError(f"There is no model family {name!r}.", did_you_mean(name, known))
    order = [n for n in _FIRST if n in known] + [n for n in known if n not in _FIRST]
    return tuple(known[n] for n in order if not wanted or n in wanted)


def portfolio(cards: tuple[Card, ...]) -> tuple[Proposal, ...]:
    """The baseline, then each family's defaults."""
    baseline = Proposal(BASELINE, {}, "baseline")
    return (baseline, *(Proposal(c.name, dict(c.defaults), "portfolio") for c in cards))
