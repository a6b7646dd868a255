"""A task that a worker has, and what is known of it: enough to give it to another worker.

A pool makes one for each task. Where the machine of a worker ends, the next worker trains only what
has not arrived, and a network from its last state.
"""

from __future__ import annotations

import time
from dataclasses import replace

from automl_core.runs.executor.protocol import Blobs
from automl_core.runs.executor.results import FoldFitted, Result, TrainingKept
from automl_core.runs.executor.tasks import TrainTask, Work

LEAST_SECONDS = 0.1  # that a task gets however late it starts again


class SentTask:
    """One task, its blobs, and the results of it that have arrived."""

    def __init__(self, number: int, work: Work, blobs: Blobs) -> None:
        self.number, self.tries = number, 0
        self._work, self._blobs = work, blobs
        self._began = 0.0  # time.monotonic() of the first try
        self._fitted: set[tuple[int, int]] = set()  # trial and fold
        self._states: dict[tuple[int, int], bytes] = {}  # by trial and fold

    def take(self, result: Result) -> None:
        """Take note of a result; those that are no part of a training change nothing."""
        if isinstance(result, FoldFitted):
            self._fitted.add((result.trial, result.fold))
        elif isinstance(result, TrainingKept):
            for fold in result.folds:
                self._states[result.trial, fold] = b"".join(result.files.values())

    def begin(self) -> Work:
        """The task as the next worker gets it: at once, with the time that is left of its own."""
        self.tries += 1
        if self.tries == 1:
            self._began = time.monotonic()
            return self._work
        work = self.work
        if isinstance(work, TrainTask) and work.limit_seconds is not None and not self._states:
            passed = time.monotonic() - self._began  # a state knows its own share of the limit
            return replace(work, limit_seconds=max(LEAST_SECONDS, work.limit_seconds - passed))
        return work

    @property
    def work(self) -> Work:
        """The task without the folds that have arrived."""
        if not isinstance(self._work, TrainTask) or not self._fitted:
            return self._work
        return replace(self._work, jobs=tuple(self._work.jobs[i] for i in self._left(self._work)))

    @property
    def blobs(self) -> Blobs:
        """The blobs that go with `work`."""
        if not isinstance(self._work, TrainTask) or not (self._fitted or self._states):
            return self._blobs
        found: Blobs = {}
        for place, i in enumerate(self._left(self._work)):
            found[f"train.{place}"] = self._blobs[f"train.{i}"]
            found[f"valid.{place}"] = self._blobs[f"valid.{i}"]
            job = self._work.jobs[i]
            if state := self._states.get((job.trial, job.fold)) or self._blobs.get(f"state.{i}"):
                found[f"state.{place}"] = state
        return found

    @property
    def is_complete(self) -> bool:
        """All that it should bring is there, its end apart."""
        return isinstance(self._work, TrainTask) and not self._left(self._work)

    def _left(self, work: TrainTask) -> list[int]:
        jobs = enumerate(work.jobs)
        return [i for i, job in jobs if (job.trial, job.fold) not in self._fitted]
