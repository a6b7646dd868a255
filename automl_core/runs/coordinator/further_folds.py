"""Further folds of trials that have ended: on their way, then joined with what the trial has.

The race (schedule/fold_race.py) says which. The models and predictions so far are read from the
run's folder, so that no finished trial is held in memory. Writes no log.
"""

from __future__ import annotations

import numpy as np

from automl_core.export import split_members
from automl_core.models import model_spec
from automl_core.runs.coordinator.context import RunContext
from automl_core.runs.coordinator.trial_tracker import TrialEnd, fit_facts, seed_of
from automl_core.runs.executor import FoldFitted, FoldTask
from automl_core.runs.record import OutOfFold, Trial, TrialFinished, load_fits, trial_files
from automl_core.types import StopReason, TrialStatus


class FurtherFolds:
    """Trials that are being trained on one more fold, one fold of a trial at a time."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._open: dict[int, int] = {}  # trial -> fold

    @property
    def open_trials(self) -> tuple[int, ...]:
        """Trials that are being trained on a further fold."""
        return tuple(self._open)

    def job(self, trial: Trial) -> FoldTask:
        """The next fold of a trial, folds in order."""
        fold = trial.folds
        seed = seed_of(self._context.spec, trial.number, fold)
        return FoldTask(trial.number, fold, trial.family, trial.config, seed)

    def admit(self, job: FoldTask) -> None:
        """Expect the fold."""
        self._open[job.trial] = job.fold

    def owns(self, trial: int) -> bool:
        """True where a further fold of the trial is on its way."""
        return trial in self._open

    def drop(self, trial: int) -> None:
        """The fold does not come; the trial stays as it is."""
        self._open.pop(trial, None)

    def take(self, part: FoldFitted, ending: bool) -> TrialEnd | None:
        """The trial with the fold that came back; None where that is of no use.

        That is a fit which the end of the run, `ending`, cut short, unless its family's fits are
        good whenever they end. Raises RunError where the trial's files are damaged.
        """
        self.drop(part.trial)
        trial = self._context.state.trials[part.trial]
        cut = ending and part.reason in (StopReason.TIME, StopReason.STOPPED)
        if cut and not model_spec(trial.family).interruptible:
            return None
        folder, data = self._context.folder, self._context.data
        members = [*split_members(trial_files(folder, trial.number)), part.files]
        known, rows = folder.out_of_fold(trial.number), data.folds.valid[part.fold]
        weight = data.truth.weight
        finished = TrialFinished(
            trial=trial.number,
            status=TrialStatus.FINISHED,
            score=trial.score,
            train_seconds=trial.train_seconds + part.train_seconds,
            predict_ms_per_row=(trial.predict_ms_per_row or 0.0) + part.predict_ms_per_row,
            size_bytes=(trial.size_bytes or 0) + part.size_bytes,
            folds=len(members),
        )
        oof = OutOfFold(
            np.concatenate([known.rows, rows]),
            np.concatenate([known.y, data.truth.y[rows]]),
            np.concatenate([known.prediction, part.prediction]),
            None if weight is None else weight[np.concatenate([known.rows, rows])],
        )
        fits = (*load_fits(folder, trial.number), fit_facts(part))
        return TrialEnd(finished, members, fits, oof)

    def unchanged(self, trial: int) -> TrialFinished:
        """The end of a trial as it was logged before: what followed left it as it is."""
        t = self._context.state.trials[trial]
        return TrialFinished(
            t.number, t.status, t.score, t.train_seconds, t.predict_ms_per_row, t.size_bytes,
            t.folds,
        )  # fmt: skip
