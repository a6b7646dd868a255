"""All that can happen in a run: one frozen record a kind. State is a fold over these.

In the log an event is an object with its kind under "kind"; a key that its record does not have
is refused. The order of a run:

run_started -> trial_started -> epochs* -> fold_finished* -> trial_finished | trial_failed
trial_interrupted: while it trains, where its worker has died and another goes on
ensemble, importance, features_selected, workers, note, command: at any time;  run_finished: last,
test_scored: after that, where the test set was scored later; run_interrupted: in place of the end,
where the process was asked to end; run_resumed: where the run goes on, and all of it again
"""

from __future__ import annotations

import math

import msgspec

from automl_core.types import (
    Config,
    DropReason,
    FailReason,
    Origin,
    RunStatus,
    Severity,
    StopReason,
    TrialStatus,
)

ENSEMBLE = -1
"""The number that stands for the ensemble where a trial's number is expected."""


class _Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    """Settings of all events: they cannot change, and unknown keys are refused."""


class RunStarted(_Event, frozen=True, tag="run_started"):
    """The clock starts: `t` of every later line counts from here."""

    budget_seconds: float | None
    budget_trials: int | None
    folds: int  # folds that every trial has; its score is of their rows
    rows_train: int
    rows_test: int
    rows_without_target: int
    process: int  # of the coordinator, to tell a live run from an interrupted one
    checksums: bool = False  # each file of the folder has one; 0.5.0 wrote none
    rows_valid: int | None = None  # that a model is scored on, all folds together; 0.5.0 wrote none
    parts: int | None = None  # that the rows are dealt into; more than `folds`: leaders get further


class RunResumed(_Event, frozen=True, tag="run_resumed"):
    """A run that was over, or interrupted, goes on: its clock with it, from where it stood.

    A trial that was being trained then is started once more: TrialStarted with its number.
    """

    budget_seconds: float  # from Start, with what was added; 0: the budget is a number of trials
    process: int  # of the coordinator


class RunInterrupted(_Event, frozen=True, tag="run_interrupted"):
    """The process that conducts the run was asked to end: the run's clock stands still from here.

    A run whose process was killed has no such event.
    """


class Workers(_Event, frozen=True, tag="workers"):
    """The workers: how many, on which device, and the memory that they hold."""

    device: str  # "cpu", "cuda: NVIDIA ..."
    count: int
    busy: int
    memory_bytes: int  # resident, all workers


class TrialStarted(_Event, frozen=True, tag="trial_started"):
    """A configuration was chosen and its first task handed out.

    After an interruption once more, with the same content: its folds that are fitted already, and
    its curves, stay; an epoch that comes again takes the place of the earlier one.
    """

    trial: int
    name: str  # unique in the run, never reused: "mlp-3"
    family: str
    config: Config
    origin: Origin
    repeat: int = 0  # which partition of the rows into folds it is trained on
    selected: bool = False  # sees the columns that were chosen only
    sentences: bool = False  # its texts are read by a sentence model, too
    asked: bool = False  # a person asked for it, by a command

    def with_features(self, selected: bool, sentences: bool) -> TrialStarted:
        """The same trial, seeing the selected columns only, or texts by a sentence model."""
        return msgspec.structs.replace(self, selected=selected, sentences=sentences)


class Epochs(_Event, frozen=True, tag="epochs"):
    """Several epochs of one fit, column by column: at most four of these a second a trial."""

    trial: int
    fold: int
    epoch: tuple[int, ...]
    progress: tuple[float, ...]
    train_loss: tuple[float | None, ...]
    valid_loss: tuple[float | None, ...]
    valid_score: tuple[float | None, ...]
    learning_rate: tuple[float | None, ...]
    seconds: tuple[float, ...]


class FoldFinished(_Event, frozen=True, tag="fold_finished"):
    """One fold of a trial is fitted, and its files are on disk."""

    trial: int
    fold: int
    score: float | None
    reason: StopReason
    train_seconds: float
    device: str = ""  # that trained it: "cpu", "cuda:1"; "": not known
    node: str = ""  # of a cluster; "": the machine of the run


class TrialFinished(_Event, frozen=True, tag="trial_finished"):
    """All folds are in (or the trial was pruned or stopped with a usable model)."""

    trial: int
    status: TrialStatus
    score: float | None  # on the rows that all trials validate; None: no usable model
    train_seconds: float  # all folds together
    predict_ms_per_row: float | None
    size_bytes: int | None
    folds: int  # folds that are in; fewer than the run's where it was stopped, more if it leads


class TrialExtended(_Event, frozen=True, tag="trial_extended"):
    """A trial that leads is being trained on one more part of the rows; it stays finished.

    TrialFinished follows once more, with as many folds as it has then and the same score.
    """

    trial: int
    fold: int


class TrialInterrupted(_Event, frozen=True, tag="trial_interrupted"):
    """A worker died while it trained folds of the trial; another goes on from what is kept of them.

    Its curves stay; an epoch that comes again takes the place of the earlier one.
    """

    trial: int
    folds: tuple[int, ...]
    message: str  # how the worker ended, for people


