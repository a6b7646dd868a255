"""Repeats of the leading models, once a table has been tried with enough configurations.

Pure functions of a run's state. A repeat is a leading model on another partition of the rows
into folds, or with another seed: it fits the validation rows no better, but averages chance away.
"""

from __future__ import annotations

from collections.abc import Callable

from automl_core.metrics import loss_of
from automl_core.runs.record import RunState, Trial
from automl_core.runs.schedule import policy
from automl_core.search import Proposal
from automl_core.types import Origin, TrialStatus

REPEATED = 6  # models that are repeated, at most
FEWEST_COPIES = 3  # of each, the first one counted: where partitions end, with another seed


def is_enough(state: RunState, rows: int) -> bool:
    """True where more configurations would only fit the validation rows."""
    tried = sum(t.usable and t.origin.explores for t in state.trials.values())
    return tried >= policy.most_configurations(rows)


def next_repeat(
    state: RunState, metric: str, partitions: int, limit: Callable[[str], float]
) -> tuple[Proposal, int] | None:
    """The next leading model to train again and on which partition; None: all have been.

    `limit` is how many seconds a fold of a family may take.
    """
    leading = _leading(state, metric)
    for copies in range(1, max(partitions, FEWEST_COPIES)):
        for trial in leading:
            made = sum(
                t.family == trial.family and t.config == trial.config for t in state.trials.values()
            )
            seconds = trial.train_seconds / max(1, trial.folds)
            if made <= copies and policy.worth_starting(state, limit(trial.family), seconds):
                return Proposal(trial.family, trial.config, Origin.REPEAT), copies % partitions
    return None


def known_loss(trial: Trial, metric: str) -> float | None:
    """The metric as a loss: of all folds, or of those that are in; None: nothing is known."""
    known = trial.score
    if known is None and trial.fold_scores:  # pruned after its first fold
        known = next(iter(trial.fold_scores.values()))
    return None if known is None else loss_of(metric, known)


def _leading(state: RunState, metric: str) -> list[Trial]:
    """The trials that the ensemble leans on most, then those with the best scores."""
    solved = state.ensemble
    weights = dict(zip(solved.trials, solved.weights, strict=True)) if solved else {}
    usable = [
        t for t in state.trials.values() if t.status == TrialStatus.FINISHED and t.origin.explores
    ]
    usable.sort(key=lambda t: (-weights.get(t.number, 0.0), known_loss(t, metric) or 0.0, t.number))
    return usable[:REPEATED]
