"""In which order the portfolio goes on: families that do well on this table come sooner.

Pure: proposals and trials in, proposals out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from automl_core.models.log_target import SETTING
from automl_core.runs.repeats import known_loss
from automl_core.runs.state import Trial
from automl_core.search.portfolio import Proposal

BEHIND = 4  # places that a family waits for each family that is better here


def in_turn(waiting: Sequence[Proposal], trials: Iterable[Trial], metric: str) -> list[Proposal]:
    """What waits, best next choice first.

    A family waits BEHIND places for each that is better; one that was not tried waits for
    none. Fits to the logarithm of the target count as a family of their own.
    """
    best: dict[tuple[str, bool], float] = {}
    for trial in trials:
        loss = known_loss(trial, metric)
        if trial.origin != "baseline" and loss is not None:
            kind = (trial.family, SETTING in trial.config)
            best[kind] = min(loss, best.get(kind, loss))
    ranks = {kind: rank for rank, kind in enumerate(sorted(best, key=lambda k: best[k]))}

    def turn(place: int) -> int:
        proposal = waiting[place]
        return place + BEHIND * ranks.get((proposal.family, SETTING in proposal.config), 0)

    return [waiting[place] for place in sorted(range(len(waiting)), key=turn)]
