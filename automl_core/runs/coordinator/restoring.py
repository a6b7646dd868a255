"""Restores the trackers of a resumed run from the files in its folder."""

from __future__ import annotations

from automl_core.errors import RunError
from automl_core.metrics import loss_of
from automl_core.runs.coordinator.context import RunContext
from automl_core.runs.coordinator.live_ensemble import KEPT
from automl_core.runs.coordinator.trackers import Trackers
from automl_core.runs.record import (
    Note,
    Trial,
    TrialFailed,
    load_fits,
    load_selection,
    trial_files,
)
from automl_core.types import Origin, Severity, TrialStatus


def restore(context: RunContext, trackers: Trackers) -> None:
    """Give the trackers the selections, predictions and fits of the trials that have ended.

    A trial whose predictions are damaged stays out of the ensemble, and a note says so. One whose
    model is damaged has failed: nothing could be made of it, nor of an ensemble with it.
    """
    folder = context.folder
    if (selection := load_selection(folder)) is not None:
        trackers.columns.restore(selection)
    for trial in _best_first(context)[: KEPT + 1]:  # the baseline is one of them
        try:
            trial_files(folder, trial.number)
        except RunError as error:
            context.log.write(TrialFailed(trial.number, error.message), durable=True)
            continue
        try:
            trackers.ensemble.take(trial, folder.out_of_fold(trial.number))
        except RunError as error:
            words = f"{trial.name} is no part of the ensemble any more. {error.message}"
            context.log.write(Note(Severity.WARNING, words))
            continue
        for fit in load_fits(folder, trial.number):
            trackers.refits.take(trial.number, fit)


def _best_first(context: RunContext) -> list[Trial]:
    """The trials that an ensemble may consist of: the baseline, then the best."""
    metric = context.spec.metric

    def place(trial: Trial) -> tuple[bool, float]:
        return trial.origin != Origin.BASELINE, loss_of(metric, trial.score or 0.0)

    ended = [t for t in context.state.trials.values() if t.usable]
    return sorted((t for t in ended if t.status == TrialStatus.FINISHED), key=place)
