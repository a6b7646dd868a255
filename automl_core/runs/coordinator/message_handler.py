"""Takes in what reaches a run: commands of people, and messages of workers.

Each goes to the log, to its tracker and to the disk. Every loop that waits does so in `receive`.
Starts no task.
"""

from __future__ import annotations

from automl_core.errors import RunError
from automl_core.runs.coordinator.context import RunContext
from automl_core.runs.coordinator.heartbeat import Heartbeat
from automl_core.runs.coordinator.steering import obey
from automl_core.runs.coordinator.trackers import Trackers
from automl_core.runs.coordinator.trial_tracker import TrialEnd, fit_facts, fold_finished
from automl_core.runs.executor import (
    ColumnsSelected,
    EmbedTask,
    EpochsReported,
    FoldFitted,
    FoldTask,
    GainProbed,
    ImportanceRepeat,
    ImportanceTask,
    Message,
    Probed,
    ProbeTask,
    RefitTask,
    Refitted,
    Scored,
    SelectTask,
    TaskDone,
    TaskFailed,
    TextsEmbedded,
    TrainingKept,
    TrainTask,
    Work,
    WorkerLost,
)
from automl_core.runs.record import (
    Trial,
    pairs_words,
    save_fits,
    save_selection,
    take_commands,
)
from automl_core.runs.record import events as e
from automl_core.types import CommandName, FailReason, Origin, Severity, TrialStatus

SHORT_OF_MEMORY = "It was ended as memory ran short: the machine would have stood still."


