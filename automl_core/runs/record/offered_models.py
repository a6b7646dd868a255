"""The models that an ended run offers: its own, the best network, the smallest equivalent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from automl_core.models import model_spec
from automl_core.runs.record.leaderboard import LeaderRow
from automl_core.runs.record.state import RunState


@dataclass(frozen=True)
class OfferedModel:
    """A model that stands out."""

    roles: tuple[str, ...]  # fields of RunFinished: best, network, smallest
    row: LeaderRow

    @property
    def title(self) -> str:
        """Why it stands out, in a few words: "Recommended, smallest equivalent"."""
        words = ", ".join(TITLES[role].lower() for role in self.roles)
        return words[:1].upper() + words[1:]

    @property
    def why(self) -> str:
        """Why one would want it, a sentence a role."""
        return " ".join(WHY[role] for role in self.roles)


TITLES = {
    "best": "Recommended",
    "network": "Best single network",
    "smallest": "Smallest equivalent",
}
WHY = {
    "best": "What the run ended with.",
    "network": "One deep network instead of an average of several models.",
    "smallest": "The smallest model whose score cannot be told from that of the recommended one: "
    "the difference lies within what chance would do on these rows.",
}


def offered_models(state: RunState, rows: Sequence[LeaderRow]) -> tuple[OfferedModel, ...]:
    """One entry a model, the run's own first; () while the run is active, or has no model.

    Nothing that is no better than the baseline is offered, nor a linear model as a network.
    """
    end = state.finished
    roles: dict[int, tuple[str, ...]] = {}
    by_trial = {row.trial: row for row in rows if row.usable}
    for role in TITLES if end is not None else ():
        row = by_trial.get(getattr(end, role))
        if row is not None and _is_worth_it(role, row):
            roles[row.trial] = (*roles.get(row.trial, ()), role)
    return tuple(OfferedModel(roles[trial], by_trial[trial]) for trial in roles)


def _is_worth_it(role: str, row: LeaderRow) -> bool:
    if row.delta is not None and row.delta <= 0:
        return False
    return role != "network" or model_spec(row.family).is_deep
