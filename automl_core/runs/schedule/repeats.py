"""Repeats of the leading models, after enough configurations have been tried on a table.

A repeat trains a leading configuration on another partition of the rows into folds, or with
another seed. This reduces the variance of the ensemble without choosing by the validation rows.
Pure functions of a run's state.
"""

from __future__ import annotations

from collections.abc import Callable

from automl_core.metrics import loss_of
from automl_core.runs.record import RunState, Trial
from automl_core.runs.schedule import policy
from automl_core.search import Proposal
from automl_core.types import Origin, TrialStatus

REPEATED = 6  # largest number of models that are repeated
FEWEST_COPIES = 3  # copies of each model, the first included; without partitions left, other seeds


def is_enough(state: RunState, rows: int) -> bool:
    """True if as many configurations have been tried as the number of rows allows."""
    return room(state, rows) <= 0


def room(state: RunState, rows: int) -> int:
    """Configurations that may still be tried."""
    tried = sum(t.usable and t.origin.explores for t in state.trials.values())
    return policy.most_configurations(rows) - tried


def next_repeat(
    state: RunState, metric: str, partitions: int, limit: Callable[[str], float]
) -> tuple[Proposal, int] | None:
    """The next leading model to train again, and the partition; None: no repeat is left.

    `limit` gives the seconds that one fold of a family may take.
    """
    models = leading(state, metric)
    for copies in range(1, max(partitions, FEWEST_COPIES)):
        for trial in models:
            made = sum(
                t.family == trial.family and t.config == trial.config for t in state.trials.values()
            )
            seconds = trial.train_seconds / max(1, trial.folds)
            if made <= copies and policy.worth_starting(state, limit(trial.family), seconds):
                return Proposal(trial.family, trial.config, Origin.REPEAT), copies % partitions
    return None


def known_loss(trial: Trial, metric: str) -> float | None:
    """The trial's score as a loss, or that of its first finished fold; None: no score yet."""
    known = trial.score
    if known is None and trial.fold_scores:  # pruned after its first fold
        known = next(iter(trial.fold_scores.values()))
    return None if known is None else loss_of(metric, known)


def leading(state: RunState, metric: str) -> list[Trial]:
    """The finished trials by their weight in the ensemble, then by score; REPEATED at most."""
    solved = state.ensemble
    weights = dict(zip(solved.trials, solved.weights, strict=True)) if solved else {}
    usable = [
        t for t in state.trials.values() if t.status == TrialStatus.FINISHED and t.origin.explores
    ]
    usable.sort(key=lambda t: (-weights.get(t.number, 0.0), known_loss(t, metric) or 0.0, t.number))
    return usable[:REPEATED]
