"""Keeps what trials that are being trained have got, and finds it again in a run that goes on.

The state of a network's training, every few seconds, and the folds that are fitted of a trial that
is not. What cannot be written is left: it helps after an interruption only. Writes no log.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from automl_core.errors import RunError, StorageError
from automl_core.records import RecordError
from automl_core.runs.executor import (
    Blobs,
    FoldFitted,
    FoldTask,
    TrainingKept,
    result_from_bytes,
    result_to_bytes,
)
from automl_core.runs.record import RunFolder, Unfinished
from automl_core.types import TrialStatus

LEAST_SECONDS = 1.0  # of training; a shorter fit is made again
MOST_BYTES_A_SECOND = 20e6  # of training; a larger fit takes too long to write for what it saves

logger = logging.getLogger(__name__)


class KeptTrainings:
    """What one run keeps of its open trials."""

    def __init__(self, folder: RunFolder) -> None:
        self._stored = Unfinished(folder.path)
        self._epochs: dict[tuple[int, int], int] = {}  # of the last states, by trial and fold

    def take_state(self, kept: TrainingKept) -> None:
        """Keep the state of a training, in place of its last one."""
        with _unless_storage_fails():
            self._stored.save_state(kept.trial, kept.folds, b"".join(kept.files.values()))
            self._epochs.update({(kept.trial, fold): kept.epoch for fold in kept.folds})

    def epoch(self, trial: int, folds: tuple[int, ...]) -> int:
        """The epoch of the last states of these folds, the least; 0 where one has none."""
        return min(self._epochs.get((trial, fold), 0) for fold in folds)

    def take_fit(self, part: FoldFitted, is_open: bool) -> None:
        """A fold is fitted: it is kept where its trial is still open and it is worth that."""
        with _unless_storage_fails():
            self._stored.forget_states(part.trial, part.fold)
            worth = part.size_bytes <= MOST_BYTES_A_SECOND * part.train_seconds
            if is_open and worth and part.train_seconds >= LEAST_SECONDS:
                self._stored.save_fit(part.trial, part.fold, result_to_bytes(part))

    def fits(self, trial: int) -> tuple[dict[int, FoldFitted], bool]:
        """The kept folds of a trial, by fold; and whether any of them cannot be used."""
        found, damaged = {}, False
        for fold in self._stored.fitted(trial):
            try:
                part = result_from_bytes(self._stored.fit(trial, fold))
            except (RunError, RecordError, ValueError, KeyError):
                damaged = True
                continue
            if isinstance(part, FoldFitted):
                found[fold] = part
        return found, damaged

    def states(self, jobs: tuple[FoldTask, ...]) -> Blobs:
        """The blobs of a TrainTask for these jobs: trainings of them that were interrupted.

        Raises RunError where one is damaged; it is gone then.
        """
        blobs = {
            f"state.{i}": self._stored.state(job.trial, (job.fold,)) for i, job in enumerate(jobs)
        }
        return {name: data for name, data in blobs.items() if data}

    def forget(self, trial: int) -> None:
        """The trial has ended."""
        with _unless_storage_fails():
            self._stored.forget(trial)

    def forget_ended(self, statuses: dict[int, TrialStatus]) -> None:
        """Trials that have ended without more folds to come; what the crash left of them goes."""
        for trial, status in statuses.items():
            if status not in (TrialStatus.RUNNING, TrialStatus.FINISHED):
                self.forget(trial)

    def clear(self) -> None:
        """The run has ended."""
        with _unless_storage_fails():
            self._stored.clear()


@contextmanager
def _unless_storage_fails() -> Iterator[None]:
    try:
        yield
    except StorageError as error:
        logger.warning("what a training has got is not kept: %s", error)
