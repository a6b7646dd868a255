"""Reports the epochs of a fit while it trains, and ends a fit that is worse than its peers.

A model calls `report` after each epoch, in the worker's main thread; epochs are sent in batches.
"""

from __future__ import annotations

import math
import time

from automl_core.metrics import loss_of
from automl_core.models import Epoch
from automl_core.runs.executor import EpochsReported, FoldTask
from automl_core.runs.worker.connection import Connection
from automl_core.types import StopReason

FLUSH_SECONDS = 0.25  # epochs are sent at most four times a second


class ProgressReporter:
    """Sends the epochs of one fit, and says after each whether the fit goes on."""

    def __init__(
        self,
        job: FoldTask,
        metric: str,
        connection: Connection,
        seconds: float = 0.0,
        best: float | None = None,
    ) -> None:
        """`seconds` and `best` loss are those of the interrupted fit that this one goes on with."""
        self._before = seconds
        self._job, self._metric, self._connection = job, metric, connection
        self._epochs: list[Epoch] = []  # not sent yet
        self._sent = 0.0  # time.monotonic() of the last batch
        self._best = float("inf") if best is None else best  # loss
        self.epoch = 0  # the last one that was reported; 0: none was, by this fit
        self.pruned = False

    @property
    def best(self) -> float | None:
        """The best score so far, as a loss; None: none yet."""
        return _finite(self._best)

    def report(self, epoch: Epoch) -> StopReason | None:
        """Take one epoch; PRUNED where the fit is worse than its peers were at this progress."""
        self._epochs.append(epoch)
        self.epoch = epoch.epoch
        if time.monotonic() - self._sent > FLUSH_SECONDS:
            self.flush()
        if epoch.valid_score is None:
            return None
        self._best = min(self._best, loss_of(self._metric, epoch.valid_score))
        for progress, worst in self._job.prune:
            if epoch.progress >= progress and self._best > worst:
                self.pruned = True
                return StopReason.PRUNED
        return None

    def flush(self) -> None:
        """Send the epochs that were not sent yet."""
        if not self._epochs:
            return
        epochs = self._epochs
        batch = EpochsReported(
            trial=self._job.trial,
            fold=self._job.fold,
            epoch=tuple(e.epoch for e in epochs),
            progress=tuple(float(e.progress) for e in epochs),
            train_loss=tuple(_finite(e.train_loss) for e in epochs),
            valid_loss=tuple(_finite(e.valid_loss) for e in epochs),
            valid_score=tuple(_finite(e.valid_score) for e in epochs),
            learning_rate=tuple(_finite(e.learning_rate) for e in epochs),
            seconds=tuple(self._before + float(e.seconds) for e in epochs),
        )
        self._connection.send(batch)
        self._epochs, self._sent = [], time.monotonic()


def _finite(value: float | None) -> float | None:
    """The number as JSON can carry it; None where it is infinite or not a number."""
    return float(value) if value is not None and math.isfinite(value) else None