class MessageHandler:
    """Turns commands and messages into events, and finished trials into files."""

    def __init__(self, context: RunContext, trackers: Trackers) -> None:
        self._context, self._trackers = context, trackers
        self._log, self._state = context.log, context.state
        self._heartbeat = Heartbeat(context)

    def receive(self, timeout: float) -> None:
        """Take in commands and messages; wait up to `timeout` seconds for the first message."""
        self.read_commands()
        for message in self._context.dispatcher.poll(timeout):
            self._take(message)

    def read_commands(self) -> None:
        """Log the commands in the run's inbox; from then on `context.is_stopping` tells of a Stop.

        `receive` calls this; so does what takes long without it, and the log stays alive by it.
        Raises StorageError where the run's folder was moved or deleted.
        """
        self._context.folder.check_place()
        for name, argument in take_commands(self._context.folder.path):
            heeded = obey(self._log, name, argument, self._trackers.trials.withdrawn)
            if heeded and name == CommandName.DROP:
                self._drop(int(argument))
        self._heartbeat.beat()

    def _drop(self, trial: int) -> None:
        """Stop what trains of it, and build no ensemble with it."""
        self._trackers.trials.drop(trial)
        self._trackers.further.drop(trial)
        self._trackers.ensemble.drop(trial)
        self._trackers.kept.forget(trial)
        self._context.dispatcher.cancel_trial(trial)

    def _take(self, message: Message) -> None:
        """One message; of a task that is not of this run, or has ended: nothing."""
        trackers, result = self._trackers, message.result
        work = self._context.dispatcher.work(message.task)
        if work is None:
            return
        match result:
            case EpochsReported() if self._is_training(result.trial):
                self._log.write(_epochs_event(result))
            case TrainingKept() if self._is_training(result.trial):
                trackers.kept.take_state(result)
            case FoldFitted() if trackers.further.owns(result.trial):
                self._take_further(result)
            case FoldFitted() if self._is_training(result.trial):
                self._take_fold(result)
            case ImportanceRepeat():
                trackers.importance.take(result)
                self.log_importance()
            case Probed():
                trackers.fit_seconds[result.family] = result.seconds
            case GainProbed():
                trackers.gains[result.family] = result.gain
            case ColumnsSelected() if isinstance(work, SelectTask):
                trackers.columns.take(work.fold, result)
                save_selection(self._context.folder, trackers.columns.record())
                self._log_features()
            case TextsEmbedded():
                self._log.write(e.Note(Severity.INFO, trackers.columns.sentences.take(result)))
            case Refitted() if isinstance(work, RefitTask):
                trackers.refits.take_refit(work.job.trial, result)
            case Scored():
                trackers.final_score.take(message.task, result.prediction)
            case TaskDone():
                if isinstance(work, ImportanceTask):
                    trackers.importance.asked = False
                self._context.dispatcher.forget(message.task)
                if isinstance(work, TrainTask):
                    self._miss_unbegun(work)
            case TaskFailed() | WorkerLost():
                self._take_failure(message.task, work, result)

    def _is_training(self, trial: int) -> bool:
        running = self._state.trials[trial].status == TrialStatus.RUNNING
        return running or self._trackers.further.owns(trial)

    def log_importance(self, final: bool = False) -> None:
        """Log what importance there is, if it is time for that."""
        event = self._trackers.importance.event(self._log.clock, final)
        if event is not None:
            self._log.write(event)

    def _log_features(self) -> None:
        """Log the choice of columns, once: when the lists of the first partition are in."""
        columns = self._trackers.columns
        if self._state.features is None and columns.is_answered:
            event = columns.event()
            if event is not None:
                self._log.write(event)
                if words := pairs_words(event, self._context.spec.metric):
                    self._log.write(e.Note(Severity.INFO, words))

    def _take_fold(self, fitted: FoldFitted) -> None:
        finished = self._trackers.trials.take(fitted)
        if finished is not None:
            self._trackers.refits.take(fitted.trial, fit_facts(fitted))
            self._log.write(finished)
            self.end_if_done(fitted.trial)
            goes_on = self._state.trials[fitted.trial].status == TrialStatus.RUNNING
            self._trackers.kept.take_fit(fitted, goes_on and not self._trackers.trials.withdrawn)

    def end_if_done(self, trial: int) -> None:
        """End the trial where nothing of it is left to do; its files come before its event."""
        ended = self._trackers.trials.end_if_done(trial)
        if ended is not None:
            self._end(trial, ended)

    def _take_further(self, fitted: FoldFitted) -> None:
        """A further fold of a trial that leads."""
        number, trackers = fitted.trial, self._trackers
        trackers.kept.take_fit(fitted, is_open=False)
        try:
            ended = trackers.further.take(fitted, trackers.trials.withdrawn)
        except RunError as error:  # its files are damaged
            self._miss_further(number, error.message)
            return
        if ended is None:
            self._log.write(trackers.further.unchanged(number))
            return
        score = self._context.data.truth.score(
            self._context.spec.metric,
            self._context.data.folds.valid[fitted.fold],
            fitted.prediction,
        )
        self._log.write(fold_finished(fitted, score))
        self._end(number, ended)

    def _miss_further(self, trial: int, why: str) -> None:
        """A further fold does not come; the trial stays as it is, and gets no more of them."""
        further, t = self._trackers.further, self._state.trials[trial]
        further.drop(trial)
        self._trackers.race.excluded.add(trial)
        self._log.write(further.unchanged(trial))
        if not self._trackers.trials.withdrawn:
            self._warn(f"{t.name} stays as trained on {t.folds} of the parts: {why}")

    def _end(self, trial: int, ended: TrialEnd) -> None:
        if ended.oof is not None:
            files = self._context.predictor_files(trial, ended.members)
            self._context.folder.save_trial(trial, files, ended.oof)
            save_fits(self._context.folder, trial, ended.fits)
        self._log.write(ended.finished, durable=True)
        self._trackers.kept.forget(trial)
        if ended.oof is not None:
            self._trackers.ensemble.take(self._state.trials[trial], ended.oof)

    def _take_failure(self, task: int, work: Work, failure: TaskFailed | WorkerLost) -> None:
        trackers, words = self._trackers, failure.message
        match work:
            case ImportanceTask():
                trackers.importance.asked = False
                self._warn(f"Feature importance is not known: {words}")
            case ProbeTask() if not work.members:
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
        self._context.dispatcher.forget(task)
        if isinstance(work, TrainTask):
            self._miss_folds(work, failure)

    def _miss_unbegun(self, work: TrainTask) -> None:
        """Folds for which no place was free in time do not come; what there is of others is."""
        for job in work.jobs:
            if self._state.trials[job.trial].status == TrialStatus.RUNNING:
                self._trackers.trials.miss(job.trial, job.fold)
                self.end_if_done(job.trial)

    def _go_on(self, work: TrainTask, lost: TaskFailed | WorkerLost) -> frozenset[int]:
        """Queue again what a dead worker had not fitted; the trials that go on so, once each.

        None where memory ran out: from its last state a training would need as much again, and the
        next process that the system ends could be this one.
        """
        if not _has_died(lost) or lost.reason == FailReason.MEMORY:
            return frozenset()
        folds: dict[int, tuple[int, ...]] = {}
        for job in work.jobs:
            trial = self._state.trials[job.trial]
            trains = trial.status == TrialStatus.RUNNING and job.fold not in trial.fold_scores
            if trains and not trial.workers_lost and not self._trackers.trials.withdrawn:
                folds[job.trial] = (*folds.get(job.trial, ()), job.fold)
        for number, left in folds.items():
            name, epoch = self._state.trials[number].name, self._trackers.kept.epoch(number, left)
            self._log.write(e.TrialInterrupted(number, left, lost.message), durable=True)
            place = f"from epoch {epoch}" if epoch else "from what is kept of it"
            self._warn(f"{lost.message} {name} goes on {place}, with another one.")
            self._trackers.trials.put_back(number, left)
        return frozenset(folds)

    def _miss_folds(self, work: TrainTask, failure: TaskFailed | WorkerLost) -> None:
        going_on = self._go_on(work, failure)
        for job in work.jobs:
            trial = self._state.trials[job.trial]
            if self._trackers.further.owns(job.trial):
                self._miss_further(job.trial, failure.message)
                continue
            if trial.status != TrialStatus.RUNNING or job.fold in trial.fold_scores:
                continue
            if job.trial in going_on:
                continue
            if self._goes_without(job, failure):
                self.end_if_done(job.trial)
            else:
                self._fail(trial, failure)

    def _goes_without(self, job: FoldTask, failure: TaskFailed | WorkerLost) -> bool:
        """Go without a fold that had too little time; False where its trial fails."""
        trials, time_over = self._trackers.trials, failure.reason == FailReason.TIME
        if trials.withdrawn and (time_over or isinstance(failure, WorkerLost)):
            trials.miss(job.trial, job.fold)  # was asked to stop, and sent nothing
            return True
        return time_over and trials.cut(job.trial, job.fold)

    def _fail(self, trial: Trial, failure: TaskFailed | WorkerLost) -> None:
        self._trackers.trials.drop(trial.number)
        self._trackers.kept.forget(trial.number)
        self._context.dispatcher.cancel_trial(trial.number)
        words = failure.message
        if _has_died(failure) and trial.workers_lost:
            words += " It is the second one that this model cost: there is no third try."
        self._log.write(e.TrialFailed(trial.number, words, failure.reason), durable=True)
        full = failure.reason == FailReason.MEMORY  # now; fewer workers go on
        if trial.origin == Origin.BASELINE and isinstance(failure, TaskFailed) and not full:
            # where not even a constant can be fitted, nothing can
            raise RunError(failure.message)

    def relieve_memory(self) -> None:
        """End the training that began last, as memory runs short; the others go on."""
        work = self._context.dispatcher.youngest_training()
        if work is None:
            return
        self._context.dispatcher.cancel(work)
        self._miss_folds(work, TaskFailed(SHORT_OF_MEMORY, FailReason.MEMORY))

    def _warn(self, words: str) -> None:
        self._log.write(e.Note(Severity.WARNING, words))


def _has_died(failure: TaskFailed | WorkerLost) -> bool:
    return isinstance(failure, WorkerLost) and failure.died


def _epochs_event(reported: EpochsReported) -> e.Epochs:
    """The event that the log keeps of these epochs."""
    return e.Epochs(
        trial=reported.trial,
        fold=reported.fold,
        epoch=reported.epoch,
        progress=reported.progress,
        train_loss=reported.train_loss,
        valid_loss=reported.valid_loss,
        valid_score=reported.valid_score,
        learning_rate=reported.learning_rate,
        seconds=reported.seconds,
    )
