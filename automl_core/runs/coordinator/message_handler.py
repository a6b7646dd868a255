"""What workers send, taken in: epochs, folds, importance, failures become events and files.

Knows messages, the desk and the diary; it hands out nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from automl_core.errors import RunError
from automl_core.export import ModelRecord, SchemaRecord, assemble_files
from automl_core.runs.coordinator.column_selection import ColumnSelection
from automl_core.runs.coordinator.dispatcher import Dispatcher, fold_result
from automl_core.runs.coordinator.importance import ImportanceScheduler
from automl_core.runs.coordinator.live_ensemble import LiveEnsemble, record_of
from automl_core.runs.coordinator.refit_plan import RefitPlanner
from automl_core.runs.coordinator.trial_tracker import TrialTracker
from automl_core.runs.executor import (
    EmbedTask,
    ImportanceTask,
    Message,
    ProbeTask,
    SelectTask,
    TrainTask,
    Work,
)
from automl_core.runs.record import RunFolder, RunLog, RunSpec, pairs_words, save_ensemble
from automl_core.runs.record import events as e
from automl_core.runs.setup import RunData
from automl_core.types import Files, StopReason

IMPORTANCE_EVERY = 0.5  # seconds between two events about importance


@dataclass(frozen=True, eq=False)
class RunContext:
    """The parts of a running run."""

    spec: RunSpec
    folder: RunFolder
    setting: RunData
    diary: RunLog
    desk: TrialTracker
    ranking: ImportanceScheduler
    ensembling: LiveEnsemble
    flight: Dispatcher
    refits: RefitPlanner
    featuring: ColumnSelection
    probes: dict[str, float] = field(default_factory=dict)  # family -> seconds of a fit


class MessageHandler:
    """Turns messages into events, and finished trials into files."""

    def __init__(self, parts: RunContext) -> None:
        self._parts = parts
        self._importance_said = -10.0

    def handle(self, message: Message) -> None:
        """One message; those of tasks that are not this run's are none of its business."""
        parts, plain = self._parts, message.plain
        work = parts.flight.work(message.task)
        if work is None:
            return
        match message.kind:
            case "epochs" if self._is_running(plain["trial"]):
                parts.diary.write(e.Epochs(**plain))
            case "fold" if self._is_running(plain["trial"]):
                self._take_fold(message)
            case "repeat":
                parts.ranking.take(plain["trial"], plain["losses"], plain["seconds"])
                self.say_importance()
            case "probed":
                parts.probes[plain["family"]] = plain["seconds"]
            case "selected" if isinstance(work, SelectTask):
                parts.featuring.take(work.fold, plain)
                self._say_features()
            case "embedded":
                parts.diary.write(e.Note("info", parts.featuring.sentences.take(plain)))
            case "done":
                if isinstance(work, ImportanceTask):
                    parts.ranking.asked = False
                parts.flight.forget(message.task)
            case "failed" | "lost":
                self._failed(message, work)

    def _is_running(self, trial: int) -> bool:
        return self._parts.diary.state.trials[trial].status == "running"

    def say_importance(self, final: bool = False) -> None:
        """Log what importance there is, at most twice a second."""
        diary = self._parts.diary
        if not final and diary.clock - self._importance_said < IMPORTANCE_EVERY:
            return
        event = self._parts.ranking.event(final)
        if event is not None:
            self._importance_said = diary.clock
            diary.write(event)

    def _say_features(self) -> None:
        """Log the choice of columns, once: when the lists of the first partition are in."""
        parts = self._parts
        if parts.diary.state.features is None and parts.featuring.settled:
            event = parts.featuring.event()
            if event is not None:
                parts.diary.write(event)
                if words := pairs_words(event, parts.spec.metric):
                    parts.diary.write(e.Note("info", words))

    def _take_fold(self, message: Message) -> None:
        trial, fold = message.plain["trial"], message.plain["fold"]
        part = fold_result(message, self._parts.setting.link.coder)
        finished = self._parts.desk.take(trial, fold, part)
        if finished is not None:
            self._parts.refits.take(trial, part)
            self._parts.diary.write(finished)
            self.settle(trial)

    def settle(self, trial: int) -> None:
        """End the trial where nothing of it is left to do; its files come before its event."""
        ended = self._parts.desk.settle(trial)
        if ended is None:
            return
        if ended.oof is not None:
            self._parts.folder.save_trial(trial, self.files_of(trial, ended.members), ended.oof)
        self._parts.diary.write(ended.finished, durable=True)

        if ended.oof is not None:
            self._parts.ensembling.take(self._parts.diary.state.trials[trial], ended.oof)

    def solve_ensemble(self, last: bool = False) -> None:
        """Solve the ensemble again; it is on disk before it is in the log."""
        solved = self._parts.ensembling.solve(last)
        if solved is not None and solved != self._parts.diary.state.ensemble:
            save_ensemble(self._parts.folder, record_of(solved))
            self._parts.diary.write(solved, durable=last)

    def files_of(self, trial: int, members: list[Files]) -> Files:
        """The files of a trial's predictor, of the files of its members."""
        parts = self._parts
        t, spec, setting = parts.diary.state.trials[trial], parts.spec, parts.setting
        model = ModelRecord(t.name, t.family, spec.task, spec.metric, len(members))
        encoding = spec.table.settings.get("encoding", "")
        schema = SchemaRecord(setting.link.columns, spec.target, setting.link.coder, encoding)
        return assemble_files(model, schema, members)

    def _failed(self, message: Message, work: Work) -> None:
        parts, words = self._parts, message.plain["message"]
        if isinstance(work, ImportanceTask):
            parts.ranking.asked = False
            parts.diary.write(e.Note("warning", f"Feature importance is not known: {words}"))
        if isinstance(work, ProbeTask):
            parts.probes[work.family] = 0.0  # its trial will say what is wrong
        if isinstance(work, SelectTask):
            parts.featuring.miss(work.fold)
            if not parts.desk.withdrawn:
                text = f"All columns are used, none could be chosen: {words}"
                parts.diary.write(e.Note("warning", text))
            self._say_features()
        if isinstance(work, EmbedTask):
            parts.featuring.sentences.miss()
            parts.diary.write(e.Note("warning", f"The sentence model is not used: {words}"))
        parts.flight.forget(message.task)
        for job in work.jobs if isinstance(work, TrainTask) else ():
            trial = parts.diary.state.trials[job.trial]
            if trial.status != "running" or job.fold in trial.fold_scores:
                continue
            if message.kind == "lost" and parts.desk.withdrawn:  # was asked to stop, and did not
                parts.desk.miss(job.trial, job.fold)
                self.settle(job.trial)
                continue
            self._fail_trial(job.trial, words)
            if trial.origin == "baseline" and message.kind == "failed":
                raise RunError(words)  # where not even a constant can be fitted, nothing can

    def _fail_trial(self, trial: int, words: str) -> None:
        parts = self._parts
        parts.desk.drop(trial)
        parts.flight.cancel_all(StopReason.STOPPED, trial)
        parts.diary.write(e.TrialFailed(trial, words), durable=True)