class TrialFailed(_Event, frozen=True, tag="trial_failed"):
    """A trial ended without a model; the message is for people, the traceback in the log."""

    trial: int
    message: str
    reason: FailReason = FailReason.OTHER


class EnsembleSolved(_Event, frozen=True, tag="ensemble"):
    """The best weighted average of the trials so far, chosen on out-of-fold predictions."""

    score: float  # cross-validated: weights never meet the rows that they are judged on
    trials: tuple[int, ...]
    weights: tuple[float, ...]  # one a trial, sum 1
    temperature: float  # of the averaged probabilities; 1: as they are
    members: int  # fitted models, folds counted
    predict_ms_per_row: float
    size_bytes: int


class Importance(_Event, frozen=True, tag="importance"):
    """Permutation importance of one model so far: loss of score when a column is shuffled."""

    trial: int
    repeats: int
    features: tuple[str, ...]  # columns of the table
    mean: tuple[float, ...]  # > 0: the column helps, in units of the metric
    low: tuple[float, ...]  # 95 % interval
    high: tuple[float, ...]
    final: bool


class DroppedColumn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A column that later trials do not see."""

    name: str
    reason: DropReason
    copy_of: str  # the column that a copy repeats; "": no copy
    gain: float  # beyond a shuffled copy's, as a share of what all columns gain


class TriedList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The best so many columns, judged on rows that neither ranked nor fitted."""

    columns: int
    score: float  # natural sign
    better: float  # than the kept list, > 0: better, in units of the metric
    error: float  # standard error of that, paired over rows


class PairSearch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Pairs of columns that became features, judged on rows that neither proposed nor fitted."""

    names: tuple[str, ...]  # by at least one list; none: none pays
    proposed: int  # that were looked at
    better: float  # than without them, > 0: better, in units of the metric
    error: float  # standard error of that, paired over rows
    unfinished: bool  # the time did not suffice to tell


class FeaturesSelected(_Event, frozen=True, tag="features_selected"):
    """The columns and pairs of columns that later trials see."""

    lists: int  # of columns that were chosen: one for all folds, or one a fold
    kept: tuple[str, ...]  # by at least one list
    dropped: tuple[DroppedColumn, ...]  # by all lists, best first
    chance: float  # a gain that chance alone may give, as DroppedColumn.gain
    tried: tuple[TriedList, ...]  # longest first
    seconds: float  # of work
    pairs: PairSearch | None = None  # None: pairs were not asked for


class Command(_Event, frozen=True, tag="command"):
    """Something a person asked for while the run went on (from the inbox)."""

    name: str  # a CommandName
    argument: str = ""  # seconds, a family, a trial's number, or TrainAgain as text


def seconds_of(argument: str) -> float:
    """The seconds that an `add_time` asks for; 0 where it is no number of seconds."""
    try:
        seconds = float(argument)
    except ValueError:
        return 0.0
    return seconds if math.isfinite(seconds) else 0.0


class TrainAgain(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `train_again` asks for: the configuration of a trial once more."""

    trial: int
    seconds: float  # of training that its folds may take together

    def as_text(self) -> str:
        """The command's argument."""
        return msgspec.json.encode(self).decode()


def again_of(argument: str) -> TrainAgain | None:
    """What the argument of a `train_again` asks for; None where it is no such text."""
    try:
        asked = msgspec.json.decode(argument, type=TrainAgain)
    except msgspec.MsgspecError:
        return None
    return asked if asked.seconds > 0 and math.isfinite(asked.seconds) else None


def trial_of(argument: str) -> int | None:
    """The trial's number that is the argument of a command; None where it is none."""
    return int(argument) if argument.isdecimal() and len(argument) < 10 else None


class Note(_Event, frozen=True, tag="note"):
    """Something worth telling: a worker died, memory was short, the run ended early."""

    severity: Severity
    message: str


class RunFinished(_Event, frozen=True, tag="run_finished"):
    """The final model and its scores are on disk."""

    status: RunStatus  # finished, stopped or failed
    reason: str  # in words
    best: int | None  # trial of the final model, or ENSEMBLE
    test_score: float | None  # on the test set
    test_low: float | None  # 95 % bootstrap interval
    test_high: float | None
    network: int | None = None  # the best trial that is a deep network
    smallest: int | None = None  # the smallest model that is statistically tied with `best`
    refitted: tuple[int, ...] = ()  # trials that are in `best` as models fitted on all rows
    test_baseline: float | None = None  # the constant's score on the test set
    valid_low: float | None = None  # 95 % interval of the score on held-out rows, where no rows
    valid_high: float | None = None  # were set apart as a test set


class ScoredLate(_Event, frozen=True, tag="test_scored"):
    """The test set was scored after the end, as there was no time for it before."""

    test_score: float
    test_low: float | None  # 95 % bootstrap interval
    test_high: float | None
    test_baseline: float | None = None


Event = (
    RunStarted
    | RunInterrupted
    | RunResumed
    | Workers
    | TrialStarted
    | Epochs
    | FoldFinished
    | TrialFinished
    | TrialExtended
    | TrialInterrupted
    | TrialFailed
    | EnsembleSolved
    | Importance
    | FeaturesSelected
    | Command
    | Note
    | RunFinished
    | ScoredLate
)
