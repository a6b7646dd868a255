"""The fits of one task while they are trained as one: their clocks, reports and states.

Each is a fit of its own: it reports its own epochs, keeps its own state, and ends by itself.
"""

from __future__ import annotations

import statistics
import time

from automl_core.models import Epoch, FitControl, FitData, StackedFit
from automl_core.runs.executor import Blobs, FoldTask, TrainTask
from automl_core.runs.worker.checkpoints import Checkpoint, CheckpointSender, Reached
from automl_core.runs.worker.connection import Connection
from automl_core.runs.worker.progress import ProgressReporter
from automl_core.runs.worker.rivals import Rivals
from automl_core.runs.worker.time_limit import SharedTime, TimeLimit
from automl_core.types import StopReason

MANY = 8  # fits; the states of more take too long to be kept as often as that of one
LEAST_SHARE = 0.4  # of the time that fits take here; one that has less left is not begun


class StackedJobs:
    """All fits of a task."""

    def __init__(self, task: TrainTask, blobs: Blobs, connection: Connection, device: str) -> None:
        self.task, self.connection, self.device = task, connection, device
        self.began = time.monotonic()
        self.shared = SharedTime()
        self.rivals = Rivals(task.jobs, task.compare_at)
        self._useless: set[int] = set()  # trials that end for one of their folds
        self.jobs = [
            StackedJob(self, number, blobs.get(f"state.{number}", b""))
            for number in range(len(task.jobs))
        ]

    def fits(self, data: list[FitData]) -> list[StackedFit]:
        """What is to be fitted, on the data of each."""
        return [
            StackedFit(d, one.job.config, one.control(), one.begin)
            for d, one in zip(data, self.jobs, strict=True)
        ]

    def seconds_left(self) -> float | None:
        """Of the task's limit; None without one."""
        limit = self.task.limit_seconds
        return None if limit is None else limit - (time.monotonic() - self.began)

    def rarer(self, number: int) -> float:
        """How much rarer the state of a fit is kept than alone: more where there are many, and
        not those of all in one moment."""
        count = len(self.task.jobs)
        many = max(1.0, (self.task.places or count) / MANY)
        return many * (1.0 + 0.5 * number / count)

    def give_up(self, trial: int) -> None:
        """End all folds of a trial: one of them failed, or was worse than its peers."""
        self._useless.add(trial)

    def is_pruned(self, trial: int) -> bool:
        """True where a trial was given up or is behind others."""
        return trial in self._useless or self.rivals.is_behind(trial)

    def is_too_late(self, trial: int) -> bool:
        """True where a trial of which nothing has begun would not come far enough to be judged."""
        left = self.seconds_left()
        paces = [pace for one in self.jobs if (pace := one.natural_seconds()) is not None]
        if left is None or not paces or any(o.has_begun for o in self.jobs if o.job.trial == trial):
            return False
        return left < LEAST_SHARE * statistics.median(paces)

    def close(self) -> None:
        """Send what is on its way, also of fits that failed."""
        for one in self.jobs:
            one.reporter.flush()
            one.sender.close()


class StackedJob:
    """One of the fits."""

    def __init__(self, crew: StackedJobs, number: int, state: bytes) -> None:
        self._crew, self._number = crew, number
        self.job: FoldTask = crew.task.jobs[number]
        before = Checkpoint.from_bytes(state)
        self._had, best = before.reached, (*before.reached.best, None)[0]
        metric = crew.task.data.metric
        self.reporter = ProgressReporter(self.job, metric, crew.connection, self._had.seconds, best)
        self.sender = CheckpointSender(
            (self.job,), before, self._reached, crew.connection, crew.rarer(number)
        )
        self._began: float | None = None  # time.monotonic()
        self._ended: float | None = None
        self._progress = 0.0
        self._limit = TimeLimit(crew.began, crew.task.limit_seconds, crew.connection)

    @property
    def has_begun(self) -> bool:
        """True from `begin` on."""
        return self._began is not None

    @property
    def seconds(self) -> float:
        """The share of the task's time that it has taken, with what an earlier process took."""
        return self._had.seconds + self._crew.shared.of(self._number)

    def begin(self) -> bool:
        """Start its clock; False where it is to be left out."""
        crew, trial = self._crew, self.job.trial
        if crew.is_pruned(trial) or crew.is_too_late(trial) or self._limit.interrupted():
            return False
        self._began = time.monotonic()
        left = crew.seconds_left()
        self._limit = TimeLimit(self._began, left, crew.connection, self._had.share)
        crew.shared.begin(self._number)
        return True

    def end(self) -> None:
        """Stop its clock."""
        self._ended = time.monotonic()
        self._crew.shared.end(self._number)

    def natural_seconds(self) -> float | None:
        """Seconds that it would take from beginning to end, at its pace; None: not known yet."""
        if self._began is None or not self._progress:
            return None
        return ((self._ended or time.monotonic()) - self._began) / self._progress

    def control(self) -> FitControl:
        """Its surroundings."""
        return FitControl(
            self._report,
            self._interrupted,
            self._elapsed,
            self.job.seed,
            self._crew.device,
            self.sender,
        )

    def _report(self, epoch: Epoch) -> StopReason | None:
        reason = self.reporter.report(epoch)
        if reason is not None:
            self._crew.give_up(self.job.trial)
        self._progress = epoch.progress
        if epoch.valid_score is not None:
            self._crew.rivals.note(self.job, epoch.progress, self.reporter.best)
        return reason

    def _interrupted(self) -> StopReason | None:
        if self._crew.is_pruned(self.job.trial):
            return StopReason.PRUNED
        return self._limit.interrupted()

    def _elapsed(self) -> float:
        return self._limit.elapsed()

    def _reached(self) -> Reached:
        epoch = self.reporter.epoch or self._had.epoch
        return Reached(self.seconds, self._limit.elapsed(), (self.reporter.best,), epoch)
