"""The order of proposals: families and configurations close to the best trials come first.

Pure functions: proposals and trials in, proposals out.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from automl_core.models import SETTING, ModelSpec, Range, model_spec
from automl_core.runs.record import Trial
from automl_core.runs.schedule.repeats import known_loss
from automl_core.search import Proposal, neighbour
from automl_core.types import Config, Origin

BEHIND = 4  # places that a family moves back for each family with a better score
TOLD = 3  # trials of a family before its configurations are compared: the first is a quick one
UNLIKE = 6  # places that the configuration most different from the best one moves back


def in_turn(waiting: Sequence[Proposal], trials: Iterable[Trial], metric: str) -> list[Proposal]:
    """The waiting proposals, in the order in which to start them.

    A proposal moves back by BEHIND places for each family with a better score, and by up to
    UNLIKE places the more it differs from its family's best configuration. A family without a
    score keeps its place. Fits to the logarithm of the target count as a family of their own.
    """
    best: dict[tuple[str, bool], tuple[float, Config]] = {}
    tried: dict[str, int] = {}
    for trial in trials:
        loss = known_loss(trial, metric)
        if trial.origin != Origin.BASELINE and loss is not None:
            kind = (trial.family, SETTING in trial.config)
            best[kind] = min((loss, trial.config), best.get(kind, (loss, trial.config)), key=_first)
            tried[trial.family] = tried.get(trial.family, 0) + 1
    ranks = {kind: rank for rank, kind in enumerate(sorted(best, key=lambda k: best[k][0]))}

    def turn(place: int) -> float:
        proposal = waiting[place]
        kind = (proposal.family, SETTING in proposal.config)
        if kind not in best:
            return place
        unlike = 0.0
        if tried[proposal.family] >= TOLD:
            unlike = _distance(proposal.family, proposal.config, best[kind][1])
        return place + BEHIND * ranks[kind] + UNLIKE * unlike

    return [waiting[place] for place in sorted(range(len(waiting)), key=turn)]


def near_the_best(
    model_specs: Sequence[ModelSpec], trials: Iterable[Trial], metric: str, seed: tuple[int, ...]
) -> Proposal | None:
    """A neighbour of the trial with the best score; None where its family is not searched."""
    scored = [t for t in trials if t.score is not None and t.origin != Origin.BASELINE]
    if not scored:
        return None
    best = min(scored, key=lambda t: (known_loss(t, metric), t.number))
    found = next((c for c in model_specs if c.name == best.family and c.space), None)
    if found is None:
        return None
    return Proposal(found.name, neighbour(found, best.config, seed), Origin.SEARCH)


def _first(known: tuple[float, Config]) -> float:
    return known[0]


def _distance(family: str, one: Config, other: Config) -> float:
    """The distance of two configurations in the parameter that differs most, 0 to about 1."""
    apart = [0.0]
    for part in model_spec(family).space:
        values = one.get(part.name), other.get(part.name)
        if isinstance(part, Range) and all(isinstance(v, int | float) and v > 0 for v in values):
            low, high, a, b = (
                math.log(float(v)) if part.log else float(v)  # type: ignore[arg-type]
                for v in (part.low, part.high, *values)
            )
            apart.append(abs(a - b) / (high - low))
    return max(apart)
