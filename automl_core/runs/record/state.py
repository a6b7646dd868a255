"""The state of a run: a pure fold over its events. Nothing here touches the disk."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field, fields, replace

import msgspec

from automl_core.runs.record import events as e
from automl_core.types import (
    CommandName,
    Config,
    FailReason,
    Origin,
    RunStatus,
    Severity,
    StopReason,
    TrialStatus,
)
from automl_core.words import device_name


@dataclass
class Curve:
    """Learning curve of one fold, as parallel lists."""

    epoch: list[int] = field(default_factory=list)
    progress: list[float] = field(default_factory=list)
    train_loss: list[float | None] = field(default_factory=list)
    valid_loss: list[float | None] = field(default_factory=list)
    valid_score: list[float | None] = field(default_factory=list)
    learning_rate: list[float | None] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def copy(self) -> Curve:
        """The same curve, with lists of its own."""
        return Curve(*(list(getattr(self, part.name)) for part in fields(self)))

    def forget_from(self, epoch: int) -> None:
        """Forget this epoch and later ones: they come again, of a fit that was interrupted."""
        if self.epoch and self.epoch[-1] >= epoch:
            place = bisect_left(self.epoch, epoch)
            for part in fields(self):
                del getattr(self, part.name)[place:]


@dataclass
class Trial:
    """One configuration and what became of it."""

    number: int
    name: str
    family: str
    config: Config
    origin: Origin
    started: float  # seconds on the run's clock
    status: TrialStatus = TrialStatus.RUNNING
    score: float | None = None
    ended: float | None = None
    train_seconds: float = 0.0
    predict_ms_per_row: float | None = None
    size_bytes: int | None = None
    message: str = ""
    fail_reason: FailReason | None = None  # None: it has not failed
    curves: dict[int, Curve] = field(default_factory=dict)  # by fold
    fold_scores: dict[int, float | None] = field(default_factory=dict)
    folds: int = 0  # folds in the final model of this trial
    extending: int | None = None  # the further fold that it is being trained on
    cut: bool = False  # the clock ended one of its fits
    interrupted: bool = False  # it was being trained when its run was, and is to be started again
    repeat: int = 0  # which partition of the rows into folds it is trained on
    selected: bool = False  # sees the columns that were chosen only
    sentences: bool = False  # its texts are read by a sentence model, too
    asked: bool = False  # a person asked for it
    workers_lost: int = 0  # workers that died while they trained it
    devices: tuple[str, ...] = ()  # that trained it, for people: "GPU 1 of node-2"

    @property
    def usable(self) -> bool:
        """A model of this trial is on disk."""
        return self.status.may_have_model and self.score is not None

    def copy(self) -> Trial:
        """The same trial, which can change without this one."""
        curves = {fold: curve.copy() for fold, curve in self.curves.items()}
        return replace(self, curves=curves, fold_scores=dict(self.fold_scores))


@dataclass
class RunState:
    """A run, folded from its events. One thread owns and changes it; others get snapshots."""

    status: RunStatus = RunStatus.WAITING
    reason: str = ""
    started: e.RunStarted | None = None
    wall_started: float = 0.0  # seconds since 1970
    clock: float = 0.0  # `t` of the last event
    trials: dict[int, Trial] = field(default_factory=dict)
    ensemble: e.EnsembleSolved | None = None
    solved: list[tuple[float, float]] = field(default_factory=list)  # ensembles: t, score
    importance: e.Importance | None = None
    features: e.FeaturesSelected | None = None
    workers: e.Workers | None = None
    notes: list[tuple[float, e.Note]] = field(default_factory=list)
    finished: e.RunFinished | None = None
    added_seconds: float = 0.0  # of budget, while the run went on
    paused_at: float | None = None  # on the run's clock; None: it is not paused
    paused_seconds: float = 0.0  # of pauses that are over
    left_out: frozenset[str] = frozenset()  # families that a person left out
    asked_again: tuple[e.TrainAgain, ...] = ()  # what people asked for, in this order
    more_folds: frozenset[int] = frozenset()  # trials that people want on further parts
    events: int = 0
    unknown: set[int] = field(default_factory=set)  # trials that have events, but no start
    damage: e.Note | None = None  # what the log lacks; the last of the notes
    resumed: int = 0  # times that the run went on since a trial, or its process in order, has ended
    shared: set[int] = field(default_factory=set, compare=False, repr=False)
    """Trials that a snapshot holds, too: they are copied before they change."""

    def snapshot(self) -> RunState:
        """The state as it is now, which no later event changes.

        It shares the trials with this one, so that it costs little where few of them change.
        """
        self.shared = set(self.trials)
        return replace(
            self, trials=dict(self.trials), solved=list(self.solved), notes=list(self.notes),
            unknown=set(self.unknown), shared=set(),
        )  # fmt: skip

    @property
    def models(self) -> dict[int, Trial]:
        """All that have a model, by number: usable trials, and the ensemble as one of them."""
        found = {t.number: t for t in self.trials.values() if t.usable}
        if self.ensemble is not None:
            found[e.ENSEMBLE] = _as_trial(self.ensemble, self.trials)
        return found

    def apply(self, event: e.Event, t: float, wall: float) -> None:
        """Fold one event in; `t` seconds on the run's clock, `wall` seconds since 1970."""
        self.events += 1
        self.clock = max(self.clock, t)
        match event:
            case e.RunStarted():
                self.started, self.status, self.wall_started = event, RunStatus.RUNNING, wall
            case e.RunResumed():
                self._resume(event, t, wall)
            case e.RunInterrupted():
                self.resumed = 0  # it did not end its process
            case e.Workers():
                self.workers = event
            case e.TrialStarted():
                self._start_trial(event, t)
            case e.Epochs():
                self._add_epochs(event)
            case e.FoldFinished():
                if (trial := self._trial(event.trial)) is not None:
                    trial.fold_scores[event.fold] = event.score
                    trial.cut = trial.cut or event.reason == StopReason.TIME
                    if event.device:
                        name = device_name(event.device, event.node)
                        trial.devices = tuple(dict.fromkeys((*trial.devices, name)))
            case e.TrialExtended():
                if (trial := self._trial(event.trial)) is not None:
                    trial.extending = event.fold
            case e.TrialInterrupted():
                if (trial := self._trial(event.trial)) is not None:
                    trial.workers_lost += 1
            case e.TrialFinished() | e.TrialFailed():
                self._end_trial(event, t)
            case e.EnsembleSolved():
                self.ensemble = event
                self.solved.append((t, event.score))
            case e.Importance():
                self.importance = event
            case e.FeaturesSelected():
                self.features = event
            case e.Command():
                self._obey(event, t)
            case e.Note():
                self.notes.append((t, event))
            case e.RunFinished():
                self._end_pause(t)
                self._end_extensions()
                self.finished, self.status, self.reason = event, event.status, event.reason
            case e.ScoredLate():
                self._add_test_score(event)

    @property
    def budget_seconds(self) -> float | None:
        """Seconds of budget, with those added since Start; None where trials are the budget."""
        given = self.started.budget_seconds if self.started is not None else None
        return None if given is None else given + self.added_seconds

    def spent_seconds(self, clock: float) -> float:
        """Seconds of the budget that are used up when the run's clock shows `clock`: no pauses."""
        now = 0.0 if self.paused_at is None else max(0.0, clock - self.paused_at)
        return clock - self.paused_seconds - now

    @property
    def waiting_again(self) -> tuple[e.TrainAgain, ...]:
        """What people asked for and has not been started, in order."""
        return self.asked_again[sum(t.asked for t in self.trials.values()) :]

    @property
    def ended_trials(self) -> int:
        """Trials that have ended, without the baseline: what a budget of trials counts."""
        return sum(
            t.status != TrialStatus.RUNNING and not t.interrupted and t.origin != Origin.BASELINE
            for t in self.trials.values()
        )

    def _start_trial(self, event: e.TrialStarted, t: float) -> None:
        """A new trial, or one that was interrupted: it keeps its curves, which go on."""
        before = self.trials.get(event.trial)
        self.shared.discard(event.trial)
        trial = self.trials[event.trial] = Trial(
            event.trial, event.name, event.family, event.config, event.origin, t,
            repeat=event.repeat, selected=event.selected, sentences=event.sentences,
            asked=event.asked,
        )  # fmt: skip
        if before is not None and before.interrupted:
            trial.started, trial.curves = before.started, before.copy().curves
            trial.workers_lost = before.workers_lost

    def _resume(self, event: e.RunResumed, t: float, wall: float) -> None:
        """As it was before its end; what was being trained then waits for its next start."""
        self.resumed += 1
        self._end_pause(t)
        self.added_seconds += event.budget_seconds - (self.budget_seconds or 0.0)
        self.status, self.reason, self.finished = RunStatus.RUNNING, "", None
        self.wall_started = wall - t  # the clock stood still meanwhile
        for number in [t.number for t in self.trials.values() if t.status == TrialStatus.RUNNING]:
            if (trial := self._trial(number)) is not None:
                trial.status, trial.ended, trial.interrupted = TrialStatus.STOPPED, t, True
        self._end_extensions()

    def _obey(self, command: e.Command, t: float) -> None:
        match command.name:
            case CommandName.STOP:
                self._end_pause(t)
                self.status = RunStatus.STOPPING
            case CommandName.ADD_TIME:
                self.added_seconds += max(0.0, e.seconds_of(command.argument))
            case CommandName.PAUSE if self.status == RunStatus.RUNNING:
                self.status, self.paused_at = RunStatus.PAUSED, t
            case CommandName.CONTINUE if self.status == RunStatus.PAUSED:
                self._end_pause(t)
                self.status = RunStatus.RUNNING
            case CommandName.LEAVE_OUT:
                self.left_out |= {command.argument}
            case CommandName.TAKE_BACK:
                self.left_out -= {command.argument}
            case CommandName.DROP if (number := e.trial_of(command.argument)) is not None:
                self._drop(number, t)
            case CommandName.TRAIN_AGAIN if (asked := e.again_of(command.argument)) is not None:
                self.asked_again += (asked,)
            case CommandName.MORE_FOLDS if (number := e.trial_of(command.argument)) is not None:
                self.more_folds |= {number}

    def _drop(self, number: int, t: float) -> None:
        """An ensemble with the trial is void: the next solution has it no more."""
        if (trial := self._trial(number)) is None:
            return
        trial.status, trial.extending, trial.interrupted = TrialStatus.DROPPED, None, False
        trial.ended = t if trial.ended is None else trial.ended
        if self.ensemble is not None and number in self.ensemble.trials:
            self.ensemble = None

    def _end_pause(self, t: float) -> None:
        if self.paused_at is not None:
            self.paused_seconds += max(0.0, t - self.paused_at)
            self.paused_at = None

    def _end_extensions(self) -> None:
        for number in [t.number for t in self.trials.values() if t.extending is not None]:
            if (trial := self._trial(number)) is not None:
                trial.extending = None

    def _trial(self, number: int) -> Trial | None:
        """The trial that an event changes; None where the line with its start is lost."""
        if number not in self.trials:
            self.unknown.add(number)
        elif number in self.shared:
            self.shared.discard(number)
            self.trials[number] = self.trials[number].copy()
        return self.trials.get(number)

    def incomplete_trials(self) -> list[int]:
        """Trials whose start or end is not among the events of a run that is over."""
        known = self.trials.keys() | self.unknown
        skipped = set(range(max(known, default=-1))) - known
        open_trials = {t.number for t in self.trials.values() if t.status == TrialStatus.RUNNING}
        return sorted(self.unknown | skipped | open_trials)

    def set_damage(self, message: str) -> None:
        """Say in the notes what the log lacks, in place of what was said of it before."""
        self.notes = [(t, note) for t, note in self.notes if note is not self.damage]
        self.damage = e.Note(Severity.WARNING, message)
        self.notes.append((self.clock, self.damage))

    def _add_test_score(self, event: e.ScoredLate) -> None:
        if self.finished is not None:
            self.finished = msgspec.structs.replace(
                self.finished,
                test_score=event.test_score,
                test_low=event.test_low,
                test_high=event.test_high,
                test_baseline=event.test_baseline,
            )

    def _add_epochs(self, event: e.Epochs) -> None:
        if (trial := self._trial(event.trial)) is None:
            return
        curve = trial.curves.setdefault(event.fold, Curve())
        curve.forget_from(event.epoch[0] if event.epoch else 1)
        curve.epoch.extend(event.epoch)
        curve.progress.extend(event.progress)
        curve.train_loss.extend(event.train_loss)
        curve.valid_loss.extend(event.valid_loss)
        curve.valid_score.extend(event.valid_score)
        curve.learning_rate.extend(event.learning_rate)
        curve.seconds.extend(event.seconds)

    def _end_trial(self, event: e.TrialFinished | e.TrialFailed, t: float) -> None:
        if (trial := self._trial(event.trial)) is None:
            return
        self.resumed = 0
        trial.extending, trial.interrupted = None, False
        if trial.ended is None:  # further folds come in later
            trial.ended = t
        if isinstance(event, e.TrialFailed):
            trial.status, trial.message = TrialStatus.FAILED, event.message
            trial.fail_reason = event.reason
            return
        trial.status, trial.score = event.status, event.score
        trial.train_seconds = event.train_seconds
        trial.predict_ms_per_row = event.predict_ms_per_row
        trial.size_bytes = event.size_bytes
        trial.folds = event.folds


def _as_trial(solved: e.EnsembleSolved, trials: dict[int, Trial]) -> Trial:
    parts = [trials[number] for number in solved.trials if number in trials]
    return Trial(
        e.ENSEMBLE, "ensemble", "ensemble", {}, Origin.ENSEMBLE, 0.0,
        TrialStatus.FINISHED, solved.score,
        ended=max((t.ended or 0.0 for t in parts), default=0.0),
        train_seconds=sum(t.train_seconds for t in parts),
        predict_ms_per_row=solved.predict_ms_per_row,
        size_bytes=solved.size_bytes,
        folds=solved.members,
    )  # fmt: skip
