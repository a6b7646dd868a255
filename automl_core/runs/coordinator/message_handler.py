"""Takes in what workers send: each message goes to its tracker, to the log and to the disk.

Starts no task.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import RunError
from automl_core.runs.coordinator.context import RunContext
from automl_core.runs.coordinator.refit_plan import RefitResult
from automl_core.runs.coordinator.trackers import Trackers
from automl_core.runs.coordinator.trial_tracker import FoldResult
from automl_core.runs.executor import (
    EmbedTask,
    ImportanceTask,
    Message,
    ProbeTask,
    RefitTask,
    ScoreTask,
    SelectTask,
    TrainTask,
    Work,
    unpack_values,
)
from automl_core.runs.record import events as e
from automl_core.runs.record import pairs_words
from automl_core.types import Files, Origin, Severity, TrialStatus


class MessageHandler:
    """Turns messages into events, and finished trials into files."""

    def __init__(self, context: RunContext, trackers: Trackers) -> None:
        self._context, self._trackers = context, trackers
        self._log, self._state = context.log, context.state

    def receive(self, timeout: float) -> None:
        """Take in all messages that are there; wait up to `timeout` seconds for the first."""
        for message in self._context.dispatcher.poll(timeout):
            self._take(message)

    def _take(self, message: Message) -> None:
        """One message; of a task that is not of this run, or has ended: nothing."""
        trackers, plain = self._trackers, message.plain
        work = self._context.dispatcher.work(message.task)
        if work is None:
            return
        match message.kind:
            case "epochs" if self._is_running(plain["trial"]):
                self._log.write(e.Epochs(**plain))
            case "fold" if self._is_running(plain["trial"]):
                self._take_fold(message)
            case "repeat":
                trackers.importance.take(plain["trial"], plain["losses"], plain["seconds"])
                self.log_importance()
            case "probed":
                trackers.fit_seconds[plain["family"]] = plain["seconds"]
            case "selected" if isinstance(work, SelectTask):
                trackers.columns.take(work.fold, plain)
                self._log_features()
            case "embedded":
                self._log.write(e.Note(Severity.INFO, trackers.columns.sentences.take(plain)))
            case "refitted" if isinstance(work, RefitTask):
                result = RefitResult(
                    _member_of(message), plain["predict_ms_per_row"], plain["size_bytes"]
                )
                trackers.refits.take_refit(work.job.trial, result)
            case "scored" if isinstance(work, ScoreTask):
                trackers.final_score.take(message.task, self._prediction_of(message))
            case "done":
                if isinstance(work, ImportanceTask):
                    trackers.importance.asked = False
                self._context.dispatcher.forget(message.task)
            case "failed" | "lost":
                self._take_failure(message, work)

    def _is_running(self, trial: int) -> bool:
        return self._state.trials[trial].status == TrialStatus.RUNNING

    def log_importance(self, final: bool = False) -> None:
        """Log what importance there is, if it is time for that."""
        event = self._trackers.importance.event(self._log.clock, final)
        if event is not None:
            self._log.write(event)

    def _log_features(self) -> None:
        """Log the choice of columns, once: when the lists of the first partition are in."""
        columns = self._trackers.columns
        if self._state.features is None and columns.settled:
            event = columns.event()
            if event is not None:
                self._log.write(event)
                if words := pairs_words(event, self._context.spec.metric):
                    self._log.write(e.Note(Severity.INFO, words))

    def _take_fold(self, message: Message) -> None:
        trial, fold = message.plain["trial"], message.plain["fold"]
        result = _fold_result(message, self._prediction_of(message))
        finished = self._trackers.trials.take(trial, fold, result)
        if finished is not None:
            self._trackers.refits.take(trial, result)
            self._log.write(finished)
            self.end_if_done(trial)

    def end_if_done(self, trial: int) -> None:
        """End the trial where nothing of it is left to do; its files come before its event."""
        ended = self._trackers.trials.end_if_done(trial)
        if ended is None:
            return
        if ended.oof is not None:
            files = self._context.predictor_files(trial, ended.members)
            self._context.folder.save_trial(trial, files, ended.oof)
        self._log.write(ended.finished, durable=True)
        if ended.oof is not None:
            self._trackers.ensemble.take(self._state.trials[trial], ended.oof)

    def _take_failure(self, message: Message, work: Work) -> None:
        trackers, words = self._trackers, message.plain["message"]
        match work:
            case ImportanceTask():
                trackers.importance.asked = False
                self._warn(f"Feature importance is not known: {words}")
            case ProbeTask():
                trackers.fit_seconds[work.family] = 0.0  # its trial will say what is wrong
            case SelectTask():
                trackers.columns.miss(work.fold)
                if not trackers.trials.withdrawn:
                    self._warn(f"All columns are used, none could be chosen: {words}")
                self._log_features()
            case EmbedTask():
                trackers.columns.sentences.miss()
                self._warn(f"The sentence model is not used: {words}")
            case RefitTask():
                name = self._state.trials[work.job.trial].name
                self._warn(f"{name} could not be fitted on all rows and stays as it was: {words}")
        self._context.dispatcher.forget(message.task)
        if isinstance(work, TrainTask):
            self._miss_folds(message, work)

    def _miss_folds(self, message: Message, work: TrainTask) -> None:
        words = message.plain["message"]
        for job in work.jobs:
            trial = self._state.trials[job.trial]
            if trial.status != TrialStatus.RUNNING or job.fold in trial.fold_scores:
                continue
            if message.kind == "lost" and self._trackers.trials.withdrawn:
                self._trackers.trials.miss(job.trial, job.fold)  # was asked to stop, and did not
                self.end_if_done(job.trial)
                continue
            self._trackers.trials.drop(job.trial)
            self._context.dispatcher.cancel_trial(job.trial)
            self._log.write(e.TrialFailed(job.trial, words), durable=True)
            if trial.origin == Origin.BASELINE and message.kind == "failed":
                raise RunError(words)  # where not even a constant can be fitted, nothing can

    def _warn(self, words: str) -> None:
        self._log.write(e.Note(Severity.WARNING, words))

    def _prediction_of(self, message: Message) -> NDArray[np.float64]:
        coder = self._context.data.link.coder
        columns = 0 if coder.task == "regression" else len(coder.labels)
        return unpack_values(message.blobs["prediction"], columns)


def _fold_result(message: Message, prediction: NDArray[np.float64]) -> FoldResult:
    plain = message.plain
    return FoldResult(
        files=_member_of(message),
        prediction=prediction,
        reason=plain["reason"],
        train_seconds=plain["train_seconds"],
        predict_ms_per_row=plain["predict_ms_per_row"],
        size_bytes=plain["size_bytes"],
        encode_seconds=plain["encode_seconds"],
        settled=plain["settled"],
        epochs=plain["epochs"],
    )


def _member_of(message: Message) -> Files:
    """The files of the one member that a worker sent."""
    return {
        name.removeprefix("member/"): data
        for name, data in message.blobs.items()
        if name.startswith("member/")
    }
