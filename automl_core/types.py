"""The words that all packages share: tasks, statuses, reasons, configurations, files."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

Task = Literal["binary", "multiclass", "regression"]
Value = int | float | str | bool
Config = dict[str, Value]
"""One trial's hyperparameters: names of the ModelSpec's space and defaults to plain values."""

Files = dict[str, bytes]
"""A model as files: relative name to content. JSON, safetensors and plain .npz arrays only."""


class StopReason(StrEnum):
    """The reason for the end of a fit. Stopping is a returned value, never an exception."""

    COMPLETED = "completed"  # did all its epochs
    EARLY = "early"  # validation score stopped improving
    PRUNED = "pruned"  # worse than its peers at the same progress
    TIME = "time"  # its share of the budget was used up
    STOPPED = "stopped"  # the user, or the end of the run, asked for it


class RunStatus(StrEnum):
    """State of a run; a run's folder may be interrupted or damaged besides."""

    WAITING = "waiting"  # for other runs of this process
    RUNNING = "running"
    PAUSED = "paused"  # nothing new starts, and its clock stands still
    STOPPING = "stopping"  # a person asked for its end; it saves the best model
    FINISHED = "finished"
    STOPPED = "stopped"  # by a person, with a model
    FAILED = "failed"  # without a model
    INTERRUPTED = "interrupted"  # its process is gone
    DAMAGED = "damaged"  # its files cannot be read

    @property
    def active(self) -> bool:
        """The run may still change."""
        return self in (
            RunStatus.WAITING,
            RunStatus.RUNNING,
            RunStatus.PAUSED,
            RunStatus.STOPPING,
        )


class CommandName(StrEnum):
    """What a person may ask of a run that goes on."""

    STOP = "stop"  # end, and keep the best model
    ADD_TIME = "add_time"  # seconds of budget
    PAUSE = "pause"  # start nothing new until `continue`; what trains goes on to its end
    CONTINUE = "continue"
    LEAVE_OUT = "leave_out"  # start no more trials of a family
    TAKE_BACK = "take_back"  # a family that was left out
    DROP = "drop"  # a trial: it ends, and is no part of the model
    TRAIN_AGAIN = "train_again"  # the configuration of a trial, with more time
    MORE_FOLDS = "more_folds"  # a trial on further parts of the rows


class TrialStatus(StrEnum):
    """State of one trial."""

    RUNNING = "running"
    FINISHED = "finished"  # all folds are in
    PRUNED = "pruned"  # ended early, worse than its peers
    STOPPED = "stopped"  # by a person, or by the end of the run
    DROPPED = "dropped"  # by a person: no part of the model
    FAILED = "failed"

    @property
    def may_have_model(self) -> bool:
        """The trial ended without an error: it has a model where it has a score."""
        return self in (TrialStatus.FINISHED, TrialStatus.PRUNED, TrialStatus.STOPPED)


class Origin(StrEnum):
    """Source of a trial's configuration."""

    BASELINE = "baseline"  # the constant
    PORTFOLIO = "portfolio"  # proven settings of a family
    SEARCH = "search"  # chosen by what was learned from earlier trials
    REPEAT = "repeat"  # an earlier configuration, on another partition of the rows
    ENSEMBLE = "ensemble"  # no trial: the average of several

    @property
    def explores(self) -> bool:
        """A configuration of a real model that was not trained before."""
        return self in (Origin.PORTFOLIO, Origin.SEARCH)


class FailReason(StrEnum):
    """Reason for a task's failure, as far as a run learns from it."""

    OTHER = "other"
    MEMORY = "memory"  # ran out
    LIBRARY = "library"  # that the family needs, and that does not load
    TIME = "time"  # was over before anything was learned


class Severity(StrEnum):
    """Weight of a run's note."""

    INFO = "info"
    WARNING = "warning"


class DropReason(StrEnum):
    """Reason why a column is left out of training."""

    CONSTANT = "constant"  # the same in all rows
    COPY = "copy"  # says what another column says
    NOISE = "noise"  # gains no more than chance
    SPARE = "spare"  # not needed beside the others
    WEAK = "weak"  # of very many, alone it tells less than those that were looked at

    @property
    def adds_nothing(self) -> bool:
        """The column's cells tell nothing that the others do not: no score can change with it."""
        return self in (DropReason.CONSTANT, DropReason.COPY)
