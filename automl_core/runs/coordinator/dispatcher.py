"""Tasks of one run on their way: packed with the bytes they need, sent, remembered until they end.

The only file of a run that talks to the executor.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from automl_core.runs.executor import (
    Blobs,
    DevicePlacement,
    EmbedTask,
    Executor,
    ExecutorStatus,
    FoldTask,
    ImportanceTask,
    Message,
    ProbeTask,
    RefitTask,
    ScoreTask,
    SelectTask,
    TrainTask,
    VisibleFeatures,
    Work,
    pack_rows,
    place_devices,
)
from automl_core.runs.schedule import limits, policy
from automl_core.runs.setup import RunData
from automl_core.search import Proposal
from automl_core.types import Files, StopReason

ROWS_PER_TASK = 500  # of the test rows, at least, that a worker scores

Rows = NDArray[np.int64]


class Dispatcher:
    """Sends tasks to the executor and remembers those that have not ended."""

    def __init__(self, executor: Executor, data: RunData, device: str, workers: int) -> None:
        """At most `workers` tasks should be out at once."""
        self._executor, self._data, self._device = executor, data, device
        self._workers = self._began_with = workers
        self._executor_count = executor.status().count
        self._out: dict[int, Work] = {}
        self._due: dict[int, float] = {}  # time.monotonic() at the end of a task's limit

    # What is out

    @property
    def out(self) -> Collection[Work]:
        """The tasks that have not ended."""
        return self._out.values()

    def work(self, task: int) -> Work | None:
        """The task of this number; None where it is not one of this run, or has ended."""
        return self._out.get(task)

    def count(self, kind: type[Work]) -> int:
        """The number of tasks of one kind that have not ended."""
        return sum(isinstance(work, kind) for work in self._out.values())

    def has_room(self, kind: type[Work]) -> bool:
        """True where fewer tasks of one kind are out than there are workers."""
        return self.count(kind) < self._workers

    def forget(self, task: int) -> None:
        """Take note that the task has ended."""
        self._out.pop(task, None)
        self._due.pop(task, None)

    # From and to the workers

    def poll(self, timeout: float) -> list[Message]:
        """Messages of workers; waits up to `timeout` seconds for the first."""
        return self._executor.poll(timeout)

    def status(self) -> ExecutorStatus:
        """The executor's status, with no more workers than this run may use."""
        status = self._executor.status()
        count, busy = min(status.count, self._workers), min(status.busy, self._workers)
        return replace(status, count=count, busy=busy)

    def placement(self, ordered: bool) -> DevicePlacement:
        """The placement of tasks on the workers there are; `ordered` as in DevicePlacement."""
        return place_devices(self._device, self._workers, self._executor.status().gpus, ordered)

    @property
    def workers(self) -> int:
        """The number of tasks that should be out at once, at most."""
        return self._workers

    def use_workers(self, count: int) -> None:
        """Have fewer tasks out at once from now on, and end the other workers."""
        self._workers = count
        self._executor.resize(count)

    def give_workers_back(self) -> None:
        """The executor has as many workers again as before this run."""
        if self._workers != self._began_with:
            self._executor.resize(self._executor_count)

    def cancel_hung(self) -> None:
        """Stop tasks that hang; a worker that does not react is replaced.

        A task hangs whose worker has shown no sign of life for long, or for a moment beyond the
        task's limit; one that computes, far beyond it: some libraries cannot be interrupted.
        """
        still, now = self._executor.status().still, time.monotonic()
        for number in self._out:
            stands, due = still.get(number, 0.0), self._due.get(number, float("inf"))
            after = limits.STILL_AFTER if stands > limits.STILL else limits.HUNG_AFTER
            if stands > limits.STILL_MOST or now > due + after:
                self._executor.cancel(number, StopReason.STOPPED)

    def cancel_all(self, reason: StopReason) -> None:
        """Ask every task to end with what it has."""
        for number in list(self._out):
            self._executor.cancel(number, reason)

    def drop_all(self) -> None:
        """Cancel every task, and do not wait for what they answer."""
        self.cancel_all(StopReason.STOPPED)
        for number in list(self._out):
            self.forget(number)

    def cancel(self, work: Work) -> None:
        """Ask a task to end."""
        for number, known in list(self._out.items()):
            if known is work:
                self._executor.cancel(number, StopReason.STOPPED)

    def cancel_trial(self, trial: int) -> None:
        """Ask the folds of one trial to end; those that are trained as one with others go on."""
        for number, work in list(self._out.items()):
            if isinstance(work, TrainTask) and all(job.trial == trial for job in work.jobs):
                self._executor.cancel(number, StopReason.STOPPED)

    def youngest_training(self) -> TrainTask | None:
        """The training that was sent last and has not ended; a family's probe is none."""
        found = [work for _, work in sorted(self._out.items()) if isinstance(work, TrainTask)]
        return found[-1] if found else None

    def drop_refits(self) -> None:
        """Cancel all fits on all rows, and do not wait for what they answer."""
        for number, work in list(self._out.items()):
            if isinstance(work, RefitTask):
                self._executor.cancel(number, StopReason.TIME)
                self.forget(number)

    def _submit(self, work: Work, blobs: Blobs, seconds: float | None = None) -> int:
        """Send a task; its number. `cancel_hung` ends it far beyond its limit in `seconds`."""
        number = self._executor.submit(work, blobs)
        self._out[number] = work
        if seconds is not None:
            self._due[number] = time.monotonic() + seconds
        return number

    # One method for each kind of task

    def train(
        self,
        jobs: tuple[FoldTask, ...],
        limit: float | None,
        states: Blobs,
        places: int = 0,
        gain: float = 1.0,
    ) -> None:
        """Folds to be trained within `limit` seconds altogether: of one trial, or of several.

        `states`: their trainings that were interrupted, as blobs of a TrainTask. `places`: so many
        are trained as one, whatever the device, `gain` times as fast as one after the other.
        """
        folds, blobs = self._data.folds, dict(states)
        for i, job in enumerate(jobs):
            blobs[f"train.{i}"] = pack_rows(folds.train[job.fold])
            blobs[f"valid.{i}"] = pack_rows(folds.valid[job.fold])
        compare_at = policy.PRUNE_AT if any(job.rival for job in jobs) else ()
        task = TrainTask(self._data.link, jobs, limit, self._device, places, compare_at, gain)
        self._submit(task, blobs, limit)

    def probe(
        self, proposal: Proposal, seconds: float, seen: VisibleFeatures, members: int = 0
    ) -> None:
        """A fit of `seconds` on the first fold, which shows how fast a family is here; or what is
        gained where so many `members` are trained as one."""
        folds, link = self._data.folds, self._data.link
        blobs = {"train.0": pack_rows(folds.train[0]), "valid.0": pack_rows(folds.valid[0])}
        family, config = proposal.family, proposal.config
        self._submit(
            ProbeTask(link, family, config, seconds, self._device, seen, members),
            blobs,
            3 * seconds + (limits.STACK_PROBE if members else 0.0),
        )

    def select(self, task: SelectTask, rows: Rows) -> None:
        """A selection of columns and pairs, from these rows alone."""
        blobs = {"rows": pack_rows(rows)}
        if self._data.parted is not None:
            blobs["parted"] = pack_rows(self._data.parted[rows])
        seconds = None if task.seconds is None else task.seconds + (task.pair_seconds or 0.0)
        self._submit(task, blobs, seconds)

    def embed(self, task: EmbedTask) -> None:
        """Vectors of all texts."""
        self._submit(task, {}, task.seconds)

    def importance(self, task: ImportanceTask, files: Files, count: int) -> None:
        """Permutation importance of the model in `files` (a predictor of `count` folds)."""
        blobs = {f"model/{name}": data for name, data in files.items()}
        folds = self._data.folds
        for i in range(count):
            blobs[f"valid.{i}"] = pack_rows(folds.valid[task.repeat * folds.k + i])
        self._submit(task, blobs)

    def refit(self, job: FoldTask, rows: Rows, limit: float | None) -> None:
        """A fit on all of these rows within `limit` seconds."""
        task = RefitTask(self._data.link, job, limit, self._device)
        self._submit(task, {"rows": pack_rows(rows)})

    def score_test(self, files: Files) -> list[int]:
        """Predictions of the test rows by the model in `files`, a part of the rows a worker.

        Returns the numbers of the tasks in the order of the rows; none where there are no rows.
        """
        test_set = self._data.test_set
        if not len(test_set.rows):
            return []
        count = max(1, min(self._workers, len(test_set.rows) // ROWS_PER_TASK))
        blobs = {f"model/{name}": data for name, data in files.items()}
        task = ScoreTask(test_set.link)
        parts = np.array_split(test_set.rows, count)
        return [self._submit(task, {**blobs, "rows": pack_rows(rows)}) for rows in parts]
