"""Starts the trials again that were being trained when the run was interrupted.

Each has the number, the configuration and the seeds that it had; folds that are kept stay fitted.
"""

from __future__ import annotations

from automl_core.runs.coordinator.context import RunContext
from automl_core.runs.coordinator.message_handler import MessageHandler
from automl_core.runs.coordinator.trackers import Trackers
from automl_core.runs.coordinator.trial_tracker import fit_facts
from automl_core.runs.executor import FamilyFilter
from automl_core.runs.record import Note, Trial, TrialStarted
from automl_core.types import Severity


def reopen(
    context: RunContext, trackers: Trackers, messages: MessageHandler, together: FamilyFilter
) -> None:
    """Log the second start of each interrupted trial, and queue the folds that it lacks.

    `together`: families whose folds are trained as one.
    """
    trials = context.state.trials
    trackers.kept.forget_ended({n: t.status for n, t in trials.items() if not t.interrupted})
    for number in sorted(n for n, t in trials.items() if t.interrupted):
        _reopen(context, trackers, trials[number], together(trials[number].family))
        messages.end_if_done(number)


def _reopen(context: RunContext, trackers: Trackers, trial: Trial, together: bool) -> None:
    started = TrialStarted(
        trial.number, trial.name, trial.family, trial.config, trial.origin, trial.repeat,
        trial.selected, trial.sentences, trial.asked,
    )  # fmt: skip
    context.log.write(started)
    parts, damaged = trackers.kept.fits(trial.number)
    if damaged:
        words = f"{trial.name}: a fold that was kept is damaged, and is trained again."
        context.log.write(Note(Severity.WARNING, words))
    trackers.trials.admit(started, together)
    for part in parts.values():
        finished = trackers.trials.take(part)
        if finished is not None:
            trackers.refits.take(part.trial, fit_facts(part))
            context.log.write(finished)
